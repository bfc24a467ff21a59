//! The invoice: what a client is asked to pay.

pub mod lines;
pub mod stage;

use std::borrow::Cow;

use clinicos_contract::time::Date;
use clinicos_contract::wire::{Doc, Nested};
use clinicos_contract::{Category, Currency, Field, Money, Patch, Problem, Timestamp, record};
use clinicos_gate::{ClinicId, conflict};
use jiff::ToSpan as _;
use serde::Deserialize;

use self::lines::{InvoiceLine, LINES_MAX, NewLine, Totals};
use self::stage::{Stage, Status};
use crate::changes::Changes;
use crate::documents::ExternalIds;
use crate::ids::{ClientId, InvoiceId};
use crate::refusals;

/// Days between issue and due date unless a due date is given.
pub const DUE_AFTER_DAYS: i64 = 30;

pub(super) const SYSTEM: Field = Field::of(Category::RecordSystem);
const FINANCIAL: Field = Field::of(Category::OwnerFinancial);

record! {
    /// What a client is asked to pay. Its amounts follow from its lines and payments.
    pub struct Invoice<'a> as "invoice" {
        /// Its identifier.
        id: InvoiceId = SYSTEM,
        /// The clinic that bills.
        clinic_id: ClinicId = SYSTEM,
        /// The client who pays.
        client_id: ClientId = SYSTEM.tells_of(Category::OwnerFinancial).required().equal(),
        /// The number on the paper, unique in the clinic; the next `INV-…` unless given.
        number: Cow<'a, str> = FINANCIAL.figure().creatable().max(40).equal(),
        /// Where the clinic put it. Starts as `draft` (unless given), `open` or `sent` and goes on from there;
        /// `void` is set by voiding.
        stage: Stage = FINANCIAL.figure().writable().equal(),
        /// What it is today, derived from stage, amounts and due date; never set.
        status: Status = FINANCIAL.figure().equal(),
        /// The day on the paper; today unless given. Fixed once issued.
        issued_on: Date = FINANCIAL.figure().writable().range().sortable(),
        /// The last day to pay; 30 days after `issued_on` unless given.
        due_on: Date = FINANCIAL.figure().writable().range(),
        /// Quantities times prices.
        subtotal: Money = FINANCIAL.figure(),
        /// What is taken off.
        discount: Money = FINANCIAL.figure(),
        /// Tax.
        tax: Money = FINANCIAL.figure(),
        /// Subtotal less discount plus tax.
        total: Money = FINANCIAL.figure().range(),
        /// What payments put towards it, less what of that was refunded.
        paid: Money = FINANCIAL.figure(),
        /// What is owed: total less paid once issued; zero as a draft, void or written off.
        balance: Money = FINANCIAL.figure().range(),
        /// Remarks on the paper.
        notes: Option<Cow<'a, str>> = FINANCIAL.writable().max(2_000),
        /// When it was voided.
        voided_at: Option<Timestamp> = FINANCIAL.figure().sparse(),
        /// Why it was voided.
        void_reason: Option<Cow<'a, str>> = FINANCIAL.sparse(),
        /// What is charged; at most 200. Left out of lists. Can be replaced while nothing is paid.
        lines: Option<Nested<InvoiceLine<'a>>> = FINANCIAL.figure().writable().max(LINES_MAX as u32).sparse(),
        /// Its identifiers in other systems.
        external_ids: Doc<'a, ExternalIds> = SYSTEM.tells_of(Category::OwnerFinancial).writable().max(20),
        /// When it was created.
        created_at: Timestamp = SYSTEM.range(),
        /// When it last changed.
        updated_at: Timestamp = SYSTEM.range().sortable(),
        /// Grows with each change.
        version: i64 = SYSTEM,
        /// When it was deleted, on a tombstone.
        deleted_at: Option<Timestamp> = SYSTEM.sparse(),
    }
}

