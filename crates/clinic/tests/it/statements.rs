//! Every statement runs, and what is stored comes back.

use clinicos_clinic::clients::model::Client;
use clinicos_clinic::clients::rows::Adjustment;
use clinicos_clinic::ids::{ClientId, PatientId, ProductId};
use clinicos_clinic::invoices::model::Invoice;
use clinicos_clinic::invoices::model::stage::{Stage, status};
use clinicos_clinic::synthetic::generate::{History, Place, history};
use clinicos_clinic::synthetic::model::NewBatch;
use clinicos_clinic::{clients, clinics, invoices, organizations, patients, payments, products, refunds};
use clinicos_contract::query::{Op, Operand, Query, Sort, Term};
use clinicos_contract::time::{Date, parse_date, zone};
use clinicos_contract::{CategorySet, Currency, Patch, Record, Shape, Timestamp, View, Writer};
use clinicos_gate::{ClinicFacts, ClinicId, OrganizationId};
use clinicos_store::page::{ListSql, PageOf};
use clinicos_store::{Conn, Engine, Value};

use super::database::run;

on_both!(
    organizations_and_clinics_come_back,
    clients_come_back_and_their_accounts_move,
    patients_come_back_with_their_owners,
    products_come_back_and_give_their_sku_back,
    invoices_come_back_with_their_lines,
    numbers_count_on,
    payments_come_back_with_their_allocations,
    both_derivations_of_status_agree,
    every_filter_and_sort_runs,
);

pub fn clinic() -> ClinicId {
    ClinicId::from_bytes([1; 16])
}

fn day(text: &str) -> Date {
    parse_date(text).unwrap()
}

pub fn today() -> Date {
    day("2026-11-22")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(0).plus_seconds(1_795_000_000 + seconds)
}

/// A client with invoices and payments.
fn some_history(seed: i64) -> History {
    let batch = NewBatch { seed, clients: 8, invoices: 80, years: 2, first_client: 0, count: 8 };
    history(&batch, Place { clinic: clinic(), currency: Currency::USD }, &[], 5)
}

fn json<R: Record>(record: &R) -> String {
    let mut out = Writer::default();
    out.record(record, &View::new(R::SCHEMA, CategorySet::ALL, None));
    String::from_utf8(out.finish().bytes).unwrap()
}

pub async fn stored(conn: &mut dyn Conn) -> History {
    let made = some_history(7);
    clients::rows::insert(conn, std::slice::from_ref(&made.client)).await.unwrap();
    invoices::rows::insert(conn, &made.invoices).await.unwrap();
    payments::rows::insert(conn, &made.payments).await.unwrap();
    payments::rows::insert_allocations(conn, &made.allocations().collect::<Vec<_>>()).await.unwrap();
    made
}

