//! What is said of values that cannot be taken: with an example of how they should look, and without the
//! value itself.

use std::collections::BTreeMap;

use clinicos_contract::money::AMOUNT_MAX;
use clinicos_contract::{Currency, Money};
use jiff::civil;

use crate::decimal::Figures;

/// How a day or a time must be written: by an example that can be read in one way alone.
pub(super) fn written(what: &str, format: Option<&str>, iso: &str) -> String {
    let example = civil::date(2026, 4, 25).at(14, 30, 0, 0);
    let example = format.and_then(|format| jiff::fmt::strtime::format(format, example).ok());
    let order = match format.map(|format| (format.find("%m"), format.find("%d"))) {
        Some((Some(month), Some(day))) if month < day => ", the month in front of the day",
        Some((Some(_), Some(_))) => ", the day in front of the month",
        _ => "",
    };
    let order = if format.is_some_and(|format| format.starts_with("%Y")) { "" } else { order };
    format!("must be a {what} written like {} for 25 April 2026{order}", example.as_deref().unwrap_or(iso))
}

pub(super) fn plain_figures(figures: Figures) -> String {
    format!("must be a number in plain figures, such as 1250{}50", figures.mark)
}

/// What is said of a number that can be two.
pub(super) const OPEN_FIGURES: &str = "can be read as two numbers, because three digits behind a mark can be thousands or a \
     fraction: let the mapping say `decimal_mark`, and `group_mark` if one stands between thousands";

/// What is said of an amount that is larger than any, in the file's own unit and not in cents.
pub(super) fn too_large(currency: Currency) -> String {
    format!("must be an amount of at most {} {}", Money::new(AMOUNT_MAX, currency).plain(), currency.code())
}

/// An amount without the sign or the code of its currency, in front of it or behind. A sign of another
/// currency stays, and so is told.
pub(super) fn without_sign(text: &str, currency: Currency) -> &str {
    let code = currency.code();
    let signs: &[&str] = match code {
        "EUR" => &["€"],
        "GBP" => &["£"],
        "JPY" | "CNY" => &["¥"],
        "INR" => &["₹"],
        "CHF" => &["Fr."],
        "BRL" => &["R$", "$"],
        // Dollars and pesos. Of any other currency it is the sign of one that it is not.
        "USD" | "CAD" | "AUD" | "NZD" | "SGD" | "HKD" | "TWD" | "MXN" | "CLP" | "COP" | "ARS" | "UYU" | "DOP" | "CUP" | "BSD"
        | "BBD" | "BMD" | "BND" | "BZD" | "FJD" | "GYD" | "JMD" | "KYD" | "LRD" | "NAD" | "SBD" | "SRD" | "TTD" | "XCD" => &["$"],
        _ => &[],
    };
    for mark in signs.iter().copied().chain([code]) {
        if let Some(rest) = text.strip_prefix(mark).or_else(|| text.strip_suffix(mark)) {
            return rest.trim();
        }
    }
    text
}

/// What is said of a word that a mapping does not know: some of those that it knows.
pub(super) fn unknown_word(map: &BTreeMap<String, String>) -> String {
    const NAMED_MAX: usize = 8;
    let known: Vec<String> = map.keys().take(NAMED_MAX).map(|word| format!("`{word}`")).collect();
    let more = if map.len() > NAMED_MAX { " and others" } else { "" };
    format!("is a word that the mapping does not know; it knows {}{more}", known.join(", "))
}

/// Reads yes or no.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "TRUE" | "True" | "1" => Some(true),
        "false" | "FALSE" | "False" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_is_shown_by_an_example() {
        let of = |format: Option<&str>| written("date", format, "2026-04-25");
        assert_eq!(of(None), "must be a date written like 2026-04-25 for 25 April 2026");
        let american = "must be a date written like 04/25/2026 for 25 April 2026, the month in front of the day";
        assert_eq!(of(Some("%m/%d/%Y")), american);
        assert_eq!(
            of(Some("%d.%m.%Y")),
            "must be a date written like 25.04.2026 for 25 April 2026, the day in front of the month"
        );
        assert_eq!(of(Some("%d %b %Y")), "must be a date written like 25 Apr 2026 for 25 April 2026");
        let map: BTreeMap<String, String> = [("Cat".to_owned(), "feline".to_owned())].into_iter().collect();
        assert_eq!(unknown_word(&map), "is a word that the mapping does not know; it knows `Cat`");
        let without = |text: &'static str, code: &str| without_sign(text, Currency::parse(code).unwrap());
        assert_eq!((without("$1,125.50", "USD"), without("12,50 €", "EUR"), without("CHF 5", "CHF")), ("1,125.50", "12,50", "5"));
        assert_eq!((without("€5", "USD"), without("-5", "USD")), ("€5", "-5"), "another currency is no sign of this one");
        assert_eq!((without("$5", "PLN"), without("5 PLN", "PLN"), without("$5", "KRW")), ("$5", "5", "$5"), "nor is a dollar");
        assert_eq!((without("$5", "MXN"), without("R$ 5", "BRL"), without("$ 5", "BRL")), ("5", "5", "5"));
        assert_eq!(
            plain_figures(Figures { mark: ',', ..Figures::default() }),
            "must be a number in plain figures, such as 1250,50"
        );
    }
}
