//! Texts with a form, so that a schema tells what to write there.

use std::borrow::Cow;

use clinicos_contract::wire::ValueWriter;
use clinicos_contract::{Shape, Wire};
use serde::{Deserialize, Serialize};

macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident $shape:ident;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name<'a>(pub Cow<'a, str>);

            impl<'a> Wire for $name<'a> {
                const SHAPE: Shape = Shape::$shape;
                type Static = $name<'static>;
                fn into_static(self) -> $name<'static> {
                    $name(Cow::Owned(self.0.into_owned()))
                }
                fn write(&self, out: &mut ValueWriter<'_>) {
                    out.text(&self.0);
                }
                fn read(json: serde_json::Value) -> serde_json::Result<$name<'static>> {
                    String::deserialize(json).map($name::from)
                }
            }

            impl From<String> for $name<'_> {
                fn from(text: String) -> Self {
                    Self(Cow::Owned(text))
                }
            }
        )+
    };
}

forms! {
    /// An e-mail address, as entered.
    Email Email;
    /// A country of ISO 3166-1.
    Country Country;
    /// An IANA time zone.
    TimeZone TimeZone;
    /// A decimal number with at most 9 digits before and 4 after the point.
    Decimal Decimal;
}

impl Decimal<'_> {
    /// Numbers are counted in ten-thousandths, so that they are exact.
    pub const SCALE: i128 = 10_000;

    /// The number as ten-thousandths. `None` if the text is no decimal of the length that is allowed.
    pub fn ten_thousandths(&self) -> Option<i128> {
        let text = &*self.0;
        let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |unsigned| (-1, unsigned));
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        if whole.is_empty() || whole.len() > 9 || fraction.len() > 4 {
            return None;
        }
        let digits = format!("{whole}{fraction:0<4}");
        let number = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i128>().ok())??;
        Some(sign * number)
    }

    /// The number that has so many ten-thousandths, in as few characters as it takes. `None` beyond the
    /// length that is allowed.
    pub fn of_ten_thousandths(number: i128) -> Option<Decimal<'static>> {
        let (whole, fraction) = (number.unsigned_abs() / 10_000, number.unsigned_abs() % 10_000);
        if whole > 999_999_999 {
            return None;
        }
        let sign = if number < 0 { "-" } else { "" };
        let text = format!("{sign}{whole}.{fraction:04}");
        Some(Decimal::from(text.trim_end_matches('0').trim_end_matches('.').to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn decimals_become_ten_thousandths() {
        for (text, expected) in
            [("1", Some(10_000)), ("0.0001", Some(1)), ("-2.5", Some(-25_000)), ("1.00001", None), ("x", None), ("", None)]
        {
            assert_eq!(Decimal::from(text.to_owned()).ten_thousandths(), expected, "{text}");
        }
    }

    #[test]
    fn ten_thousandths_become_decimals() {
        for (number, expected) in [
            (0, Some("0")),
            (10_000, Some("1")),
            (1_000_000, Some("100")),
            (-25_000, Some("-2.5")),
            (-1, Some("-0.0001")),
            (9_999_999_999_999, Some("999999999.9999")),
            (10_000_000_000_000, None),
            (i128::MIN, None),
        ] {
            let decimal = Decimal::of_ten_thousandths(number);
            assert_eq!(decimal.as_ref().map(|decimal| &*decimal.0), expected, "{number}");
            assert_eq!(decimal.and_then(|decimal| decimal.ten_thousandths()), expected.map(|_| number));
        }
    }
}
