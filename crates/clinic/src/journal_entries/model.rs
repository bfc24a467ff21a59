//! The journal entry: what happened to the clinic's money, by accounts. What was posted stays; another
//! entry reverses it.

use std::borrow::Cow;

use clinicos_contract::category::Sensitivity;
use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Money, Problem, Resource, Timestamp};
use clinicos_gate::{Announcement, Cx, OrProblem as _, conflict};

use super::lines::{JournalLines, LINES_MAX};
use super::{rows, sample};
use crate::ids::{InvoiceId, JournalEntryId, JournalEntryKind, PaymentId, PayoutId, RefundId};
use crate::plain::{Declared as _, Moment, Plain, check_step};
use crate::{column_words, plain_record};

/// The clinic's books are among its own figures.
const OWN_FIGURE: Field = Field::of(Category::Aggregates).sensitivity(Sensitivity::Internal);

column_words! {
    /// Whether an entry is in the books.
    EntryStatus {
        /// Being written; it can be changed and deleted.
        Draft = "draft",
        /// In the books for good.
        Posted = "posted",
    }
}

impl EntryStatus {
    /// What can follow. What was posted is reversed by another entry.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Posted],
            Self::Posted => &[],
        }
    }
}

plain_record! {
    /// What happened to the clinic's money, by accounts.
    pub struct JournalEntry<'a>: JournalEntryKind, "journal_entry" in "journal_entries";
    words "a journal entry", "journal entries";
    index "reverses_id" "invoice_id" "payment_id" "payout_id" "entry_on";
    money in currency;
    {
        /// The day that it belongs to.
        entry_on: Date = OWN_FIGURE.required().updatable().range().sortable(),
        /// What happened.
        description: Cow<'a, str> = OWN_FIGURE.required().updatable().filled().max(300),
        /// Whether it is in the books.
        status: EntryStatus = OWN_FIGURE.writable().fallback("\"draft\"").equal(),
        /// Debits and credits, the same in sum; from 2 to 200 lines.
        lines: Doc<'a, JournalLines> = OWN_FIGURE.required().updatable().max(LINES_MAX),
        /// The sum of the debits, and of the credits.
        total: Money = OWN_FIGURE.range(),
        /// When it was posted.
        posted_at: Option<Timestamp> = OWN_FIGURE.range(),
        /// The posted entry that it takes back: the same accounts and amounts, with debit and credit changed.
        reverses_id: Option<JournalEntryId> = OWN_FIGURE.writable().equal(),
        /// The invoice that it comes from.
        invoice_id: Option<InvoiceId> = OWN_FIGURE.writable().equal(),
        /// The payment that it comes from.
        payment_id: Option<PaymentId> = OWN_FIGURE.writable().equal(),
        /// The refund that it comes from.
        refund_id: Option<RefundId> = OWN_FIGURE.writable().equal(),
        /// The payout or closed day that it comes from.
        payout_id: Option<PayoutId> = OWN_FIGURE.writable().equal(),
    }
}

impl Plain for JournalEntry<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const CREATE_DOC: &'static str = "The journal is kept by whoever keeps the clinic's books: recording an invoice, a payment or a refund posts nothing. \
         An entry names what it comes from. Debits and credits must be the same in sum, in drafts too. To take a posted entry back, create one with \
         `reverses_id` and the same lines with debit and credit changed; each entry is reversed once.";
    const UPDATE_DOC: &'static str = "Only drafts change. Of a posted entry only `external_ids` do.";
    const DELETE_DOC: &'static str = "Only drafts can be deleted. A posted entry is reversed by another one.";

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
            self.check_posted(before)?;
        }
        let total = self.lines.value().unwrap_or_default().total()?;
        self.total = Money::new(total, self.currency);
        if self.reverses_id == Some(self.id) {
            return Err(Problem::rule("/reverses_id", "range", "must be another entry"));
        }
        if self.status == EntryStatus::Posted && self.posted_at.is_none() {
            self.posted_at = Some(moment.now);
        }
        Ok(())
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("status", self.status.name())
    }

    async fn effect(cx: &mut Cx<'_>, _before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        if after.deleted_at.is_some() {
            return match after.status {
                EntryStatus::Draft => Ok(()),
                EntryStatus::Posted => {
                    Err(conflict("the entry is `posted`, and only a `draft` is deleted; reverse it with another one"))
                }
            };
        }
        match after.reverses_id {
            Some(reversed) => after.check_reversal(cx, reversed).await,
            None => Ok(()),
        }
    }
}

impl JournalEntry<'static> {
    /// What is in the books stays as it is.
    fn check_posted(&self, before: &Self) -> Result<(), Problem> {
        if before.status != EntryStatus::Posted {
            return Ok(());
        }
        match self.differences(before).names().find(|field| *field != "external_ids") {
            Some(field) => Err(Problem::rule(format!("/{field}"), "posted", "was posted; reverse the entry with another one")),
            None => Ok(()),
        }
    }

    /// The entry that is reversed is held, so that two do not reverse it at once.
    async fn check_reversal(&self, cx: &mut Cx<'_>, reversed: JournalEntryId) -> Result<(), Problem> {
        let wrong = |code: &'static str, detail: String| Err(Problem::rule("/reverses_id", code, detail));
        let clinic = cx.clinic_id()?;
        let entry = rows::lock(cx.conn(), clinic, reversed).await.or_problem()?;
        let Some(entry) = entry.filter(|entry| entry.status == EntryStatus::Posted) else {
            return wrong("not_posted", "must be an entry that was posted".to_owned());
        };
        if self.entry_on < entry.entry_on {
            return Err(Problem::rule("/entry_on", "range", "must not be before the day of the entry that it reverses"));
        }
        let mirrors = self.lines.value().unwrap_or_default().mirror(&entry.lines.value().unwrap_or_default());
        if !mirrors {
            let detail = "must be the lines of the entry that it reverses, with debit and credit changed";
            return Err(Problem::rule("/lines", "no_mirror", detail));
        }
        match rows::reversed_by(cx.conn(), clinic, reversed, self.id).await.or_problem()? {
            Some(other) => wrong("reversed", format!("was reversed already, by `{other}`")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_reached_and_the_last_ones_stay() {
        let mut reached = vec![EntryStatus::Draft];
        let mut at = 0;
        while let Some(state) = reached.get(at).copied() {
            at += 1;
            for next in state.next() {
                assert_ne!(*next, state, "a step leads on");
                if !reached.contains(next) {
                    reached.push(*next);
                }
            }
        }
        assert_eq!(reached.len(), EntryStatus::NAMES.len(), "{reached:?}");
        reached.retain(|state| state.next().is_empty());
        reached.sort_unstable_by_key(|state| state.name());
        assert_eq!(reached, [EntryStatus::Posted]);
    }
}