/// A body of `invoices.create`.
#[derive(Debug, Deserialize)]
pub struct NewInvoice {
    /// The client who pays.
    pub client_id: ClientId,
    /// A number of the caller's own.
    pub number: Option<String>,
    /// Where to start.
    pub stage: Option<Stage>,
    /// The day on the paper.
    pub issued_on: Option<Date>,
    /// The last day to pay.
    pub due_on: Option<Date>,
    /// Remarks.
    pub notes: Option<String>,
    /// What is charged.
    pub lines: Option<Vec<NewLine>>,
    /// Identifiers elsewhere.
    #[serde(default)]
    pub external_ids: ExternalIds,
}

/// A body of `invoices.update`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct InvoicePatch {
    stage: Patch<Stage>,
    issued_on: Patch<Date>,
    due_on: Patch<Date>,
    notes: Patch<String>,
    /// Replaces all lines.
    pub lines: Patch<Vec<NewLine>>,
    external_ids: Patch<ExternalIds>,
}

/// A body of `invoices.void`.
#[derive(Debug, Deserialize)]
pub struct VoidInvoice {
    /// Why.
    pub reason: String,
}

/// What an invoice is made from besides its body.
#[derive(Debug)]
pub struct Origin {
    /// Its identifier.
    pub id: InvoiceId,
    /// The clinic that bills.
    pub clinic: ClinicId,
    /// What the clinic bills in.
    pub currency: Currency,
    /// Its number.
    pub number: String,
    /// The clinic's day.
    pub today: Date,
    /// When it is made.
    pub now: Timestamp,
}

/// Most days that the day on the paper may lie ahead: further on, the year is a slip of the pen.
pub const AHEAD_DAYS_MAX: i64 = 366;

/// Refuses a day for the paper that is too far ahead.
fn check_ahead(issued_on: Date, today: Date) -> Result<(), Problem> {
    match today.checked_add(AHEAD_DAYS_MAX.days()) {
        Ok(last) if issued_on > last => {
            Err(Problem::rule("/issued_on", "range", "must not be more than a year ahead; is the year right?"))
        }
        _ => Ok(()),
    }
}

/// The last day to pay an invoice of this day.
pub fn due_after(issued_on: Date) -> Date {
    issued_on.checked_add(DUE_AFTER_DAYS.days()).unwrap_or(issued_on)
}

impl NewInvoice {
    /// The new record, still without lines.
    pub fn record(self, origin: Origin) -> Result<Invoice<'static>, Problem> {
        let stage = self.stage.unwrap_or(Stage::Draft);
        stage.check_first()?;
        let issued_on = self.issued_on.unwrap_or(origin.today);
        check_ahead(issued_on, origin.today)?;
        let due_on = self.due_on.unwrap_or_else(|| due_after(issued_on));
        let zero = Money::new(0, origin.currency);
        let invoice = Invoice {
            id: origin.id,
            clinic_id: origin.clinic,
            client_id: self.client_id,
            number: Cow::Owned(origin.number),
            stage,
            status: stage::status(stage, 0, 0, due_on, origin.today),
            issued_on,
            due_on,
            subtotal: zero,
            discount: zero,
            tax: zero,
            total: zero,
            paid: zero,
            balance: zero,
            notes: self.notes.map(Cow::Owned),
            voided_at: None,
            void_reason: None,
            lines: Some(Nested(Vec::new())),
            external_ids: Doc::of(&self.external_ids),
            created_at: origin.now,
            updated_at: origin.now,
            version: 1,
            deleted_at: None,
        };
        invoice.check_dates()?;
        Ok(invoice)
    }
}

