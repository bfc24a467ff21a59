//! The payout: money that should have come, what was counted, and by how much the two differ.

use std::borrow::Cow;

use clinicos_contract::category::Sensitivity;
use clinicos_contract::time::Date;
use clinicos_contract::{Category, Field, Money, Problem, Resource, Timestamp};
use clinicos_gate::Announcement;

use super::sample;
use crate::ids::{PayoutKind as PayoutIdKind, StaffId};
use crate::payments::model::Provider;
use crate::plain::{Moment, Plain};
use crate::{column_words, plain_record, word_column};

/// What a clinic takes in is among its own figures.
const OWN_FIGURE: Field = Field::of(Category::Aggregates).sensitivity(Sensitivity::Internal);

column_words! {
    /// Where money was counted.
    PayoutKind {
        /// What a payment provider paid out to the clinic's bank.
        Payout = "payout",
        /// What was in a till at the end of a day.
        DayClose = "day_close",
    }
}

word_column! { Provider }

plain_record! {
    /// What a payment provider paid out, or what was in a till at the end of a day.
    pub struct Payout<'a>: PayoutIdKind, "payout" in "payouts";
    words "a payout or closed day", "payouts and closed days";
    index "business_on";
    money in currency;
    {
        /// Which of the two it is.
        kind: PayoutKind = OWN_FIGURE.required().equal(),
        /// The day that was closed, or that the provider paid out on.
        business_on: Date = OWN_FIGURE.required().updatable().range().sortable(),
        /// Who paid out. Only of a `payout`, and always there.
        provider: Option<Provider> = OWN_FIGURE.writable().equal(),
        /// What the provider calls it. Only of a `payout`.
        provider_ref: Option<Cow<'a, str>> = OWN_FIGURE.writable().filled().max(200).equal(),
        /// Which till. Only of a `day_close`.
        till_id: Option<Cow<'a, str>> = OWN_FIGURE.writable().filled().max(60).equal(),
        /// What there should be, less fees.
        expected: Money = OWN_FIGURE.required().updatable(),
        /// What there was; null until somebody looked.
        counted: Option<Money> = OWN_FIGURE.writable(),
        /// `counted − expected`: less than zero if something is missing.
        variance: Option<Money> = OWN_FIGURE,
        /// When it was last counted.
        counted_at: Option<Timestamp> = OWN_FIGURE.range(),
        /// Who counted; goes together with `counted`.
        counted_by_id: Option<StaffId> = OWN_FIGURE.writable().equal(),
        /// What explains a difference.
        notes_internal: Option<Cow<'a, str>> = OWN_FIGURE.writable().max(4_000),
    }
}

impl Plain for Payout<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str = "Whoever counts again changes `counted`; `variance` follows from it.";
    const DELETE_DOC: &'static str = "For a payout or a closed day recorded by mistake.";

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        self.check_kind()?;
        if self.business_on > moment.today {
            return Err(Problem::rule("/business_on", "range", "must not be after today"));
        }
        if self.kind == PayoutKind::DayClose && self.counted.is_some_and(|counted| counted.amount < 0) {
            return Err(Problem::rule("/counted", "range", "must not be less than zero for a till"));
        }
        if self.counted.is_none() && self.counted_by_id.is_some() {
            return Err(Problem::rule("/counted_by_id", "not_counted", "goes together with `counted`"));
        }
        // Neither is beyond the largest amount, which is far below half of what fits.
        let by = |counted: Money| Money::new(counted.amount.saturating_sub(self.expected.amount), self.currency);
        self.variance = self.counted.map(by);
        if self.counted != before.and_then(|before| before.counted) {
            self.counted_at = self.counted.map(|_| moment.now);
        }
        Ok(())
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("kind", self.kind.name())
    }
}

impl Payout<'_> {
    fn check_kind(&self) -> Result<(), Problem> {
        let only =
            |pointer: &str, kind: &str| Err(Problem::rule(pointer, "kind", format!("goes together with the kind `{kind}`")));
        match self.kind {
            PayoutKind::Payout if self.till_id.is_some() => only("/till_id", "day_close"),
            PayoutKind::Payout if self.provider.is_none() => {
                Err(Problem::rule("/provider", "required", "must be given for a `payout`"))
            }
            PayoutKind::DayClose if self.provider.is_some() => only("/provider", "payout"),
            PayoutKind::DayClose if self.provider_ref.is_some() => only("/provider_ref", "payout"),
            _ => Ok(()),
        }
    }
}
