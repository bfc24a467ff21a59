//! The refund: what of a payment went back to the client, and where it was taken from.

pub mod status;

use std::borrow::Cow;
use std::collections::BTreeMap;

use clinicos_contract::event::EventType;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Money, Patch, Problem, Shape, Timestamp, record};
use clinicos_gate::{Announcement, ClinicId};
use serde::Deserialize;

use self::status::{RefundReason, RefundStatus};
use crate::changes::Changes;
use crate::documents::ExternalIds;
use crate::ids::{ClientId, InvoiceId, InvoiceLineId, PaymentId, RefundId};
use crate::payments::model::{Allocation, Allocations, Payment};
use crate::{document_list, object, refusals};

/// Most lines that one refund names.
pub const LINES_MAX: usize = 200;
/// Most refunds of one payment, failed ones included.
pub const REFUNDS_MAX: i64 = 100;

const SYSTEM: Field = Field::of(Category::RecordSystem);
const FINANCIAL: Field = Field::of(Category::OwnerFinancial);

object! {
    /// What a refund pays back of one line of an invoice.
    pub struct RefundLine as "refund_line" {
        /// The invoice; the payment must pay something of it.
        invoice_id: InvoiceId, Shape::Id("inv"), false = FINANCIAL.required();
        /// The line.
        line_id: InvoiceLineId, Shape::Id("lin"), false = FINANCIAL.required();
        /// How much; with other refunds of the line at most its total.
        amount: Money, Shape::Money, false = FINANCIAL.required().at_least(1);
    }
}
document_list! {
    /// Lines that a refund pays back.
    RefundLines of RefundLine, Shape::Object(RefundLine::SCHEMA)
}

record! {
    /// What of a payment went back to the client.
    pub struct Refund<'a> as "refund" {
        /// Its identifier.
        id: RefundId = SYSTEM,
        /// The clinic that pays back.
        clinic_id: ClinicId = SYSTEM,
        /// The payment that it pays back, in part or all.
        payment_id: PaymentId = SYSTEM.equal(),
        /// The client who gets it.
        client_id: ClientId = SYSTEM.tells_of(Category::OwnerFinancial).equal(),
        /// How much; what the lines add up to if there are any. Fixed from the start.
        amount: Money = FINANCIAL.figure().creatable().at_least(1).range(),
        /// The lines that are paid back, at most 200; empty if it is about an amount.
        lines: Doc<'a, RefundLines> = FINANCIAL.figure().creatable().max(LINES_MAX as u32),
        /// Why.
        reason: RefundReason = FINANCIAL.figure().required().equal(),
        /// Why, in words.
        note: Option<Cow<'a, str>> = FINANCIAL.writable().max(500),
        /// How far it is; `succeeded` unless given.
        status: RefundStatus = FINANCIAL.figure().writable().equal(),
        /// The provider's name for it.
        provider_ref: Option<Cow<'a, str>> = FINANCIAL.writable().max(200).equal(),
        /// What of it was taken back from invoices; the rest was the client's credit.
        allocations: Doc<'a, Allocations> = FINANCIAL.figure(),
        /// Its identifiers in other systems.
        external_ids: Doc<'a, ExternalIds> = SYSTEM.tells_of(Category::OwnerFinancial).writable().max(20),
        /// When it was recorded.
        created_at: Timestamp = SYSTEM.range(),
        /// When it last changed.
        updated_at: Timestamp = SYSTEM.range().sortable(),
        /// Grows with each change.
        version: i64 = SYSTEM,
    }
}

/// A body of `refunds.create`.
#[derive(Debug, Deserialize)]
pub struct NewRefund {
    amount: Option<Money>,
    #[serde(default)]
    lines: RefundLines,
    reason: RefundReason,
    note: Option<String>,
    status: Option<RefundStatus>,
    provider_ref: Option<String>,
    #[serde(default)]
    external_ids: ExternalIds,
}

/// A body of `refunds.update`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RefundPatch {
    note: Patch<String>,
    status: Patch<RefundStatus>,
    provider_ref: Patch<String>,
    external_ids: Patch<ExternalIds>,
}

