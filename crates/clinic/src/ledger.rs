//! Keeps payments, invoices and clients' accounts adding up, within one transaction.
//!
//! What a payment pays is the sum of its allocations; what is paid of an invoice is the sum of
//! the allocations to it; a client's balance is the sum of the balances of the invoices and its
//! credit the sum of what payments left unallocated. A refund takes from what is unallocated or from
//! allocations, so that what is paid, less what went back, and what is owed are always the total.
//! Rows are locked in one order everywhere: the payment, then invoices by id, then the client.

use std::collections::{BTreeMap, BTreeSet};

use clinicos_contract::wire::Doc;
use clinicos_contract::{Money, Problem};
use clinicos_gate::{Announcement, Cx, OrProblem as _, conflict};

use crate::clients::rows::Adjustment;
use crate::ids::InvoiceId;
pub use crate::invoices::events::{PAID as INVOICE_PAID, UPDATED as INVOICE_UPDATED};
use crate::invoices::model::Invoice;
use crate::invoices::model::stage::Status;
use crate::payments::model::{ALLOCATIONS_MAX, Allocation, Allocations, Payment, check_allocations};
use crate::payments::rows::PlacedAllocation;
use crate::refunds::model::status::RefundStatus;
use crate::refunds::model::{REFUNDS_MAX, Refund, RefundLine, taken};
use crate::{clients, invoices, payments, refunds, refusals};

/// Most payments that pay one invoice.
const PAYMENTS_MAX: i64 = 200;

/// Stores a new payment with what it pays, and announces it.
pub async fn record(cx: &mut Cx<'_>, payment: &mut Payment<'static>, wanted: Allocations) -> Result<(), Problem> {
    allocate(cx, payment, wanted).await?;
    payments::rows::insert(cx.conn(), std::slice::from_ref(payment)).await.or_problem()?;
    let about = Announcement::new(&payments::events::RECORDED, payment.id.any(), payment.version);
    cx.emit(about.with("client_id", payment.client_id).with("status", payment.status.name()));
    Ok(())
}

/// Counts a payment again whose status changed or that was deleted: if the clinic does not have
/// the money any more, its allocations return to the invoices.
pub async fn count_again(cx: &mut Cx<'_>, payment: &mut Payment<'static>) -> Result<(), Problem> {
    let counts = payment.status.counts() && payment.deleted_at.is_none();
    let kept = if counts { payment.allocations.value().unwrap_or_default() } else { Allocations::default() };
    allocate(cx, payment, kept).await
}

/// Puts these allocations in place of those there are. The caller stores the payment.
pub async fn allocate(cx: &mut Cx<'_>, payment: &mut Payment<'static>, wanted: Allocations) -> Result<(), Problem> {
    let allocated = check_allocations(&wanted.0, Money::new(payment.refundable(), payment.amount.currency))?;
    let before = payment.allocations.value().unwrap_or_default();
    let mut owed = 0;
    for (invoice, difference) in differences(&before.0, &wanted.0) {
        owed += pay(cx, payment, invoice, difference).await?;
    }
    if before != wanted {
        payments::rows::delete_allocations(cx.conn(), payment.clinic_id, payment.id).await.or_problem()?;
        payments::rows::insert_allocations(cx.conn(), &placed(payment, &wanted)).await.or_problem()?;
        payment.allocations = Doc::of(&sorted(wanted));
    }
    let by = Adjustment { balance: owed, credit: payment.settle(allocated) };
    clients::rows::adjust(cx.conn(), payment.clinic_id, payment.client_id, by, payment.updated_at).await.or_problem()
}

/// Pays back a part of a payment, or all of it: what it was put towards is owed again. Stores the
/// refund and the payment, and announces both.
pub async fn refund(cx: &mut Cx<'_>, payment: &mut Payment<'static>, refund: &mut Refund<'static>) -> Result<(), Problem> {
    if refunds::rows::count(cx.conn(), payment.clinic_id, payment.id).await.or_problem()? >= REFUNDS_MAX {
        return Err(conflict(format!("the payment has {REFUNDS_MAX} refunds already")));
    }
    let lines = refund.lines.value().unwrap_or_default().0;
    let taken = taken(refund.amount.amount, &lines, payment)?;
    check_lines(cx, payment, &lines).await?;
    let mut kept = payment.allocations.value().unwrap_or_default();
    for allocation in &mut kept.0 {
        let part = taken.iter().find(|part| part.invoice_id == allocation.invoice_id);
        allocation.amount.amount -= part.map_or(0, |part| part.amount.amount);
    }
    kept.0.retain(|allocation| allocation.amount.amount > 0);
    refund.allocations = Doc::of(&Allocations(taken));
    payment.touch(refund.created_at);
    payment.refund(refund.amount.amount)?;
    allocate(cx, payment, kept).await?;
    payments::rows::update(cx.conn(), payment).await.or_problem()?;
    refunds::rows::insert(cx.conn(), refund).await.or_problem()?;
    cx.emit(refund.announce(&refunds::events::CREATED));
    if refund.status == RefundStatus::Succeeded {
        cx.emit(refund.announce(&refunds::events::SUCCEEDED));
    }
    announce_refunded(cx, payment);
    Ok(())
}

