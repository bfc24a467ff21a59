//! Every statement runs, and what is stored comes back.

use clinicos_clinic::clients::model::Client;
use clinicos_clinic::clients::rows::Adjustment;
use clinicos_clinic::invoices::model::Invoice;
use clinicos_clinic::invoices::stage::{Stage, status};
use clinicos_clinic::synthetic::generate::{History, Place, history};
use clinicos_clinic::synthetic::model::NewBatch;
use clinicos_clinic::{clients, clinics, invoices, organizations, payments};
use clinicos_contract::query::{Op, Operand, Query, Sort, Term};
use clinicos_contract::time::{Date, parse_date};
use clinicos_contract::{CategorySet, Currency, Patch, Record, Timestamp, View, Writer};
use clinicos_gate::{ClinicId, OrganizationId};
use clinicos_store::page::{ListSql, PageOf};
use clinicos_store::{Conn, Value};

use super::sqlite::{Sqlite, now};

fn clinic() -> ClinicId {
    ClinicId::from_bytes([1; 16])
}

fn day(text: &str) -> Date {
    parse_date(text).unwrap()
}

fn today() -> Date {
    day("2026-11-22")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(0).plus_seconds(1_795_000_000 + seconds)
}

/// A client with invoices and payments.
fn some_history(seed: i64) -> History {
    let batch = NewBatch { seed, clients: 8, invoices: 80, years: 2, first_client: 0, count: 8 };
    history(&batch, Place { clinic: clinic(), currency: Currency::USD }, 5)
}

fn json<R: Record>(record: &R) -> String {
    let mut out = Writer::default();
    out.record(record, &View::new(R::SCHEMA, CategorySet::ALL, None));
    String::from_utf8(out.finish().bytes).unwrap()
}

fn stored(conn: &mut dyn Conn) -> History {
    let made = some_history(7);
    now(clients::rows::insert(conn, std::slice::from_ref(&made.client))).unwrap();
    now(invoices::rows::insert(conn, &made.invoices)).unwrap();
    now(payments::rows::insert(conn, &made.payments)).unwrap();
    let allocations: Vec<_> = made.allocations().collect();
    now(payments::rows::insert_allocations(conn, &allocations)).unwrap();
    made
}

