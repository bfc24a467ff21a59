//! The end of a day: the till is counted, and what cards brought comes in.

use std::borrow::Cow;

use clinicos_clinic::ids::PayoutId;
use clinicos_clinic::payments::model::Provider;
use clinicos_clinic::payouts::model::{Payout, PayoutKind};
use clinicos_contract::Timestamp;

use crate::calendar::{Day, date};
use crate::money::{Origin, TILL, credit, debit};
use crate::plan::CURRENCY;
use crate::world::{World, money, no_external_ids};

impl World {
    /// Closes the till of a day, and lets the cards of two days before come in.
    pub fn close_day(&mut self, day: Day) {
        let closes = self.calendar.closes(day).unwrap_or(crate::calendar::CLOSES);
        let cards = std::mem::take(&mut self.books.cards);
        self.books.on_the_way.insert(day, cards);
        let expected = std::mem::take(&mut self.books.till);
        let wrong = if self.dice.chance(60) { self.dice.between(-2_000, 1_500) } else { 0 };
        let counted = (expected + wrong).max(0);
        let at = self.calendar.at(day, closes + 20);
        let id = self.payout(PayoutKind::DayClose, None, day, expected, Some(counted), at);
        let over = counted - expected;
        let mut lines = vec![debit("1000", counted), debit("6900", -over), credit("6900", over)];
        lines.push(if expected >= 0 { credit("1010", expected) } else { debit("1010", -expected) });
        self.post(at, "Till counted".to_owned(), lines, Origin { payout: Some(id), ..Origin::default() });
        self.pay_out(day);
    }

    fn pay_out(&mut self, day: Day) {
        let ready: Vec<Day> = self.books.on_the_way.range(..=day - 2).map(|(day, _)| *day).collect();
        let mut sums = [(0, 0); 2];
        for (sum, cards) in ready.iter().filter_map(|day| self.books.on_the_way.remove(day)).flat_map(|cards| (0..2).zip(cards)) {
            sums[sum].0 += cards.0;
            sums[sum].1 += cards.1;
        }
        for ((gross, fees), provider) in sums.into_iter().zip([Provider::Stripe, Provider::Square]) {
            if gross - fees <= 0 {
                let back = self.books.on_the_way.entry(day).or_default();
                let place = usize::from(provider == Provider::Square);
                back[place].0 += gross;
                back[place].1 += fees;
                continue;
            }
            let at = self.calendar.at(day, 17 * 60 + 50);
            let id = self.payout(PayoutKind::Payout, Some(provider), day, gross - fees, Some(gross - fees), at);
            let lines = vec![debit("1000", gross - fees), debit("6100", fees), credit("1020", gross)];
            self.post(at, format!("Payout of {}", provider.name()), lines, Origin { payout: Some(id), ..Origin::default() });
        }
    }

    fn payout(
        &mut self,
        kind: PayoutKind,
        provider: Option<Provider>,
        day: Day,
        expected: i64,
        counted: Option<i64>,
        at: Timestamp,
    ) -> PayoutId {
        let id = self.dice.id(at);
        let counted_by_id = Some(self.helper());
        self.shelf.put(&Payout {
            id,
            clinic_id: self.clinic,
            currency: CURRENCY,
            kind,
            business_on: date(day),
            provider,
            provider_ref: provider.map(|_| Cow::Owned(format!("po_synthetic_{}", self.dice.digits(12)))),
            till_id: provider.is_none().then_some(Cow::Borrowed(TILL)),
            expected: money(expected),
            counted: counted.map(money),
            variance: counted.map(|counted| money(counted - expected)),
            counted_at: counted.map(|_| at),
            counted_by_id,
            notes_internal: None,
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: at,
            version: 1,
            deleted_at: None,
        });
        id
    }
}
