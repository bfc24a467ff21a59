//! What `include=` reads: every link runs, and seeks what it leads to.

use clinicos_store::page::LinkedTo;
use clinicos_store::{Conn, Engine};

use super::database::run;
use super::statements::{clinic, stored, today};

on_both!(every_link_runs);

/// What records lead to is found by seeking each, never by walking a table.
#[test]
fn links_seek() {
    run(Engine::Sqlite, |conn| Box::pin(each_link_seeks(conn)));
}

async fn each_link_seeks(conn: &mut dyn Conn) {
    for linked in clinicos_clinic::links::ALL {
        let from = LinkedTo { link: linked.sql, clinic: clinic().into(), today: today().into(), records: vec!["a", "b", "c"] };
        let statement = from.statement(10);
        let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let steps = conn.all(&sql, &statement.params, |row| Ok(row.text(3)?.to_owned())).await.unwrap();
        let plan = steps.join("; ");
        assert!(!plan.contains("SCAN"), "{}: {plan}", linked.link.name);
    }
}

async fn every_link_runs(conn: &mut dyn Conn) {
    let made = stored(conn).await;
    let ids: Vec<String> = made.invoices.iter().map(|invoice| invoice.id.to_string()).collect();
    let invoices: Vec<&str> = ids.iter().map(String::as_str).collect();
    for linked in clinicos_clinic::links::ALL {
        let records = if linked.sql.record.starts_with('i') { invoices.clone() } else { vec!["x"] };
        let from = LinkedTo { link: linked.sql, clinic: clinic().into(), today: today().into(), records };
        let statement = from.statement(5_000);
        let parents =
            conn.all(&statement.sql, &statement.params, |row| Ok(row.text(linked.sql.column_count)?.to_owned())).await.unwrap();
        let lines: usize = made.invoices.iter().map(|invoice| invoice.lines.as_ref().unwrap().0.len()).sum();
        if linked.link.name == "lines" {
            assert_eq!(parents.len(), lines);
        }
        assert!(parents.iter().all(|parent| ids.contains(parent)), "{}", linked.link.name);
    }
}
