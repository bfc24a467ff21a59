//! How much a refund pays back, and where it is taken from.

use clinicos_contract::Currency;
use clinicos_contract::time::zone;
use clinicos_gate::{ClinicFacts, OrganizationId};
use serde_json::json;

use super::*;
use crate::payments::model::Tender;
use crate::payments::model::status::PaymentStatus;

fn dollars(amount: i64) -> Money {
    Money::new(amount, Currency::USD)
}

fn invoice(byte: u8) -> InvoiceId {
    InvoiceId::from_bytes([byte; 16])
}

/// A payment of 1,000 that puts these amounts towards invoices 1, 2, ….
fn payment(allocated: &[i64], refunded: i64) -> Payment<'static> {
    let clinic = ClinicFacts {
        id: ClinicId::from_bytes([1; 16]),
        organization: OrganizationId::from_bytes([1; 16]),
        zone: zone("America/Chicago").unwrap(),
        currency: Currency::USD,
        takes_calls: true,
        writes_stopped: false,
        record_comes_in: false,
    };
    let tender: Tender = serde_json::from_value(json!({"amount": dollars(1_000), "method": "cash"})).unwrap();
    let (id, client, now) = (PaymentId::from_bytes([3; 16]), ClientId::from_bytes([4; 16]), Timestamp::from_micros(0));
    let mut payment = tender.record(id, client, PaymentStatus::Succeeded, &clinic, now).unwrap();
    let allocations =
        allocated.iter().zip(1..).map(|(amount, at)| Allocation { invoice_id: invoice(at), amount: dollars(*amount) });
    payment.allocations = Doc::of(&Allocations(allocations.collect()));
    payment.refunded.amount = refunded;
    payment.settle(allocated.iter().sum());
    payment
}

fn line(at: u8, of: u8, amount: i64) -> RefundLine {
    RefundLine { invoice_id: invoice(of), line_id: InvoiceLineId::from_bytes([at; 16]), amount: dollars(amount) }
}

fn made(payment: &Payment<'_>, amount: Option<i64>, lines: Vec<RefundLine>) -> Result<i64, (String, &'static str)> {
    let new = NewRefund {
        amount: amount.map(dollars),
        lines: RefundLines(lines),
        reason: RefundReason::Goodwill,
        note: None,
        status: None,
        provider_ref: None,
        external_ids: ExternalIds::default(),
    };
    let made = new.record(RefundId::from_bytes([5; 16]), payment, Timestamp::from_micros(0));
    made.map(|refund| refund.amount.amount).map_err(|mut problem| {
        let error = problem.errors.remove(0);
        (error.pointer, error.code)
    })
}

#[test]
fn an_amount_or_lines_say_how_much() {
    let all = payment(&[], 0);
    assert_eq!(made(&all, Some(1_000), vec![]), Ok(1_000));
    assert_eq!(made(&all, None, vec![line(1, 1, 400), line(2, 1, 100)]), Ok(500));
    assert_eq!(made(&all, Some(500), vec![line(1, 1, 400), line(2, 1, 100)]), Ok(500));
    for (amount, lines, pointer, code) in [
        (None, vec![], "/amount", "required"),
        (Some(501), vec![line(1, 1, 400), line(2, 1, 100)], "/amount", "sum"),
        (None, vec![line(1, 1, 400), line(1, 1, 100)], "/lines/1/line_id", "repeated"),
        (Some(1_001), vec![], "/amount", "exceeds_payment"),
        (None, vec![line(1, 1, 1_001)], "/lines", "exceeds_payment"),
    ] {
        assert_eq!(made(&all, amount, lines), Err((pointer.to_owned(), code)));
    }
    assert_eq!(made(&payment(&[], 900), Some(101), vec![]), Err(("/amount".to_owned(), "exceeds_payment")));
    assert_eq!(made(&payment(&[], 900), Some(100), vec![]), Ok(100));
}

fn amounts(taken: Vec<Allocation>) -> Vec<(InvoiceId, i64)> {
    taken.into_iter().map(|allocation| (allocation.invoice_id, allocation.amount.amount)).collect()
}

#[test]
fn credit_goes_first_then_the_newest_invoice() {
    let payment = payment(&[300, 500], 0);
    assert_eq!(amounts(taken(200, &[], &payment).unwrap()), []);
    assert_eq!(amounts(taken(201, &[], &payment).unwrap()), [(invoice(2), 1)]);
    assert_eq!(amounts(taken(700, &[], &payment).unwrap()), [(invoice(2), 500)]);
    assert_eq!(amounts(taken(1_000, &[], &payment).unwrap()), [(invoice(1), 300), (invoice(2), 500)]);
}

#[test]
fn lines_are_taken_from_their_invoices() {
    let payment = payment(&[300, 500], 0);
    let lines = [line(1, 2, 100), line(2, 1, 50), line(3, 2, 25)];
    assert_eq!(amounts(taken(175, &lines, &payment).unwrap()), [(invoice(1), 50), (invoice(2), 125)]);
    for (lines, pointer, code) in [
        (vec![line(1, 3, 1)], "/lines/0/invoice_id", "not_paid"),
        (vec![line(1, 1, 200), line(2, 1, 101)], "/lines/1/amount", "exceeds_paid"),
    ] {
        let error = taken(0, &lines, &payment).unwrap_err().errors.remove(0);
        assert_eq!((error.pointer.as_str(), error.code), (pointer, code));
    }
}
