//! Keeps payments, invoices and clients' accounts adding up, within one transaction.
//!
//! What a payment pays is the sum of its allocations; what is paid of an invoice is the sum of
//! the allocations to it; a client's balance is the sum of the balances of the invoices and its
//! credit the sum of what payments left unallocated. A refund takes from what is unallocated or from
//! allocations, so that what is paid, less what went back, and what is owed are always the total.
//! Rows are locked in one order everywhere: the payment, then invoices by id, then the client.

use std::collections::{BTreeMap, BTreeSet};

use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Money, Problem, Timestamp};
use clinicos_gate::{Announcement, ClinicId, Cx, OrProblem as _, conflict};

use crate::clients::rows::Adjustment;
use crate::ids::{ClientId, InvoiceId, PaymentId};
pub use crate::invoices::events::{PAID as INVOICE_PAID, UPDATED as INVOICE_UPDATED};
use crate::invoices::model::Invoice;
use crate::invoices::model::stage::Status;
use crate::payments::model::{ALLOCATIONS_MAX, Allocation, Allocations, Payment, check_allocations};
use crate::payments::rows::PlacedAllocation;
use crate::refunds::model::status::RefundStatus;
use crate::refunds::model::{REFUNDS_MAX, Refund, RefundLine, taken};
use crate::{accounts, external_ids, invoices, payments, refunds, refusals};

/// Most payments that pay one invoice.
const PAYMENTS_MAX: i64 = 200;

/// Stores a new payment with what it pays, and announces it.
pub async fn record(cx: &mut Cx<'_>, payment: &mut Payment<'static>, wanted: Allocations) -> Result<(), Problem> {
    let external = payment.external_ids.value().unwrap_or_default();
    external_ids::claim(cx.conn(), payment.clinic_id, payment.id, &external).await?;
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
    let before = payment.allocations.value().unwrap_or_default();
    let named: BTreeSet<InvoiceId> = before.0.iter().chain(&wanted.0).map(|allocation| allocation.invoice_id).collect();
    let mut books = Books::open(cx, named, payment.updated_at).await?;
    books.allocate(payment, wanted)?;
    books.close(cx).await
}

/// The invoices that payments pay, held while one payment or many are put in order, and what
/// that comes to. Nothing is written before they are closed.
pub struct Books {
    clinic: ClinicId,
    today: Date,
    now: Timestamp,
    invoices: BTreeMap<InvoiceId, Invoice<'static>>,
    /// Invoices that a dry run would make before: of those nothing can be known yet.
    expected: BTreeSet<InvoiceId>,
    changed: BTreeSet<InvoiceId>,
    /// How many payments pay each of them.
    payers: BTreeMap<InvoiceId, i64>,
    accounts: BTreeMap<ClientId, Adjustment>,
    emptied: Vec<PaymentId>,
    placed: Vec<PlacedAllocation>,
    announcements: Vec<Announcement>,
}

impl Books {
    /// Takes these invoices up. What is not there is missed only by who pays it.
    pub async fn open(cx: &mut Cx<'_>, named: BTreeSet<InvoiceId>, now: Timestamp) -> Result<Self, Problem> {
        let (clinic, today) = (cx.clinic_id()?, cx.today()?);
        let named: Vec<InvoiceId> = named.into_iter().collect();
        let invoices = invoices::rows::lock_heads(cx.conn(), clinic, today, &named).await.or_problem()?;
        let payers = payments::rows::count_payers(cx.conn(), clinic, &named).await.or_problem()?;
        Ok(Self {
            payers,
            clinic,
            today,
            now,
            invoices,
            expected: BTreeSet::new(),
            changed: BTreeSet::new(),
            accounts: BTreeMap::new(),
            emptied: Vec::new(),
            placed: Vec::new(),
            announcements: Vec::new(),
        })
    }

    /// Says which invoices a dry run would make before. Books that expect any are never closed.
    pub fn expect(&mut self, invoices: impl Iterator<Item = InvoiceId>) {
        self.expected.extend(invoices);
    }

