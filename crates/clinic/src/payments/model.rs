//! The payment: what a client paid.

pub mod status;

use std::borrow::Cow;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Money, Patch, Problem, Shape, Timestamp, record, words};
use clinicos_gate::{ClinicFacts, ClinicId, conflict};
use serde::Deserialize;

use self::status::PaymentStatus;
use crate::changes::Changes;
use crate::documents::ExternalIds;
use crate::ids::{ClientId, InvoiceId, PaymentId};
use crate::{document_list, object, refusals};

/// Most invoices that one payment pays.
pub const ALLOCATIONS_MAX: usize = 100;

words! {
    /// How it was paid.
    Method {
        /// Notes and coins.
        Cash = "cash",
        /// A credit card.
        Card = "card",
        /// A debit card.
        Debit = "debit",
        /// A check.
        Check = "check",
        /// A transfer between bank accounts in the United States, through the Automated Clearing House.
        Ach = "ach",
        /// A transfer between bank accounts that is sent by e-mail, as Interac does in Canada.
        ETransfer = "e_transfer",
        /// A phone's wallet, such as Apple Pay or Google Pay.
        Wallet = "wallet",
        /// A lender pays the clinic, and the client pays the lender.
        Financing = "financing",
        /// The insurer pays the clinic.
        InsuranceDirect = "insurance_direct",
        /// Credit with the clinic.
        AccountCredit = "account_credit",
        /// A gift card.
        GiftCard = "gift_card",
        /// A link to a payment page.
        OnlineLink = "online_link",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// What it was paid for.
    PaymentType {
        /// What was billed.
        Payment = "payment",
        /// A deposit for an appointment.
        Deposit = "deposit",
        /// Ahead of the bill.
        Prepayment = "prepayment",
        /// Credit that the clinic gave.
        Credit = "credit",
    }
}

words! {
    /// Who moved the money.
    Provider {
        /// Stripe.
        Stripe = "stripe",
        /// Square.
        Square = "square",
        /// Adyen.
        Adyen = "adyen",
        /// The clinic's own till.
        Manual = "manual",
        /// Anyone else.
        Other = "other",
    }
}

pub(crate) const SYSTEM: Field = Field::of(Category::RecordSystem);
pub(crate) const FINANCIAL: Field = Field::of(Category::OwnerFinancial);

object! {
    /// What a payment puts towards one invoice.
    pub struct Allocation as "allocation" {
        /// The invoice.
        invoice_id: InvoiceId, Shape::Id("inv"), false = FINANCIAL.required();
        /// How much of the payment.
        amount: Money, Shape::Money, false = FINANCIAL.required().at_least(1);
    }
}
document_list! {
    /// Everything that a payment pays.
    Allocations of Allocation, Shape::Object(Allocation::SCHEMA)
}

record! {
    /// What a client paid, and what it pays.
    pub struct Payment<'a> as "payment" {
        /// Its identifier.
        id: PaymentId = SYSTEM,
        /// The clinic that was paid.
        clinic_id: ClinicId = SYSTEM,
        /// The client who paid.
        client_id: ClientId = SYSTEM.tells_of(Category::OwnerFinancial).required().equal(),
        /// How much, more than zero; fixed from the start.
        amount: Money = FINANCIAL.figure().required().at_least(1).range(),
        /// How it was paid.
        method: Method = FINANCIAL.figure().required().updatable().equal(),
        /// What it was paid for; `payment` unless given.
        r#type: PaymentType = FINANCIAL.figure().creatable().equal(),
        /// How far it is; `succeeded` unless given.
        status: PaymentStatus = FINANCIAL.figure().writable().equal(),
        /// Who moved the money; `manual` unless given.
        provider: Provider = FINANCIAL.figure().writable().equal(),
        /// The provider's name for it.
        provider_ref: Option<Cow<'a, str>> = FINANCIAL.writable().max(200).equal(),
        /// What the provider kept.
        fee: Option<Money> = FINANCIAL.figure().writable().at_least(0),
        /// When the client paid; now unless given.
        tendered_at: Timestamp = FINANCIAL.figure().writable().range().sortable(),
        /// The till that took it.
        till_id: Option<Cow<'a, str>> = FINANCIAL.figure().writable().max(60).equal(),
        /// What it puts towards invoices, at most 100. Changed with `payments.allocate`.
        allocations: Doc<'a, Allocations> = FINANCIAL.figure().creatable().max(ALLOCATIONS_MAX as u32),
        /// What of it went back to the client; pending refunds count. Made with `refunds.create`.
        refunded: Money = FINANCIAL.figure().range(),
        /// What it leaves as the client's credit; zero unless it came through.
        unallocated: Money = FINANCIAL.figure().range(),
        /// Its identifiers in other systems.
        external_ids: Doc<'a, ExternalIds> = SYSTEM.tells_of(Category::OwnerFinancial).writable().max(20),
        /// When it was recorded.
        created_at: Timestamp = SYSTEM.range(),
        /// When it last changed.
        updated_at: Timestamp = SYSTEM.range().sortable(),
        /// Grows with each change.
        version: i64 = SYSTEM,
        /// When it was deleted, on a tombstone.
        deleted_at: Option<Timestamp> = SYSTEM.sparse(),
    }
}