impl NewRefund {
    /// The new record. What it takes from invoices is settled later.
    pub fn record(self, id: RefundId, payment: &Payment<'_>, now: Timestamp) -> Result<Refund<'static>, Problem> {
        let status = self.status.unwrap_or(RefundStatus::Succeeded);
        status.check_first()?;
        let amount = amount(self.amount, &self.lines, payment.amount)?;
        let left = payment.refundable();
        if amount.amount > left {
            let pointer = if self.amount.is_some() { "/amount" } else { "/lines" };
            let detail = format!("is more than is left of the payment; {left} minor units are left");
            return Err(Problem::rule(pointer, "exceeds_payment", detail));
        }
        Ok(Refund {
            id,
            clinic_id: payment.clinic_id,
            payment_id: payment.id,
            client_id: payment.client_id,
            amount,
            lines: Doc::of(&self.lines),
            reason: self.reason,
            note: self.note.map(Cow::Owned),
            status,
            provider_ref: self.provider_ref.map(Cow::Owned),
            allocations: Doc::of(&Allocations::default()),
            external_ids: Doc::of(&self.external_ids),
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }
}

/// How much is paid back.
fn amount(given: Option<Money>, lines: &RefundLines, payment: Money) -> Result<Money, Problem> {
    if let Some(given) = given {
        refusals::check_currency("/amount", given, payment.currency)?;
    }
    refusals::check_length("/lines", lines.0.len(), LINES_MAX)?;
    let mut sum = 0_i64;
    for (at, line) in lines.0.iter().enumerate() {
        refusals::check_currency(&format!("/lines/{at}/amount"), line.amount, payment.currency)?;
        if lines.0.iter().take(at).any(|other| other.line_id == line.line_id) {
            return Err(Problem::rule(format!("/lines/{at}/line_id"), "repeated", "names a line a second time"));
        }
        // Amounts are limited far below the range of the integer, and so is how many there are.
        sum = sum.saturating_add(line.amount.amount);
    }
    match (given, lines.0.is_empty()) {
        (Some(given), true) => Ok(given),
        (None, true) => Err(Problem::rule("/amount", "required", "must be given, or `lines` that add up to it")),
        (Some(given), false) if given.amount != sum => {
            Err(Problem::rule("/amount", "sum", format!("must be what the lines add up to, {sum} minor units")))
        }
        (_, false) => Ok(Money::new(sum, payment.currency)),
    }
}

/// What a refund takes back from invoices, of what its payment puts towards them.
pub fn taken(amount: i64, lines: &[RefundLine], payment: &Payment<'_>) -> Result<Vec<Allocation>, Problem> {
    let allocations = payment.allocations.value().unwrap_or_default().0;
    let take = |allocation: &Allocation, amount| Allocation {
        invoice_id: allocation.invoice_id,
        amount: Money::new(amount, payment.amount.currency),
    };
    if lines.is_empty() {
        let mut left = amount.saturating_sub(payment.unallocated.amount);
        let mut found = Vec::new();
        // Ids follow time: the newest invoice first.
        let mut newest: Vec<&Allocation> = allocations.iter().collect();
        newest.sort_by_key(|allocation| std::cmp::Reverse(allocation.invoice_id));
        for allocation in newest {
            let part = left.min(allocation.amount.amount);
            if part > 0 {
                found.push(take(allocation, part));
                left -= part;
            }
        }
        found.sort_by_key(|allocation| allocation.invoice_id);
        return Ok(found);
    }
    let mut sums: BTreeMap<InvoiceId, i64> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        let paid = allocations.iter().find(|allocation| allocation.invoice_id == line.invoice_id);
        let Some(paid) = paid else {
            let detail = "must be an invoice that the payment pays";
            return Err(Problem::rule(format!("/lines/{at}/invoice_id"), "not_paid", detail));
        };
        let sum = sums.entry(line.invoice_id).or_default();
        *sum = sum.saturating_add(line.amount.amount);
        if *sum > paid.amount.amount {
            let detail = format!("is more than the payment pays of the invoice, {} minor units", paid.amount.amount);
            return Err(Problem::rule(format!("/lines/{at}/amount"), "exceeds_paid", detail));
        }
    }
    let found = allocations.iter().filter_map(|allocation| Some(take(allocation, *sums.get(&allocation.invoice_id)?)));
    Ok(found.collect())
}

impl Refund<'static> {
    /// Applies a patch; tells what is different now.
    pub fn apply(&mut self, patch: RefundPatch) -> Result<Changes, Problem> {
        if let Patch::Set(status) = patch.status {
            self.status.check_next(status)?;
        }
        let mut changes = Changes::default();
        changes.optional_text("note", patch.note, &mut self.note);
        changes.value("status", patch.status, &mut self.status);
        changes.optional_text("provider_ref", patch.provider_ref, &mut self.provider_ref);
        changes.document("external_ids", patch.external_ids, &mut self.external_ids);
        Ok(changes)
    }

    /// Counts a change.
    pub fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
        self.version += 1;
    }

    /// The announcement of something that happened to it.
    pub fn announce(&self, kind: &'static EventType) -> Announcement {
        let about = Announcement::new(kind, self.id.any(), self.version).with("payment_id", self.payment_id);
        about.with("client_id", self.client_id).with("status", self.status.name())
    }
}

#[cfg(test)]
mod tests;