async fn organizations_and_clinics_come_back(conn: &mut dyn Conn) {
    let body = organizations::sample::CREATE;
    let new: organizations::model::NewOrganization = serde_json::from_str(body).unwrap();
    let mut organization = new.record(OrganizationId::from_bytes([9; 16]), at(0)).unwrap();
    organizations::rows::insert(conn, &organization).await.unwrap();
    let found = organizations::rows::find(conn, None, organization.id).await.unwrap().unwrap();
    assert_eq!(json(&found), json(&organization));
    let other = Some(OrganizationId::from_bytes([8; 16]));
    assert!(organizations::rows::find(conn, other, organization.id).await.unwrap().is_none(), "out of reach");

    let body = clinics::sample::CREATE.replace("{organization_id}", &organization.id.to_string());
    let new: clinics::model::NewClinic = serde_json::from_str(&body).unwrap();
    let mut clinic = new.record(clinic(), at(0)).unwrap();
    clinics::rows::insert(conn, &clinic).await.unwrap();
    assert_eq!(json(&clinics::rows::lock(conn, Some(clinic.id), clinic.id).await.unwrap().unwrap()), json(&clinic));
    assert_eq!(organizations::rows::count_clinics(conn, organization.id).await.unwrap(), 1);

    let patch = serde_json::from_str(r#"{"code":null,"status":"suspended","timezone":"Europe/Berlin"}"#).unwrap();
    let changes: Vec<_> = clinic.apply(patch).unwrap().names().collect();
    assert_eq!(changes, ["code", "status", "timezone"]);
    clinic.touch(at(5));
    clinics::rows::update(conn, &clinic).await.unwrap();
    let found = clinics::rows::find(conn, None, clinic.id).await.unwrap().unwrap();
    assert_eq!((json(&found), found.version), (json(&clinic), 2));
    organization.deleted_at = Some(at(6));
    organizations::rows::update(conn, &organization).await.unwrap();
    assert_eq!(json(&organizations::rows::find(conn, None, organization.id).await.unwrap().unwrap()), json(&organization));
}

async fn clients_come_back_and_their_accounts_move(conn: &mut dyn Conn) {
    let mut client: Client<'static> = some_history(1).client;
    clients::rows::insert(conn, std::slice::from_ref(&client)).await.unwrap();
    assert_eq!(json(&clients::rows::find(conn, clinic(), client.id).await.unwrap().unwrap()), json(&client));
    assert!(clients::rows::exists(conn, clinic(), client.id).await.unwrap());
    assert!(!clients::rows::exists(conn, ClinicId::from_bytes([2; 16]), client.id).await.unwrap(), "another clinic's");

    let by = Adjustment { balance: 500, credit: -20 };
    clients::rows::adjust(conn, clinic(), client.id, by, at(9)).await.unwrap();
    client.balance.amount += 500;
    client.credit.amount -= 20;
    client.touch(at(9));
    assert_eq!(json(&clients::rows::lock(conn, clinic(), client.id).await.unwrap().unwrap()), json(&client));

    let patch = serde_json::from_str(r#"{"tags":["vip"],"address":null,"preferred_channel":null}"#).unwrap();
    assert_eq!(client.apply(patch).unwrap().names().count(), 3);
    clients::rows::update(conn, &client).await.unwrap();
    assert_eq!(json(&clients::rows::find(conn, clinic(), client.id).await.unwrap().unwrap()), json(&client));
    assert!(!clients::rows::has_drafts(conn, clinic(), client.id).await.unwrap());
}

fn facts() -> ClinicFacts {
    ClinicFacts {
        id: clinic(),
        organization: OrganizationId::from_bytes([9; 16]),
        zone: zone("America/Chicago").unwrap(),
        currency: Currency::USD,
        takes_calls: true,
        writes_stopped: false,
        record_comes_in: false,
    }
}

async fn patients_come_back_with_their_owners(conn: &mut dyn Conn) {
    let mut client = some_history(1).client;
    client.id = ClientId::from_bytes([5; 16]);
    clients::rows::insert(conn, std::slice::from_ref(&client)).await.unwrap();
    let body = patients::sample::CREATE.replace("{client_id}", &client.id.to_string());
    let new: patients::model::NewPatient = serde_json::from_str(&body).unwrap();
    let mut patient = new.record(PatientId::from_bytes([6; 16]), &facts(), today(), at(0)).unwrap();
    patients::rows::insert(conn, std::slice::from_ref(&patient)).await.unwrap();
    assert_eq!(json(&patients::rows::find(conn, clinic(), patient.id).await.unwrap().unwrap()), json(&patient));
    assert!(clients::rows::has_patients(conn, clinic(), client.id).await.unwrap());

    let patch = format!(
        r#"{{"status":"deceased","deceased_at":"2026-11-20T15:00:00Z","death_cause":"natural","weight_kg":"11.25","diet":null,
            "alerts":[{{"kind":"caution"}}],"allergies":[{{"substance":"chicken","severity":"mild"}}],"insurance":[{{"carrier":"Acme"}}],
            "ownerships":[{{"client_id":"{0}","role":"foster","to":"2021-06-12"}},
                {{"client_id":"{0}","role":"primary","from":"2021-06-12","to":"2026-11-21"}}]}}"#,
        client.id
    );
    patient.apply(serde_json::from_str(&patch).unwrap(), &facts(), today()).unwrap();
    patient.touch(at(5));
    patients::rows::replace_ownerships(conn, &patient).await.unwrap();
    patients::rows::update(conn, &patient).await.unwrap();
    let found = patients::rows::lock(conn, clinic(), patient.id).await.unwrap().unwrap();
    assert_eq!(json(&found), json(&patient));
    assert_eq!(found.ownerships.value(), patient.ownerships.value());
    assert!(!clients::rows::has_patients(conn, clinic(), client.id).await.unwrap(), "all ownerships are over");
    assert!(patients::rows::exists(conn, clinic(), patient.id).await.unwrap());
    assert!(!patients::rows::exists(conn, ClinicId::from_bytes([2; 16]), patient.id).await.unwrap(), "another clinic's");
    patient.deleted_at = Some(at(6));
    patients::rows::update(conn, &patient).await.unwrap();
    assert!(!patients::rows::exists(conn, clinic(), patient.id).await.unwrap(), "a tombstone");
}