/// What a body tells of a payment, whether or not it names an invoice.
#[derive(Debug, Deserialize)]
pub struct Tender {
    amount: Money,
    method: Method,
    r#type: Option<PaymentType>,
    provider: Option<Provider>,
    provider_ref: Option<String>,
    fee: Option<Money>,
    tendered_at: Option<Timestamp>,
    till_id: Option<String>,
    #[serde(default)]
    external_ids: ExternalIds,
}

/// A body of `payments.create`.
#[derive(Debug, Deserialize)]
pub struct NewPayment {
    /// The client who paid.
    pub client_id: ClientId,
    /// How far it is.
    pub status: Option<PaymentStatus>,
    /// What it pays.
    #[serde(default)]
    pub allocations: Allocations,
    /// How much, and how.
    #[serde(flatten)]
    pub tender: Tender,
}

/// A body of `payments.update`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PaymentPatch {
    method: Patch<Method>,
    status: Patch<PaymentStatus>,
    provider: Patch<Provider>,
    provider_ref: Patch<String>,
    fee: Patch<Money>,
    tendered_at: Patch<Timestamp>,
    till_id: Patch<String>,
    external_ids: Patch<ExternalIds>,
}

/// A body of `payments.allocate`.
#[derive(Debug, Deserialize)]
pub struct NewAllocations {
    /// What the payment pays from now on.
    pub allocations: Allocations,
}

impl Tender {
    /// How much.
    pub fn amount(&self) -> Money {
        self.amount
    }

    /// The new record, with nothing allocated and nothing counted yet.
    pub fn record(
        self,
        id: PaymentId,
        client_id: ClientId,
        status: PaymentStatus,
        clinic: &ClinicFacts,
        now: Timestamp,
    ) -> Result<Payment<'static>, Problem> {
        refusals::check_currency("/amount", self.amount, clinic.currency)?;
        status.check_first()?;
        let payment = Payment {
            id,
            clinic_id: clinic.id,
            client_id,
            amount: self.amount,
            method: self.method,
            r#type: self.r#type.unwrap_or(PaymentType::Payment),
            status,
            provider: self.provider.unwrap_or(Provider::Manual),
            provider_ref: self.provider_ref.map(Cow::Owned),
            fee: self.fee,
            tendered_at: self.tendered_at.unwrap_or(now),
            till_id: self.till_id.map(Cow::Owned),
            allocations: Doc::of(&Allocations::default()),
            refunded: Money::new(0, clinic.currency),
            unallocated: Money::new(0, clinic.currency),
            external_ids: Doc::of(&self.external_ids),
            created_at: now,
            updated_at: now,
            version: 1,
            deleted_at: None,
        };
        payment.check_fee()?;
        Ok(payment)
    }
}

impl Payment<'_> {
    /// What of it is not refunded, in minor units.
    pub fn refundable(&self) -> i64 {
        self.amount.amount.saturating_sub(self.refunded.amount)
    }

    /// What is left of it once `allocated` went to invoices: nothing unless the clinic has the money.
    pub fn left(&self, allocated: i64) -> i64 {
        let counts = self.status.counts() && self.deleted_at.is_none();
        if counts { self.refundable().saturating_sub(allocated) } else { 0 }
    }
}

