//! What `clinicos demo` begins with: a clinic whose books say what its records say.

use std::collections::BTreeMap;

use clinicos_testkit::Engine;
use serde_json::Value;

use crate::program::{CLINICOS, DATA_DIR, Demo, clean};

/// Every record of the demo's clinic, as an export has them.
fn everything(demo: &Demo) -> BTreeMap<String, Vec<Value>> {
    let to = demo.directory().join("everything");
    let clinic = demo.made("clinic_id").to_owned();
    let arguments = ["export", "--data-dir", DATA_DIR, "--clinic", &clinic, "--to", to.to_str().unwrap()];
    let output = clean(CLINICOS, demo.directory()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files = std::fs::read_dir(&to).unwrap().map(|entry| entry.unwrap().path());
    let lines = files.filter(|path| path.extension().is_some_and(|extension| extension == "ndjson")).map(|path| {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    });
    lines.collect()
}

fn cents(value: &Value) -> i64 {
    value["amount"].as_i64().unwrap_or(0)
}

fn sum(records: &[Value], field: &str) -> i64 {
    records.iter().map(|record| cents(&record[field])).sum()
}

/// Debits less credits of an account.
fn account(entries: &[Value], name: &str) -> i64 {
    let lines = entries.iter().flat_map(|entry| entry["lines"].as_array().unwrap());
    lines.filter(|line| line["account"] == name).map(|line| cents(&line["debit"]) - cents(&line["credit"])).sum()
}

fn the_demo_begins_with_books_that_fit(engine: Engine) {
    let all = everything(&Demo::start_whole(engine));
    let (invoices, payments, entries) = (&all["invoices"], &all["payments"], &all["journal_entries"]);
    assert_eq!(account(entries, "1200"), sum(&all["clients"], "balance"), "what is owed");
    assert_eq!(account(entries, "1200"), sum(invoices, "balance"), "for which invoices");
    assert_eq!(account(entries, "2100"), -sum(&all["clients"], "credit"), "what was paid ahead");
    let issued: BTreeMap<&str, &str> =
        invoices.iter().map(|one| (one["id"].as_str().unwrap(), one["issued_on"].as_str().unwrap())).collect();
    let mut by_the_till = 0;
    for payment in payments {
        let day = &payment["tendered_at"].as_str().unwrap()[..10];
        for one in payment["allocations"].as_array().unwrap() {
            assert!(issued[one["invoice_id"].as_str().unwrap()] <= day, "{payment}");
        }
        by_the_till += usize::from(payment["provider"] == "manual" && payment["method"] == "card");
    }
    assert!(by_the_till > 20, "{by_the_till} payments by the till");
    let overdue = invoices.iter().filter(|one| one["status"] == "overdue").count();
    assert!(overdue > 0, "somebody has to be asked for money");
}

#[test]
fn the_demo_begins_with_books_that_fit_sqlite() {
    the_demo_begins_with_books_that_fit(Engine::Sqlite);
}

#[test]
fn the_demo_begins_with_books_that_fit_postgres() {
    the_demo_begins_with_books_that_fit(Engine::Postgres);
}
