//! The bounds of amounts.

use serde_json::Value;

use super::Check;
use crate::money::{AMOUNT_MAX, Currency, Money};
use crate::schema::Field;

impl Check {
    /// An amount is given in minor units, and people think of it in others: its bounds are told in both.
    pub(super) fn amount(&mut self, at: &str, field: &Field, amount: i64, currency: Option<&Value>) {
        let least = self.least(field);
        if (least..=AMOUNT_MAX).contains(&amount) {
            return;
        }
        let in_words = match currency.and_then(Value::as_str).and_then(Currency::parse) {
            Some(currency) => {
                let plain = |amount: i64| Money::new(amount, currency).plain();
                format!(", from {} to {} {}", plain(least), plain(AMOUNT_MAX), currency.code())
            }
            None => String::new(),
        };
        self.wrong(at, "range", format!("must be between {least} and {AMOUNT_MAX} minor units{in_words}"));
    }

    pub(super) fn least(&self, field: &Field) -> i64 {
        if self.standing { -AMOUNT_MAX } else { field.least.max(-AMOUNT_MAX) }
    }
}