/// Counts a payment again whose refund failed: towards the invoices that it was taken from as far
/// as they still take it, the rest as the client's credit.
pub async fn take_back_refund(cx: &mut Cx<'_>, payment: &mut Payment<'static>, refund: &Refund<'static>) -> Result<(), Problem> {
    let today = cx.today()?;
    let mut wanted = payment.allocations.value().unwrap_or_default();
    for taken in refund.allocations.value().unwrap_or_default().0 {
        let invoice = invoices::rows::lock_head(cx.conn(), payment.clinic_id, today, taken.invoice_id).await.or_problem()?;
        let takes = invoice.filter(|invoice| invoice.deleted_at.is_none() && invoice.stage.takes_payments());
        let back = takes.map_or(0, |invoice| invoice.balance.amount.min(taken.amount.amount));
        let full = wanted.0.len() >= ALLOCATIONS_MAX || is_paid_by_most(cx, payment, taken.invoice_id).await?;
        match wanted.0.iter_mut().find(|allocation| allocation.invoice_id == taken.invoice_id) {
            _ if back <= 0 => {}
            Some(allocation) => allocation.amount.amount += back,
            None if full => {}
            None => wanted.0.push(Allocation { amount: Money::new(back, taken.amount.currency), ..taken }),
        }
    }
    payment.touch(refund.updated_at);
    payment.refund(-refund.amount.amount)?;
    allocate(cx, payment, wanted).await?;
    payments::rows::update(cx.conn(), payment).await.or_problem()?;
    announce_refunded(cx, payment);
    Ok(())
}

fn announce_refunded(cx: &mut Cx<'_>, payment: &Payment<'static>) {
    let about = Announcement::new(&payments::events::UPDATED, payment.id.any(), payment.version);
    let about = about.with("client_id", payment.client_id);
    cx.emit(about.changed(["refunded", "status", "allocations", "unallocated"]));
}

/// Refuses lines that their invoices do not have or do not charge, and more than they cost.
async fn check_lines(cx: &mut Cx<'_>, payment: &Payment<'static>, wanted: &[RefundLine]) -> Result<(), Problem> {
    let (clinic, currency) = (payment.clinic_id, payment.amount.currency);
    let invoices: BTreeSet<InvoiceId> = wanted.iter().map(|line| line.invoice_id).collect();
    for id in invoices {
        let lines = invoices::rows::lines(cx.conn(), clinic, id, currency).await.or_problem()?;
        let refunded = refunds::rows::of_lines(cx.conn(), clinic, id).await.or_problem()?;
        for (at, line) in wanted.iter().enumerate().filter(|(_, line)| line.invoice_id == id) {
            let charged = lines.iter().find(|charged| charged.id == line.line_id && charged.state.counts());
            let Some(charged) = charged else {
                return Err(refusals::unknown_reference(&format!("/lines/{at}/line_id"), "line that is charged"));
            };
            let left = charged.total.amount - refunded.get(&line.line_id).copied().unwrap_or(0);
            if line.amount.amount > left {
                let detail = format!("is more than is left of the line; {left} minor units are left");
                return Err(Problem::rule(format!("/lines/{at}/amount"), "exceeds_line", detail));
            }
        }
    }
    Ok(())
}

/// How much more or less goes to each invoice, by id, and its place in what is wanted.
fn differences(before: &[Allocation], wanted: &[Allocation]) -> Vec<(Target, i64)> {
    let mut sums: BTreeMap<InvoiceId, (Option<usize>, i64)> = BTreeMap::new();
    for allocation in before {
        sums.entry(allocation.invoice_id).or_default().1 -= allocation.amount.amount;
    }
    for (at, allocation) in wanted.iter().enumerate() {
        let sum = sums.entry(allocation.invoice_id).or_default();
        *sum = (Some(at), sum.1 + allocation.amount.amount);
    }
    let changed = sums.into_iter().filter(|(_, (_, difference))| *difference != 0);
    changed.map(|(id, (at, difference))| (Target { id, at }, difference)).collect()
}