#[test]
fn organizations_and_clinics_come_back() {
    let mut database = Sqlite::fresh();
    let conn: &mut dyn Conn = &mut database;
    let body = organizations::sample::CREATE;
    let new: organizations::model::NewOrganization = serde_json::from_str(body).unwrap();
    let mut organization = new.record(OrganizationId::from_bytes([9; 16]), at(0)).unwrap();
    now(organizations::rows::insert(conn, &organization)).unwrap();
    let found = now(organizations::rows::find(conn, None, organization.id)).unwrap().unwrap();
    assert_eq!(json(&found), json(&organization));
    let other = Some(OrganizationId::from_bytes([8; 16]));
    assert!(now(organizations::rows::find(conn, other, organization.id)).unwrap().is_none(), "out of reach");

    let body = clinics::sample::CREATE.replace("{organization_id}", &organization.id.to_string());
    let new: clinics::model::NewClinic = serde_json::from_str(&body).unwrap();
    let mut clinic = new.record(clinic(), at(0)).unwrap();
    now(clinics::rows::insert(conn, &clinic)).unwrap();
    assert_eq!(json(&now(clinics::rows::lock(conn, Some(clinic.id), clinic.id)).unwrap().unwrap()), json(&clinic));
    assert_eq!(now(organizations::rows::count_clinics(conn, organization.id)).unwrap(), 1);

    let patch = serde_json::from_str(r#"{"code":null,"status":"suspended","timezone":"Europe/Berlin"}"#).unwrap();
    let changes: Vec<_> = clinic.apply(patch).unwrap().names().collect();
    assert_eq!(changes, ["code", "status", "timezone"]);
    clinic.touch(at(5));
    now(clinics::rows::update(conn, &clinic)).unwrap();
    let found = now(clinics::rows::find(conn, None, clinic.id)).unwrap().unwrap();
    assert_eq!((json(&found), found.version), (json(&clinic), 2));
    organization.deleted_at = Some(at(6));
    now(organizations::rows::update(conn, &organization)).unwrap();
    assert_eq!(json(&now(organizations::rows::find(conn, None, organization.id)).unwrap().unwrap()), json(&organization));
}

#[test]
fn clients_come_back_and_their_accounts_move() {
    let mut database = Sqlite::fresh();
    let conn: &mut dyn Conn = &mut database;
    let mut client: Client<'static> = some_history(1).client;
    now(clients::rows::insert(conn, std::slice::from_ref(&client))).unwrap();
    assert_eq!(json(&now(clients::rows::find(conn, clinic(), client.id)).unwrap().unwrap()), json(&client));
    assert!(now(clients::rows::exists(conn, clinic(), client.id)).unwrap());
    assert!(!now(clients::rows::exists(conn, ClinicId::from_bytes([2; 16]), client.id)).unwrap(), "another clinic's");

    let by = Adjustment { balance: 500, credit: -20 };
    now(clients::rows::adjust(conn, clinic(), client.id, by, at(9))).unwrap();
    client.balance.amount += 500;
    client.credit.amount -= 20;
    client.touch(at(9));
    assert_eq!(json(&now(clients::rows::lock(conn, clinic(), client.id)).unwrap().unwrap()), json(&client));

    let patch = serde_json::from_str(r#"{"tags":["vip"],"address":null,"preferred_channel":null}"#).unwrap();
    assert_eq!(client.apply(patch).unwrap().names().count(), 3);
    now(clients::rows::update(conn, &client)).unwrap();
    assert_eq!(json(&now(clients::rows::find(conn, clinic(), client.id)).unwrap().unwrap()), json(&client));
    assert!(!now(clients::rows::has_drafts(conn, clinic(), client.id)).unwrap());
}

#[test]
fn invoices_come_back_with_their_lines() {
    let mut database = Sqlite::fresh();
    let conn: &mut dyn Conn = &mut database;
    let made = stored(conn);
    for invoice in &made.invoices {
        let found = now(invoices::rows::find(conn, clinic(), day("2026-10-31"), invoice.id)).unwrap().unwrap();
        assert_eq!(json(&found), json(invoice));
        assert!(now(invoices::rows::has_number(conn, clinic(), &invoice.number)).unwrap());
    }
    let mut invoice = made.invoices[0].clone();
    let line = invoice.lines.clone().unwrap().0.remove(0);
    let sums = invoices::lines::totals([&line]).unwrap();
    invoice.set_lines(vec![line], sums);
    invoice.settle(day("2026-10-31"));
    now(invoices::rows::replace_lines(conn, &invoice)).unwrap();
    now(invoices::rows::update(conn, &invoice)).unwrap();
    let found = now(invoices::rows::lock(conn, clinic(), day("2026-10-31"), invoice.id)).unwrap().unwrap();
    assert_eq!(json(&found), json(&invoice));
    assert!(now(invoices::rows::lock_head(conn, clinic(), today(), invoice.id)).unwrap().unwrap().lines.is_none());
    let again = now(invoices::rows::insert(conn, &made.invoices[1..2]));
    assert!(matches!(again, Err(clinicos_store::StoreError::Constraint(_))), "{again:?}");
}

#[test]
fn numbers_count_on() {
    let mut database = Sqlite::fresh();
    let conn: &mut dyn Conn = &mut database;
    let numbers: Vec<i64> = (0..3).map(|_| now(invoices::rows::next_number(conn, clinic())).unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(now(invoices::rows::next_number(conn, ClinicId::from_bytes([2; 16]))).unwrap(), 1);
}

#[test]
fn payments_come_back_with_their_allocations() {
    let mut database = Sqlite::fresh();
    let conn: &mut dyn Conn = &mut database;
    let made = stored(conn);
    assert!(made.payments.iter().any(|payment| payment.allocations.text() != "[]"));
    for payment in &made.payments {
        let found = now(payments::rows::find(conn, clinic(), payment.id)).unwrap().unwrap();
        assert_eq!(json(&found), json(payment));
        assert_eq!(found.allocations.value(), payment.allocations.value());
    }
    let mut payment = made.payments[0].clone();
    now(payments::rows::delete_allocations(conn, clinic(), payment.id)).unwrap();
    payment.till_id = Some("till".into());
    now(payments::rows::update(conn, &payment)).unwrap();
    let found = now(payments::rows::lock(conn, clinic(), payment.id)).unwrap().unwrap();
    assert_eq!((found.allocations.text(), found.till_id.as_deref()), ("[]", Some("till")));
}

/// Status in SQL and in Rust, over every stage, amounts around the edges and days around the due date.
#[test]
fn both_derivations_of_status_agree() {
    let mut database = Sqlite::fresh();
    let conn: &mut dyn Conn = &mut database;
    let mut invoice: Invoice<'static> = some_history(3).invoices.remove(0);
    let mut cases = 0;
    for stage in Stage::NAMES.iter().filter_map(|name| Stage::parse(name)) {
        for (total, paid) in [(0, 0), (1, 0), (100, 0), (100, 1), (100, 99), (100, 100), (100, 101)] {
            for (due_on, today) in [
                ("2026-11-22", "2026-11-21"),
                ("2026-11-22", "2026-11-22"),
                ("2026-11-22", "2026-11-23"),
                ("2026-09-30", "2026-10-01"),
            ] {
                cases += 1;
                invoice.id = clinicos_clinic::ids::InvoiceId::from_bytes(i128::from(cases).to_be_bytes());
                invoice.number = format!("{cases}").into();
                (invoice.stage, invoice.due_on) = (stage, day(due_on));
                (invoice.total.amount, invoice.paid.amount) = (total, paid);
                now(invoices::rows::insert(conn, std::slice::from_ref(&invoice))).unwrap();
                let found = now(invoices::rows::lock_head(conn, clinic(), day(today), invoice.id)).unwrap().unwrap();
                assert_eq!(
                    found.status,
                    status(stage, total, paid, day(due_on), day(today)),
                    "{stage:?} {paid} of {total}, {due_on} on {today}"
                );
            }
        }
    }
    assert_eq!(cases, 6 * 7 * 4);
}

fn page(conn: &mut dyn Conn, list: &'static ListSql, scope: &[Value<'static>], query: &Query) -> Vec<String> {
    let page = PageOf { list, scope, query, after: None };
    let boundary = page.boundary();
    now(conn.all(&boundary.sql, &boundary.params, |_| Ok(()))).unwrap();
    let statement = page.statement(50);
    let id = list.column_count;
    now(conn.all(&statement.sql, &statement.params, |row| Ok(row.text(id)?.to_owned()))).unwrap()
}

fn filtered(field: &'static str, op: Op, value: Operand) -> Query {
    Query { filters: vec![Term { field, op, value }], ..Query::default() }
}

fn sorted(field: &'static str) -> Query {
    Query { sort: Some(Sort { field, descending: true }), ..Query::default() }
}

#[test]
fn every_filter_and_sort_runs() {
    let mut database = Sqlite::fresh();
    let conn: &mut dyn Conn = &mut database;
    let made = stored(conn);
    let live = || Value::Text("live");
    let lists: [(&'static ListSql, &'static clinicos_contract::Schema, Vec<Value<'static>>); 5] = [
        (&organizations::rows::LIST, organizations::model::Organization::SCHEMA, vec![Value::Text(""), live()]),
        (&clinics::rows::LIST, clinics::model::Clinic::SCHEMA, vec![Value::Text(""), live()]),
        (&clients::rows::LIST, Client::SCHEMA, vec![clinic().into(), live()]),
        (&invoices::rows::LIST, Invoice::SCHEMA, vec![clinic().into(), today().into(), live()]),
        (&payments::rows::LIST, payments::model::Payment::SCHEMA, vec![clinic().into(), live()]),
    ];
    for (list, schema, scope) in &lists {
        page(conn, list, scope, &Query::default());
        for field in schema.fields {
            if field.sort {
                page(conn, list, scope, &sorted(field.name));
            }
            if field.filter != clinicos_contract::schema::Filter::None {
                page(conn, list, scope, &filtered(field.name, Op::Equal, Operand::Text("x".to_owned())));
            }
        }
    }
    let (list, _, scope) = &lists[3];
    assert_eq!(page(conn, list, scope, &Query::default()).len(), made.invoices.len());
    let paid = page(conn, list, scope, &filtered("status", Op::Equal, Operand::Text("paid".to_owned())));
    let expected = made.invoices.iter().filter(|invoice| {
        status(invoice.stage, invoice.total.amount, invoice.paid.amount, invoice.due_on, today()).name() == "paid"
    });
    assert_eq!(paid.len(), expected.count());
}

#[test]
fn pages_walk_an_index() {
    let database = Sqlite::fresh();
    for (list, query, index) in [
        (&clients::rows::LIST, sorted("updated_at"), "clients_by_updated_at"),
        (&clients::rows::LIST, filtered("family_name", Op::Equal, Operand::Text("Lee".to_owned())), "clients_by_family_name"),
        (&invoices::rows::LIST, Query::default(), "PRIMARY KEY (clinic_id=?)"),
        (&invoices::rows::LIST, sorted("issued_on"), "invoices_by_issued_on"),
        (&invoices::rows::LIST, sorted("updated_at"), "invoices_by_updated_at"),
        (&invoices::rows::LIST, filtered("client_id", Op::Equal, Operand::Text("cli".to_owned())), "invoices_by_client"),
        (&invoices::rows::LIST, filtered("number", Op::Equal, Operand::Text("1".to_owned())), "invoices_by_number"),
        (&payments::rows::LIST, sorted("tendered_at"), "payments_by_tendered_at"),
        (&payments::rows::LIST, filtered("client_id", Op::Equal, Operand::Text("cli".to_owned())), "payments_by_client"),
    ] {
        let scope = [Value::Null, Value::Null, Value::Null];
        let used = if std::ptr::eq(list, &invoices::rows::LIST) { &scope[..] } else { &scope[..2] };
        let plan = database.plan(&PageOf { list, scope: used, query: &query, after: None }.statement(51).sql);
        assert!(plan.contains(index), "{plan}");
        assert!(!plan.contains("TEMP B-TREE FOR ORDER BY; ") && !plan.starts_with("SCAN"), "{plan}");
    }
}

#[test]
fn replacing_lines_is_a_patch_of_its_own() {
    let patch: invoices::model::InvoicePatch = serde_json::from_str(r#"{"lines":null}"#).unwrap();
    assert!(matches!(patch.lines, Patch::Clear));
}