    /// Puts these allocations of a payment in place of those there are; if one cannot be, all stay
    /// as they were.
    pub fn allocate(&mut self, payment: &mut Payment<'static>, wanted: Allocations) -> Result<(), Problem> {
        let allocated = check_allocations(&wanted.0, Money::new(payment.refundable(), payment.amount.currency))?;
        let before = payment.allocations.value().unwrap_or_default();
        let mut differences = differences(&before.0, &wanted.0);
        differences.retain(|(target, _)| !self.expected.contains(&target.id));
        for (target, difference) in &differences {
            let is_new = before.0.iter().all(|allocation| allocation.invoice_id != target.id);
            self.check(payment, target, *difference, is_new)?;
        }
        let mut owed = 0;
        for (target, difference) in differences {
            owed += self.pay(payment, &target, difference)?;
        }
        if before != wanted {
            let change = [(&before, -1), (&wanted, 1)];
            for (invoice, by) in change.iter().flat_map(|(all, by)| all.0.iter().map(move |one| (one.invoice_id, by))) {
                *self.payers.entry(invoice).or_default() += by;
            }
            self.emptied.push(payment.id);
            self.placed.extend(placed(payment, &wanted));
            payment.allocations = Doc::of(&sorted(wanted));
        }
        let account = self.accounts.entry(payment.client_id).or_default();
        account.balance += owed;
        account.credit += payment.settle(allocated);
        Ok(())
    }

    /// Writes everything, and announces it.
    pub async fn close(self, cx: &mut Cx<'_>) -> Result<(), Problem> {
        for invoice in self.changed.iter().filter_map(|id| self.invoices.get(id)) {
            invoices::rows::update(cx.conn(), invoice).await.or_problem()?;
        }
        for payment in self.emptied {
            payments::rows::delete_allocations(cx.conn(), self.clinic, payment).await.or_problem()?;
        }
        payments::rows::insert_allocations(cx.conn(), &self.placed).await.or_problem()?;
        for (client, by) in self.accounts {
            accounts::adjust(cx, self.clinic, client, by, self.now).await?;
        }
        self.announcements.into_iter().for_each(|announcement| cx.emit(announcement));
        Ok(())
    }

    fn check(&self, payment: &Payment<'_>, target: &Target, difference: i64, is_new: bool) -> Result<(), Problem> {
        let found = self.invoices.get(&target.id).filter(|invoice| invoice.deleted_at.is_none());
        let invoice = found.ok_or_else(|| refusals::unknown_reference(&target.pointer("invoice_id"), "invoice"))?;
        if difference <= 0 {
            return Ok(());
        }
        check_payable(invoice, payment, target, difference)?;
        if is_new && self.payers.get(&target.id).is_some_and(|count| *count >= PAYMENTS_MAX) {
            let detail = format!("is paid by {PAYMENTS_MAX} payments already; no more can pay it");
            return Err(Problem::rule(target.pointer("invoice_id"), "too_many", detail));
        }
        Ok(())
    }

    /// Puts so much more (or less) towards an invoice; tells how much more is owed for it than before.
    fn pay(&mut self, payment: &Payment<'_>, target: &Target, difference: i64) -> Result<i64, Problem> {
        let unknown = || refusals::unknown_reference(&target.pointer("invoice_id"), "invoice");
        let invoice = self.invoices.get_mut(&target.id).ok_or_else(unknown)?;
        let was = invoice.status;
        invoice.pay(difference)?;
        let owed = invoice.settle(self.today);
        invoice.touch(payment.updated_at);
        let about = |kind| {
            let about = Announcement::new(kind, invoice.id.any(), invoice.version).with("client_id", invoice.client_id);
            about.with("payment_id", payment.id)
        };
        self.announcements.push(if invoice.status == Status::Paid && was != Status::Paid {
            about(&INVOICE_PAID)
        } else {
            about(&INVOICE_UPDATED).changed(["paid", "balance", "status"])
        });
        self.changed.insert(target.id);
        Ok(owed)
    }
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
    let external = refund.external_ids.value().unwrap_or_default();
    external_ids::claim(cx.conn(), refund.clinic_id, refund.id, &external).await?;
    payment.touch(refund.created_at);
    payment.refund(refund.amount.amount)?;
    allocate(cx, payment, kept).await?;
    payments::rows::update(cx.conn(), payment).await.or_problem()?;
    refunds::rows::insert(cx.conn(), std::slice::from_ref(refund)).await.or_problem()?;
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
        return wrong(
            "invoice_id",
            "not_payable",
            format!(
                "a `{}` invoice takes no payments; one that is `open`, `sent` or in `collections` does",
                invoice.stage.name()
            ),
        );
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

fn placed(payment: &Payment<'_>, wanted: &Allocations) -> impl Iterator<Item = PlacedAllocation> {
    let (clinic, payment) = (payment.clinic_id, payment.id);
    wanted.0.iter().map(move |allocation| PlacedAllocation { clinic, payment, allocation: allocation.clone() })
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