impl Payment<'static> {
    /// Applies a patch; tells what is different now.
    pub fn apply(&mut self, patch: PaymentPatch) -> Result<Changes, Problem> {
        refusals::check_not_deleted(self.deleted_at)?;
        let mut changes = Changes::default();
        if let Patch::Set(status) = patch.status {
            self.status.check_next(status)?;
        }
        changes.value("method", patch.method, &mut self.method);
        changes.value("status", patch.status, &mut self.status);
        changes.value("provider", patch.provider, &mut self.provider);
        changes.optional_text("provider_ref", patch.provider_ref, &mut self.provider_ref);
        changes.optional("fee", patch.fee, &mut self.fee);
        changes.value("tendered_at", patch.tendered_at, &mut self.tendered_at);
        changes.optional_text("till_id", patch.till_id, &mut self.till_id);
        changes.document("external_ids", patch.external_ids, &mut self.external_ids);
        self.check_fee()?;
        Ok(changes)
    }

    /// Refuses to allocate what the clinic does not have.
    pub fn check_allocatable(&self) -> Result<(), Problem> {
        refusals::check_not_deleted(self.deleted_at)?;
        match self.status {
            PaymentStatus::Succeeded | PaymentStatus::PartiallyRefunded => Ok(()),
            status => Err(conflict(format!(
                "the payment is `{}`; a `succeeded` or `partially_refunded` one can be allocated",
                status.name()
            ))),
        }
    }

    /// Refuses to pay back what the clinic does not have, or what the payer tries to get elsewhere.
    pub fn check_refundable(&self) -> Result<(), Problem> {
        refusals::check_not_deleted(self.deleted_at)?;
        match self.status {
            PaymentStatus::Succeeded | PaymentStatus::PartiallyRefunded => Ok(()),
            PaymentStatus::Disputed => {
                Err(conflict("the payment is `disputed`; settle that first, so that it is not paid back twice"))
            }
            status => Err(conflict(format!(
                "a `{}` payment has nothing to pay back; one that is `succeeded` or `partially_refunded` has",
                status.name()
            ))),
        }
    }

    /// Refuses to delete what was paid back, in part or all.
    pub fn check_deletable(&self) -> Result<(), Problem> {
        refusals::check_not_deleted(self.deleted_at)?;
        if self.refunded.amount > 0 {
            return Err(conflict("the payment has refunds; it can be deleted only if they failed"));
        }
        Ok(())
    }

    /// Counts so much more (or less) as refunded. The status follows.
    pub fn refund(&mut self, amount: i64) -> Result<(), Problem> {
        let refunded = self.refunded.amount.checked_add(amount).filter(|sum| (0..=self.amount.amount).contains(sum));
        let refunded = refunded.ok_or_else(|| Problem::unavailable(format!("refunds of {} do not add up", self.id)))?;
        self.refunded.amount = refunded;
        self.status = PaymentStatus::with_refunded(refunded, self.amount.amount);
        Ok(())
    }

    /// Derives what is left of it once `allocated` went to invoices, and tells how much more
    /// that is than before.
    pub fn settle(&mut self, allocated: i64) -> i64 {
        let before = self.unallocated.amount;
        self.unallocated.amount = self.left(allocated);
        self.unallocated.amount - before
    }

    /// Counts a change.
    pub fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
        self.version += 1;
    }

    fn check_fee(&self) -> Result<(), Problem> {
        self.fee.map_or(Ok(()), |fee| refusals::check_currency("/fee", fee, self.amount.currency))
    }
}

impl Allocations {
    /// Whether other allocations put the same towards the same invoices, in whatever order.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().all(|allocation| other.0.contains(allocation))
    }
}

/// What allocations add up to, each more than zero and each invoice once. `amount` is what of the
/// payment is not refunded.
pub fn check_allocations(wanted: &[Allocation], amount: Money) -> Result<i64, Problem> {
    refusals::check_length("/allocations", wanted.len(), ALLOCATIONS_MAX)?;
    let mut sum: i64 = 0;
    for (at, allocation) in wanted.iter().enumerate() {
        let field = |name: &str| format!("/allocations/{at}/{name}");
        refusals::check_currency(&field("amount"), allocation.amount, amount.currency)?;
        if allocation.amount.amount <= 0 {
            return Err(Problem::rule(field("amount"), "range", "must be more than zero"));
        }
        if wanted.iter().take(at).any(|other| other.invoice_id == allocation.invoice_id) {
            return Err(Problem::rule(field("invoice_id"), "repeated", "names an invoice a second time"));
        }
        // Amounts are limited far below the range of the integer, and so is how many there are.
        sum = sum.saturating_add(allocation.amount.amount);
    }
    if sum > amount.amount {
        return Err(Problem::rule(
            "/allocations",
            "exceeds_payment",
            "must add up to at most what of the payment is not refunded",
        ));
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use clinicos_contract::Currency;

    use super::*;

    #[test]
    fn allocations_are_within_the_payment() {
        let allocation = |id: u8, amount: i64| Allocation {
            invoice_id: InvoiceId::from_bytes([id; 16]),
            amount: Money::new(amount, Currency::USD),
        };
        let amount = Money::new(100, Currency::USD);
        assert_eq!(check_allocations(&[allocation(1, 60), allocation(2, 40)], amount).unwrap(), 100);
        assert_eq!(check_allocations(&[], amount).unwrap(), 0);
        for (wanted, code) in [
            (vec![allocation(1, 60), allocation(2, 41)], "exceeds_payment"),
            (vec![allocation(1, 60), allocation(1, 40)], "repeated"),
            (vec![allocation(1, 0)], "range"),
            (vec![allocation(1, i64::MAX), allocation(2, i64::MAX)], "exceeds_payment"),
        ] {
            assert_eq!(check_allocations(&wanted, amount).unwrap_err().errors[0].code, code);
        }
        let euros = Allocation { amount: Money::new(1, Currency::parse("EUR").unwrap()), ..allocation(1, 1) };
        assert_eq!(check_allocations(&[euros], amount).unwrap_err().errors[0].code, "currency_mismatch");
    }
}