async fn products_come_back_and_give_their_sku_back(conn: &mut dyn Conn) {
    let new: products::model::NewProduct = serde_json::from_str(products::sample::CREATE).unwrap();
    let mut product = new.record(ProductId::from_bytes([6; 16]), &facts(), at(0)).unwrap();
    product.sku = Some("CARP-75".into());
    products::rows::insert(conn, std::slice::from_ref(&product)).await.unwrap();
    assert_eq!(json(&products::rows::find(conn, clinic(), product.id).await.unwrap().unwrap()), json(&product));
    assert_eq!(products::rows::with_sku(conn, clinic(), "CARP-75").await.unwrap(), Some(product.id));
    assert_eq!(products::rows::with_sku(conn, ClinicId::from_bytes([2; 16]), "CARP-75").await.unwrap(), None);

    let patch = r#"{"cost":{"amount":61,"currency":"USD"},"controlled_schedule":"IV","on_hand":"-1.5","active":false}"#;
    product.apply(serde_json::from_str(patch).unwrap(), Currency::USD).unwrap();
    product.touch(at(5));
    product.deleted_at = Some(at(5));
    products::rows::update(conn, &product).await.unwrap();
    assert_eq!(json(&products::rows::lock(conn, clinic(), product.id).await.unwrap().unwrap()), json(&product));
    let mut next = products::model::Product { id: ProductId::from_bytes([7; 16]), deleted_at: None, ..product };
    products::rows::insert(conn, std::slice::from_ref(&next)).await.unwrap();
    assert_eq!(products::rows::with_sku(conn, clinic(), "CARP-75").await.unwrap(), Some(next.id));
    next.id = ProductId::from_bytes([8; 16]);
    let twice = products::rows::insert(conn, std::slice::from_ref(&next)).await;
    assert!(matches!(twice, Err(clinicos_store::StoreError::Constraint(_))), "{twice:?}");
}

async fn invoices_come_back_with_their_lines(conn: &mut dyn Conn) {
    let made = stored(conn).await;
    for invoice in &made.invoices {
        let found = invoices::rows::find(conn, clinic(), day("2026-10-31"), invoice.id).await.unwrap().unwrap();
        assert_eq!(json(&found), json(invoice));
        assert!(invoices::rows::has_number(conn, clinic(), &invoice.number).await.unwrap());
    }
    let mut invoice = made.invoices[0].clone();
    let line = invoice.lines.clone().unwrap().0.remove(0);
    let sums = invoices::model::lines::totals([&line]).unwrap();
    invoice.set_lines(vec![line], sums);
    invoice.settle(day("2026-10-31"));
    invoices::rows::replace_lines(conn, &invoice).await.unwrap();
    invoices::rows::update(conn, &invoice).await.unwrap();
    let found = invoices::rows::lock(conn, clinic(), day("2026-10-31"), invoice.id).await.unwrap().unwrap();
    assert_eq!(json(&found), json(&invoice));
    assert!(invoices::rows::lock_head(conn, clinic(), today(), invoice.id).await.unwrap().unwrap().lines.is_none());
    let again = invoices::rows::insert(conn, &made.invoices[1..2]).await;
    assert!(matches!(again, Err(clinicos_store::StoreError::Constraint(_))), "{again:?}");
}

async fn numbers_count_on(conn: &mut dyn Conn) {
    for expected in 1..=3 {
        assert_eq!(invoices::rows::next_number(conn, clinic()).await.unwrap(), expected);
    }
    assert_eq!(invoices::rows::next_number(conn, ClinicId::from_bytes([2; 16])).await.unwrap(), 1);
}