/// An invoice, and where the body names it.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    id: InvoiceId,
    at: Option<usize>,
}

impl Target {
    fn pointer(&self, name: &str) -> String {
        self.at.map_or_else(|| "/allocations".to_owned(), |at| format!("/allocations/{at}/{name}"))
    }
}

/// Puts so much more (or less) towards an invoice; tells how much more is owed for it than before.
async fn pay(cx: &mut Cx<'_>, payment: &Payment<'static>, target: Target, difference: i64) -> Result<i64, Problem> {
    let today = cx.today()?;
    let found = invoices::rows::lock_head(cx.conn(), payment.clinic_id, today, target.id).await.or_problem()?;
    let Some(mut invoice) = found.filter(|invoice| invoice.deleted_at.is_none()) else {
        return Err(refusals::unknown_reference(&target.pointer("invoice_id"), "invoice"));
    };
    if difference > 0 {
        check_payable(&invoice, payment, &target, difference)?;
        if is_paid_by_most(cx, payment, invoice.id).await? {
            let detail = format!("is paid by {PAYMENTS_MAX} payments already; no more can pay it");
            return Err(Problem::rule(target.pointer("invoice_id"), "too_many", detail));
        }
    }
    let was = invoice.status;
    invoice.pay(difference)?;
    let owed = invoice.settle(today);
    invoice.touch(payment.updated_at);
    invoices::rows::update(cx.conn(), &invoice).await.or_problem()?;
    let about = |kind| {
        let about = Announcement::new(kind, invoice.id.any(), invoice.version).with("client_id", invoice.client_id);
        about.with("payment_id", payment.id)
    };
    if invoice.status == Status::Paid && was != Status::Paid {
        cx.emit(about(&INVOICE_PAID));
    } else {
        cx.emit(about(&INVOICE_UPDATED).changed(["paid", "balance", "status"]));
    }
    Ok(owed)
}

/// Whether so many other payments pay an invoice that this one cannot.
async fn is_paid_by_most(cx: &mut Cx<'_>, payment: &Payment<'static>, invoice: InvoiceId) -> Result<bool, Problem> {
    let others = payments::rows::count_others(cx.conn(), payment.clinic_id, invoice, payment.id).await.or_problem()?;
    Ok(others >= PAYMENTS_MAX)
}

fn check_payable(invoice: &Invoice<'_>, payment: &Payment<'_>, target: &Target, difference: i64) -> Result<(), Problem> {
    let wrong = |name, code, detail: String| Err(Problem::rule(target.pointer(name), code, detail));
    if invoice.client_id != payment.client_id {
        return wrong("invoice_id", "other_client", "must be an invoice of the client who paid".to_owned());
    }
    if !invoice.stage.takes_payments() {
        return wrong("invoice_id", "not_payable", format!("a `{}` invoice takes no payments", invoice.stage.name()));
    }
    if difference > invoice.balance.amount {
        let detail = format!("is more than what is owed for the invoice; {} minor units are left", invoice.balance.amount);
        return wrong("amount", "exceeds_balance", detail);
    }
    refusals::check_currency(&target.pointer("amount"), payment.amount, invoice.total.currency)
}

fn sorted(mut allocations: Allocations) -> Allocations {
    allocations.0.sort_by_key(|allocation| allocation.invoice_id);
    allocations
}

fn placed(payment: &Payment<'_>, wanted: &Allocations) -> Vec<PlacedAllocation> {
    let place = |allocation: &Allocation| PlacedAllocation {
        clinic: payment.clinic_id,
        payment: payment.id,
        allocation: allocation.clone(),
    };
    wanted.0.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use clinicos_contract::{Currency, Money};

    use super::*;

    fn id(byte: u8) -> InvoiceId {
        InvoiceId::from_bytes([byte; 16])
    }

    fn allocation(byte: u8, amount: i64) -> Allocation {
        Allocation { invoice_id: id(byte), amount: Money::new(amount, Currency::USD) }
    }

    #[test]
    fn only_what_differs_is_touched_in_the_order_of_ids() {
        let before = [allocation(3, 30), allocation(2, 20), allocation(1, 10)];
        let wanted = [allocation(4, 5), allocation(3, 30), allocation(2, 25)];
        let found = differences(&before, &wanted);
        let expected = [(id(1), None, -10), (id(2), Some(2), 5), (id(4), Some(0), 5)];
        assert_eq!(found, expected.map(|(id, at, difference)| (Target { id, at }, difference)));
    }
}
