//! Synthetic records add up, and the same seed gives the same ones.

use std::collections::BTreeMap;

use clinicos_clinic::invoices::model::Invoice;
use clinicos_clinic::invoices::model::lines::{NewLine, totals};
use clinicos_clinic::invoices::model::stage::{self, Stage};
use clinicos_clinic::patients::model::status::PatientStatus;
use clinicos_clinic::payments::model::check_allocations;
use clinicos_clinic::synthetic::generate::{History, Place, history};
use clinicos_clinic::synthetic::load::load;
use clinicos_clinic::synthetic::model::NewBatch;
use clinicos_clinic::synthetic::stock;
use clinicos_contract::Currency;
use clinicos_contract::time::parse_date;
use clinicos_gate::ClinicId;
use clinicos_store::{Conn, Engine};

use super::database::run;

on_both!(the_same_seed_gives_the_same_rows, parts_make_the_whole);

fn place() -> Place {
    Place { clinic: ClinicId::from_bytes([1; 16]), currency: Currency::USD }
}

fn batch(seed: i64) -> NewBatch {
    NewBatch { seed, clients: 12, invoices: 70, years: 3, first_client: 0, count: 12 }
}

#[test]
fn everything_adds_up_for_many_seeds() {
    for seed in 0..200 {
        let batch = batch(seed);
        let made: Vec<History> = (0..12).map(|at| history(&batch, place(), &[], at)).collect();
        assert_eq!(made.iter().map(|history| history.invoices.len()).sum::<usize>(), 70);
        made.iter().for_each(adds_up);
        let mut numbers: Vec<_> = made.iter().flat_map(|history| &history.invoices).map(|invoice| &invoice.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 70);
    }
}

fn adds_up(made: &History) {
    let mut paid = BTreeMap::new();
    let mut credit = 0;
    for payment in &made.payments {
        let allocations = payment.allocations.value().unwrap().0;
        let allocated = check_allocations(&allocations, payment.amount).unwrap();
        assert!(payment.amount.amount > 0);
        assert_eq!(payment.unallocated.amount, if payment.status.counts() { payment.amount.amount - allocated } else { 0 });
        assert!(payment.status.counts() || allocations.is_empty());
        assert_eq!(clinicos_contract::id::uuid_v7_ms(payment.id.to_bytes()) / 1_000, payment.tendered_at.as_millis() / 1_000);
        credit += payment.unallocated.amount;
        for allocation in allocations {
            *paid.entry(allocation.invoice_id).or_insert(0) += allocation.amount.amount;
        }
    }
    for invoice in &made.invoices {
        assert_eq!(invoice.paid.amount, paid.get(&invoice.id).copied().unwrap_or(0));
        invoice_adds_up(invoice);
    }
    assert_eq!(made.client.balance.amount, made.invoices.iter().map(|invoice| invoice.balance.amount).sum::<i64>());
    assert_eq!(made.client.credit.amount, credit);
    assert!(made.client.created_at <= made.client.updated_at);
    assert!(made.invoices.is_sorted_by_key(|invoice| invoice.id), "ids follow time");
    assert!(made.invoices.iter().all(|invoice| made.client.id.to_string()[4..] < invoice.id.to_string()[4..]));
}

#[test]
fn patients_are_what_the_rules_allow() {
    let end = parse_date("2026-10-31").unwrap();
    let (mut co_owned, mut deceased, mut treated, mut lines) = (0, 0, 0, 0);
    for seed in 0..100 {
        for made in (0..12).map(|at| history(&batch(seed), place(), &[], at)) {
            assert!((1..=3).contains(&made.patients.len()));
            for patient in &made.patients {
                let ownerships = patient.ownerships.value().unwrap();
                ownerships.check(patient.status, end).unwrap();
                assert_eq!(patient.client_id, ownerships.primary());
                assert!(ownerships.0.iter().any(|one| one.client_id == made.client.id));
                assert_eq!(patient.status == PatientStatus::Deceased, patient.deceased_at.is_some());
                assert!(patient.birth_date.unwrap() < end && patient.created_at <= patient.updated_at);
                co_owned += usize::from(ownerships.0.len() == 2);
                deceased += usize::from(patient.deceased_at.is_some());
            }
            for invoice in &made.invoices {
                let billed = &invoice.lines.as_ref().unwrap().0;
                let about: Vec<_> = billed.iter().filter_map(|line| line.patient_id).collect();
                assert!(about.windows(2).all(|pair| pair[0] == pair[1]), "a visit is about one patient");
                for id in &about {
                    let patient = made.patients.iter().find(|patient| patient.id == *id).unwrap();
                    assert!(patient.deceased_at.is_none_or(|died| invoice.created_at < died), "billed after its death");
                }
                (treated, lines) = (treated + about.len(), lines + billed.len());
            }
        }
    }
    assert!(co_owned > 0 && deceased > 0 && treated * 2 > lines, "{co_owned} {deceased} {treated} of {lines}");
}

#[test]
fn products_are_the_price_list() {
    let made = stock::products(42, place());
    assert_eq!(made.iter().map(|product| product.id).collect::<Vec<_>>(), stock::ids(42));
    assert_ne!(stock::ids(42), stock::ids(43));
    assert!(made.iter().all(|product| product.tracked == product.cost.is_some()));
    let with_products = history(&batch(42), place(), &stock::ids(42), 2);
    for line in with_products.invoices.iter().flat_map(|invoice| &invoice.lines.as_ref().unwrap().0) {
        let product = made.iter().find(|product| Some(product.id) == line.product_id).unwrap();
        assert_eq!((&product.name, product.price, &product.gl_code), (&line.description, line.unit_price, &line.gl_code));
    }
}