impl Invoice<'static> {
    /// Applies a patch, apart from its lines; tells what is different now.
    pub fn apply(&mut self, patch: InvoicePatch, today: Date) -> Result<Changes, Problem> {
        refusals::check_not_deleted(self.deleted_at)?;
        if self.stage == Stage::Void {
            return Err(conflict("the invoice is `void` and can no longer be changed; it can be read and deleted"));
        }
        let was_draft = self.stage == Stage::Draft;
        let mut changes = Changes::default();
        if let Patch::Set(stage) = patch.stage {
            self.check_stage(stage)?;
        }
        changes.value("stage", patch.stage, &mut self.stage);
        changes.value("issued_on", patch.issued_on, &mut self.issued_on);
        changes.value("due_on", patch.due_on, &mut self.due_on);
        changes.optional_text("notes", patch.notes, &mut self.notes);
        changes.document("external_ids", patch.external_ids, &mut self.external_ids);
        if changes.has("issued_on") && !was_draft {
            return Err(Problem::rule("/issued_on", "fixed", "is fixed once the invoice is issued"));
        }
        if changes.has("issued_on") {
            check_ahead(self.issued_on, today)?;
        }
        self.check_dates()?;
        Ok(changes)
    }

    /// Puts these lines in place of those there are.
    pub fn set_lines(&mut self, lines: Vec<InvoiceLine<'static>>, sums: Totals) {
        let money = |amount| Money::new(amount, self.total.currency);
        self.subtotal = money(sums.subtotal);
        self.discount = money(sums.discount);
        self.tax = money(sums.tax);
        self.total = money(sums.total);
        self.lines = Some(Nested(lines));
    }

    /// Refuses to replace lines that somebody paid for, or that are on paper that was given up.
    pub fn check_lines_open(&self) -> Result<(), Problem> {
        if self.paid.amount > 0 {
            return Err(conflict("lines can be replaced only while nothing is paid; take the payments' allocations back first"));
        }
        match self.stage {
            Stage::Draft | Stage::Open | Stage::Sent => Ok(()),
            stage => {
                let detail = format!(
                    "lines of a `{}` invoice can no longer be replaced; only those of a `draft`, `open` or `sent` one",
                    stage.name()
                );
                Err(conflict(detail))
            }
        }
    }

    /// Withdraws it.
    pub fn void(&mut self, reason: String, now: Timestamp) -> Result<(), Problem> {
        refusals::check_not_deleted(self.deleted_at)?;
        refusals::check_not_empty("/reason", &reason)?;
        if self.stage == Stage::Void {
            return Err(conflict("the invoice is void already"));
        }
        if self.paid.amount > 0 {
            return Err(conflict(format!(
                "the invoice is `{}`, and {} minor units of it are paid; take the payments' allocations back first",
                self.status.name(),
                self.paid.amount
            )));
        }
        self.stage = Stage::Void;
        self.voided_at = Some(now);
        self.void_reason = Some(Cow::Owned(reason));
        Ok(())
    }

    /// Refuses to delete what is on paper.
    pub fn check_deletable(&self) -> Result<(), Problem> {
        refusals::check_not_deleted(self.deleted_at)?;
        match self.stage {
            Stage::Draft | Stage::Void => Ok(()),
            stage => {
                let detail =
                    format!("the invoice is `{}`, and only a `draft` or `void` one can be deleted; void it first", stage.name());
                Err(conflict(detail))
            }
        }
    }

    /// Puts so much more (or less) of a payment towards it.
    pub fn pay(&mut self, amount: i64) -> Result<(), Problem> {
        let paid = self.paid.amount.checked_add(amount).filter(|paid| *paid >= 0);
        self.paid.amount = paid.ok_or_else(|| Problem::unavailable(format!("payments of {} do not add up", self.id)))?;
        Ok(())
    }

    /// Derives status and balance again, and tells how much more is owed than before.
    pub fn settle(&mut self, today: Date) -> i64 {
        let before = self.balance.amount;
        self.balance.amount = stage::balance(self.stage, self.total.amount, self.paid.amount);
        self.status = stage::status(self.stage, self.total.amount, self.paid.amount, self.due_on, today);
        self.balance.amount - before
    }

    /// Counts a change.
    pub fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
        self.version += 1;
    }

    fn check_stage(&self, to: Stage) -> Result<(), Problem> {
        self.stage.check_next(to)?;
        let given_up = matches!(to, Stage::WrittenOff | Stage::Collections);
        if given_up && to != self.stage && self.balance.amount == 0 {
            return Err(Problem::rule("/stage", "nothing_owed", "nothing is owed for the invoice any more"));
        }
        Ok(())
    }

    fn check_dates(&self) -> Result<(), Problem> {
        if self.due_on < self.issued_on {
            return Err(Problem::rule("/due_on", "range", "must not be before `issued_on`"));
        }
        Ok(())
    }
}