async fn payments_come_back_with_their_allocations(conn: &mut dyn Conn) {
    let made = stored(conn).await;
    assert!(made.payments.iter().any(|payment| payment.allocations.text() != "[]"));
    for payment in &made.payments {
        let found = payments::rows::find(conn, clinic(), payment.id).await.unwrap().unwrap();
        assert_eq!(json(&found), json(payment));
        assert_eq!(found.allocations.value(), payment.allocations.value());
    }
    let mut payment = made.payments[0].clone();
    payments::rows::delete_allocations(conn, clinic(), payment.id).await.unwrap();
    payment.till_id = Some("till".into());
    payments::rows::update(conn, &payment).await.unwrap();
    let found = payments::rows::lock(conn, clinic(), payment.id).await.unwrap().unwrap();
    assert_eq!((found.allocations.text(), found.till_id.as_deref()), ("[]", Some("till")));
}

/// Status in SQL and in Rust, over every stage, amounts around the edges and days around the due date.
async fn both_derivations_of_status_agree(conn: &mut dyn Conn) {
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
                invoices::rows::insert(conn, std::slice::from_ref(&invoice)).await.unwrap();
                let found = invoices::rows::lock_head(conn, clinic(), day(today), invoice.id).await.unwrap().unwrap();
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

async fn page(conn: &mut dyn Conn, list: &'static ListSql, scope: &[Value<'static>], query: &Query) -> Vec<String> {
    let page = PageOf { list, scope, query, after: None };
    let boundary = page.boundary();
    conn.all(&boundary.sql, &boundary.params, |_| Ok(())).await.unwrap();
    let statement = page.statement(50);
    let id = list.column_count;
    conn.all(&statement.sql, &statement.params, |row| Ok(row.text(id)?.to_owned())).await.unwrap()
}

fn filtered(field: &'static str, op: Op, value: Operand) -> Query {
    let mut query = Query::default();
    query.filters.push(Term { field, op, value });
    query
}

fn some_operand(shape: &Shape) -> Operand {
    match shape {
        Shape::Int | Shape::Money | Shape::Bool | Shape::Time => Operand::Int(1),
        _ => Operand::Text("x".to_owned()),
    }
}

fn sorted(field: &'static str) -> Query {
    let mut query = Query::default();
    query.sort = Some(Sort { field, descending: true });
    query
}