/// The lines are what the API would have made of them.
fn invoice_adds_up(invoice: &Invoice<'_>) {
    let lines = &invoice.lines.as_ref().unwrap().0;
    assert!((1..=6).contains(&lines.len()));
    for line in lines {
        let new = NewLine {
            patient_id: line.patient_id,
            product_id: line.product_id,
            description: Some(line.description.to_string()),
            quantity: Some(line.quantity.0.to_string()),
            unit_price: Some(line.unit_price),
            discount: Some(line.discount),
            tax: Some(line.tax),
            revenue_category: Some(line.revenue_category),
            gl_code: line.gl_code.as_deref().map(str::to_owned),
            performed_on: Some(line.performed_on),
            state: Some(line.state),
        };
        let made = new.line(0, line.id, invoice.total.currency, invoice.issued_on, 1, None).unwrap();
        assert_eq!(made.total, line.total);
    }
    let sums = totals(lines).unwrap();
    let found = [invoice.subtotal, invoice.discount, invoice.tax, invoice.total].map(|money| money.amount);
    assert_eq!(found, [sums.subtotal, sums.discount, sums.tax, sums.total]);
    assert!(invoice.paid.amount <= invoice.total.amount);
    assert_eq!(invoice.balance.amount, stage::balance(invoice.stage, invoice.total.amount, invoice.paid.amount));
    assert_eq!(invoice.stage == Stage::Void, invoice.voided_at.is_some());
    let last = parse_date("2026-10-31").unwrap();
    assert!(invoice.issued_on <= last && invoice.issued_on < invoice.due_on && invoice.created_at <= invoice.updated_at);
}

#[test]
fn all_fates_occur() {
    let batch = NewBatch { seed: 1, clients: 100, invoices: 9_000, years: 2, first_client: 0, count: 100 };
    let mut counts = BTreeMap::new();
    for at in 0..100 {
        for invoice in history(&batch, place(), &[], at).invoices {
            *counts.entry(invoice.status.name()).or_insert(0) += 1;
        }
    }
    for status in ["draft", "open", "sent", "partial", "paid", "overdue", "void", "written_off", "collections"] {
        assert!(counts.contains_key(status), "{status} is missing: {counts:?}");
    }
    assert!(counts["paid"] > 7_500, "{counts:?}");
}

#[test]
fn the_same_seed_gives_the_same_records() {
    let text = |seed: i64| format!("{:?}", (0..12).map(|at| history(&batch(seed), place(), &[], at)).collect::<Vec<_>>());
    assert_eq!(text(42), text(42));
    assert_ne!(text(42), text(43));
}

async fn the_same_seed_gives_the_same_rows(conn: &mut dyn Conn) {
    let loaded = load(conn, &batch(42), place()).await.unwrap();
    // Pinned: a change of the generator is a change of everybody's sandbox.
    assert_eq!(format!("{:016x}", loaded.digest.0), "795cc311ae5e2a7c");
    assert_eq!(loaded.invoices, 70);
}

/// Run with `--release --ignored` to measure: 100,000 invoices in one transaction.
#[test]
#[ignore = "for measuring"]
fn load_many() {
    async fn many(conn: &mut dyn Conn) {
        let batch = NewBatch { seed: 1, clients: 5_000, invoices: 100_000, years: 5, first_client: 0, count: 5_000 };
        let loaded = load(conn, &batch, place()).await.unwrap();
        println!("{} invoices, {} lines, {} payments", loaded.invoices, loaded.lines, loaded.payments);
    }
    run(Engine::Sqlite, |conn| Box::pin(many(conn)));
}

const TABLES: [&str; 8] =
    ["clients", "patients", "patient_ownerships", "products", "invoices", "invoice_lines", "payments", "payment_allocations"];

async fn counts(conn: &mut dyn Conn, clinic: ClinicId) -> Vec<i64> {
    let mut found = Vec::new();
    for table in TABLES {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE clinic_id = $1");
        found.extend(conn.one(&sql, &[clinic.into()], |row| row.int(0)).await.unwrap());
    }
    found
}

/// In two clinics of one database: as a whole, and in parts.
async fn parts_make_the_whole(conn: &mut dyn Conn) {
    let other = Place { clinic: ClinicId::from_bytes([2; 16]), ..place() };
    load(conn, &batch(5), place()).await.unwrap();
    for first_client in [0, 6] {
        load(conn, &NewBatch { first_client, count: 6, ..batch(5) }, other).await.unwrap();
    }
    let whole = counts(conn, place().clinic).await;
    assert!(whole.iter().all(|count| *count > 0), "{whole:?}");
    assert_eq!(counts(conn, other.clinic).await, whole);
}

#[test]
fn batches_stay_in_proportion() {
    let good = batch(1);
    assert!(good.check().is_ok());
    for bad in [
        NewBatch { years: 31, ..good },
        NewBatch { count: 13, ..good },
        NewBatch { first_client: 1, ..good },
        NewBatch { invoices: 300_000, ..good },
        NewBatch { clients: i64::MAX, ..good },
    ] {
        assert!(bad.check().is_err(), "{bad:?}");
    }
}
