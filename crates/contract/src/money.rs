//! Money: integer minor units and an ISO 4217 currency.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The largest amount that the API accepts, in minor units: a trillion dollars in cents.
pub const AMOUNT_MAX: i64 = 100_000_000_000_000;

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// United States dollars.
    pub const USD: Self = Self(*b"USD");

    /// Reads three capital letters that ISO 4217 lists.
    pub fn parse(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(code)?;
        Self::from_stored(code)
    }

    /// Every currency that `parse` takes, by its code. Asks it about each code there could be, so
    /// that the list and the check cannot differ.
    pub fn all() -> impl Iterator<Item = Self> {
        let letters = || b'A'..=b'Z';
        let codes = letters().flat_map(move |a| letters().flat_map(move |b| letters().map(move |c| [a, b, c])));
        codes.filter_map(|code| Self::parse(std::str::from_utf8(&code).ok()?))
    }

    /// Reads a code that this program stored.
    pub fn from_stored(code: &str) -> Option<Self> {
        code.as_bytes().try_into().ok().map(Self)
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Digits of the minor unit: 2 for cents, 0 where there is none.
    pub fn minor_digits(&self) -> u32 {
        iso_currency::Currency::from_code(self.code()).and_then(|currency| currency.exponent()).map_or(2, u32::from)
    }

    /// The three letters, for a place that lends text.
    pub fn bytes(&self) -> &[u8; 3] {
        &self.0
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).ok_or_else(|| D::Error::custom("not an ISO 4217 currency"))
    }
}

/// An amount of money: `{"amount": 12345, "currency": "USD"}` is 123.45 dollars.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units, such as cents.
    pub amount: i64,
    /// ISO 4217.
    pub currency: Currency,
}

impl Money {
    /// An amount in minor units.
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// In plain figures of the currency's own unit: `123.45`.
    pub fn plain(self) -> String {
        let digits = self.currency.minor_digits() as usize;
        let figures = format!("{:0>width$}", self.amount.unsigned_abs(), width = digits + 1);
        let (whole, rest) = figures.split_at(figures.len() - digits);
        let (sign, mark) = (if self.amount < 0 { "-" } else { "" }, if rest.is_empty() { "" } else { "." });
        format!("{sign}{whole}{mark}{rest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_in_plain_figures() {
        let plain = |amount: i64, code: &str| Money::new(amount, Currency::parse(code).unwrap()).plain();
        assert_eq!((plain(12_345, "USD"), plain(-5, "EUR"), plain(7, "JPY")), ("123.45".into(), "-0.05".into(), "7".into()));
        assert_eq!((plain(1_234, "KWD"), plain(0, "USD")), ("1.234".into(), "0.00".into()));
    }

    #[test]
    fn the_list_holds_the_codes_of_the_standard_in_order() {
        let codes: Vec<String> = Currency::all().map(|currency| currency.code().to_owned()).collect();
        assert!(codes.is_sorted());
        for code in ["CHF", "EUR", "JPY", "KWD", "USD", "ZWL"] {
            assert!(codes.iter().any(|one| one == code), "{code}");
        }
        assert!(!codes.iter().any(|one| one == "AAA" || one == "ZZZ"));
        assert!((150..300).contains(&codes.len()), "{}", codes.len());
    }
}