async fn every_filter_and_sort_runs(conn: &mut dyn Conn) {
    let made = stored(conn).await;
    let live = || Value::Text("live");
    let lists: [(&'static ListSql, &'static clinicos_contract::Schema, Vec<Value<'static>>); 8] = [
        (&organizations::rows::LIST, organizations::model::Organization::SCHEMA, vec![Value::Text(""), live()]),
        (&clinics::rows::LIST, clinics::model::Clinic::SCHEMA, vec![Value::Text(""), live()]),
        (&clients::rows::LIST, Client::SCHEMA, vec![clinic().into(), live()]),
        (&invoices::rows::LIST, Invoice::SCHEMA, vec![clinic().into(), today().into(), live()]),
        (&payments::rows::LIST, payments::model::Payment::SCHEMA, vec![clinic().into(), live()]),
        (&patients::rows::LIST, patients::model::Patient::SCHEMA, vec![clinic().into(), live()]),
        (&products::rows::LIST, products::model::Product::SCHEMA, vec![clinic().into(), live()]),
        (&refunds::rows::LIST, refunds::model::Refund::SCHEMA, vec![clinic().into()]),
    ];
    let plain = clinicos_clinic::RESOURCES.iter().filter_map(|folder| folder.statements);
    let plain = plain.map(|known| (known.list, known.schema, vec![clinic().into(), Value::Text("all")]));
    for (list, schema, scope) in lists.iter().cloned().chain(plain) {
        let scope = &scope;
        page(conn, list, scope, &Query::default()).await;
        for field in schema.fields {
            if field.sort {
                page(conn, list, scope, &sorted(field.name)).await;
            }
            if field.filter != clinicos_contract::schema::Filter::None {
                page(conn, list, scope, &filtered(field.name, Op::Equal, some_operand(&field.shape))).await;
            }
        }
    }
    let (list, _, scope) = &lists[3];
    assert_eq!(page(conn, list, scope, &Query::default()).await.len(), made.invoices.len());
    let paid = page(conn, list, scope, &filtered("status", Op::Equal, Operand::Text("paid".to_owned()))).await;
    let expected = made.invoices.iter().filter(|invoice| {
        status(invoice.stage, invoice.total.amount, invoice.paid.amount, invoice.due_on, today()).name() == "paid"
    });
    assert_eq!(paid.len(), expected.count());
}

/// PostgreSQL gathers figures by itself; SQLite is given some, and this is what they are for.
#[test]
fn pages_walk_an_index() {
    run(Engine::Sqlite, |conn| Box::pin(each_page_walks_its_index(conn)));
}

async fn each_page_walks_its_index(conn: &mut dyn Conn) {
    let by = |field, value: &str| filtered(field, Op::Equal, Operand::Text(value.to_owned()));
    let lists: [(&'static ListSql, Query, &str); 17] = [
        (&clients::rows::LIST, sorted("updated_at"), "clients_by_updated_at"),
        (&clients::rows::LIST, by("family_name", "Lee"), "clients_by_family_name"),
        (&invoices::rows::LIST, Query::default(), "PRIMARY KEY (clinic_id=?)"),
        (&invoices::rows::LIST, sorted("issued_on"), "invoices_by_issued_on"),
        (&invoices::rows::LIST, sorted("updated_at"), "invoices_by_updated_at"),
        (&invoices::rows::LIST, by("client_id", "cli"), "invoices_by_client"),
        (&invoices::rows::LIST, by("number", "1"), "invoices_by_number"),
        (&payments::rows::LIST, sorted("tendered_at"), "payments_by_tendered_at"),
        (&payments::rows::LIST, by("client_id", "cli"), "payments_by_client"),
        (&patients::rows::LIST, by("client_id", "cli"), "patients_by_client"),
        (&patients::rows::LIST, sorted("name"), "patients_by_name"),
        (&patients::rows::LIST, sorted("updated_at"), "patients_by_updated_at"),
        (&products::rows::LIST, by("sku", "A"), "products_by_sku"),
        (&products::rows::LIST, sorted("name"), "products_by_name"),
        (&products::rows::LIST, sorted("updated_at"), "products_by_updated_at"),
        (&refunds::rows::LIST, by("payment_id", "pay"), "refunds_by_payment"),
        (&refunds::rows::LIST, sorted("updated_at"), "refunds_by_updated_at"),
    ];
    for (list, query, index) in &lists {
        walks(conn, list, query, index).await;
    }
    for plain in clinicos_clinic::RESOURCES.iter().filter_map(|folder| folder.statements) {
        let list = plain.list;
        walks(conn, list, &Query::default(), "PRIMARY KEY (clinic_id=?)").await;
        for field in plain.schema.fields.iter().filter(|field| field.sort) {
            walks(conn, list, &sorted(field.name), &index_of(list, field.name)).await;
        }
        for field in list.indexed {
            walks(conn, list, &by(field, "x"), &index_of(list, field)).await;
        }
        let Some(word) = list.worklist else { continue };
        walks(conn, list, &by(word, "x"), &index_of(list, word)).await;
        // Beside an order or another index it only drops rows: most records may have the word.
        let mut in_order = sorted("updated_at");
        in_order.filters = by(word, "x").filters;
        walks(conn, list, &in_order, &index_of(list, "updated_at")).await;
        for mut narrowed in list.indexed.iter().map(|field| by(field, "x")) {
            let index = index_of(list, narrowed.filters[0].field);
            narrowed.filters.extend(by(word, "x").filters);
            walks(conn, list, &narrowed, &index).await;
        }
    }
}

/// How an index is named: `appointments_by_client` for `client_id`.
fn index_of(list: &ListSql, field: &str) -> String {
    format!("{}_by_{}", list.table, field.trim_end_matches("_id"))
}

async fn walks(conn: &mut dyn Conn, list: &'static ListSql, query: &Query, index: &str) {
    let scope = [clinic().into(), Value::Text("2026-11-22"), Value::Text("live")];
    let parameters = (1..=3).filter(|at| list.scope.contains(&format!("${at}"))).count();
    let used = &scope[..parameters];
    let statement = PageOf { list, scope: used, query, after: None }.statement(51);
    let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
    let steps = conn.all(&sql, &statement.params, |row| Ok(row.text(3)?.to_owned())).await.unwrap();
    let plan = steps.join("; ");
    assert!(plan.contains(index), "{}: {plan}", list.table);
    assert!(!plan.contains("FOR ORDER BY") && !plan.starts_with("SCAN"), "{}: {plan}", list.table);
}

#[test]
fn replacing_lines_is_a_patch_of_its_own() {
    let patch: invoices::model::InvoicePatch = serde_json::from_str(r#"{"lines":null}"#).unwrap();
    assert!(matches!(patch.lines, Patch::Clear));
}
