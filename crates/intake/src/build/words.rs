//! What is said of values that cannot be taken: with an example of how they should look, and without the
//! value itself.

use std::collections::BTreeMap;

use clinicos_contract::money::AMOUNT_MAX;
use clinicos_contract::{Currency, Money};
use jiff::civil;

use crate::decimal::{Decimal, Figures};

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

fn plain_figures(figures: Figures) -> String {
    format!("must be a number in plain figures, such as 1250{}50", figures.mark)
}

/// What is said of a text that is no number: what is expected, and what stands in it that nobody said would.
pub(super) fn no_number(text: &str, figures: Figures, currency: Currency) -> String {
    const SIGNS: [&str; 11] = ["R$", "$", "€", "£", "¥", "₹", "Fr.", "₩", "₪", "₺", "₽"];
    let own = signs(currency);
    let sign = SIGNS.into_iter().find(|sign| text.contains(sign)).filter(|sign| !own.contains(sign));
    let code = [text.get(..3), text.get(text.len().saturating_sub(3)..)].into_iter().flatten();
    let code = code
        .filter(|_| text.contains(|letter: char| letter.is_ascii_digit()))
        .find(|code| Currency::parse(code).is_some_and(|other| other.code() != currency.code()));
    let bare = sign.or(code).map_or(text, |mark| text.trim_start_matches(mark).trim_end_matches(mark).trim());
    let bare = without_sign(bare, currency);
    let is_grouped = |group: &char| Decimal::parse(bare, Figures { group: Some(*group), ..figures }).is_some();
    let group =
        [',', '.', ' ', '\'', '’', '\u{a0}', '\u{202f}'].into_iter().filter(|group| *group != figures.mark).find(is_grouped);
    let mut said = plain_figures(figures);
    if text.strip_suffix('%').is_some_and(|rest| !rest.contains('%')) {
        said.push_str("; a `%` is read by `percent(…)` of an expression alone");
    }
    if let Some(mark) = sign.or(code) {
        said.push_str(&format!("; `{mark}` is of another currency than the mapping's, {}", currency.code()));
    }
    if let Some(group) = group.filter(|group| bare.contains(*group)) {
        let named = if group.is_whitespace() { "a blank".to_owned() } else { format!("`{group}`") };
        said.push_str(&format!("; {named} between thousands is read if the mapping says so with `group_mark`"));
    }
    said
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
    for mark in signs(currency).iter().copied().chain([currency.code()]) {
        if let Some(rest) = text.strip_prefix(mark).or_else(|| text.strip_suffix(mark)) {
            return rest.trim();
        }
    }
    text
}

/// The signs of a currency.
fn signs(currency: Currency) -> &'static [&'static str] {
    match currency.code() {
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
    }
}

/// What is said of a word that a mapping does not know: some of those that it knows, each in one of its spellings.
pub(super) fn unknown_word(map: &BTreeMap<String, String>) -> String {
    const NAMED_MAX: usize = 8;
    let spelled: BTreeMap<String, &String> = map.keys().map(|word| (word.to_lowercase(), word)).collect();
    let known: Vec<String> = spelled.values().take(NAMED_MAX).map(|word| format!("`{word}`")).collect();
    let more = if spelled.len() > NAMED_MAX { " and others" } else { "" };
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
        let spellings = ["CAT", "Cat", "DOG", "Dog", "cat", "dog", "Vögel"].map(|word| (word.to_owned(), "x".to_owned()));
        assert_eq!(
            unknown_word(&spellings.into_iter().collect()),
            "is a word that the mapping does not know; it knows `cat`, `dog`, `Vögel`"
        );
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

    /// What is in the way is named, so that nobody looks for it.
    #[test]
    fn what_keeps_a_text_from_being_a_number_is_named() {
        let unsaid = Figures { is_said: false, ..Figures::default() };
        let said = |text: &str, figures: Figures| {
            let said = no_number(text, figures, Currency::parse("USD").unwrap());
            said.strip_prefix(&plain_figures(figures)).unwrap().to_owned()
        };
        let (percent, another) = ("; a `%` is read by `percent(…)` of an expression alone", "than the mapping's, USD");
        let (is_read, european) = ("is read if the mapping says so with `group_mark`", Figures { mark: ',', ..unsaid });
        for (text, figures, expected) in [
            ("15%", unsaid, percent.to_owned()),
            ("€14.00", unsaid, format!("; `€` is of another currency {another}")),
            ("14.00 EUR", unsaid, format!("; `EUR` is of another currency {another}")),
            ("R$ 5", unsaid, format!("; `R$` is of another currency {another}")),
            ("1,290.50", unsaid, format!("; `,` between thousands {is_read}")),
            ("$1,290.50", unsaid, format!("; `,` between thousands {is_read}")),
            ("1 290,50", european, format!("; a blank between thousands {is_read}")),
            ("1'290.50", Figures { group: Some(','), ..Figures::default() }, format!("; `'` between thousands {is_read}")),
            ("€1,290.50", unsaid, format!("; `€` is of another currency {another}; `,` between thousands {is_read}")),
            ("-$5", unsaid, String::new()),
            ("one", unsaid, String::new()),
            ("ALL", unsaid, String::new()),
            ("15%%", unsaid, String::new()),
            ("", unsaid, String::new()),
            ("éé€", unsaid, format!("; `€` is of another currency {another}")),
        ] {
            assert_eq!(said(text, figures), expected, "{text}");
        }
    }
}
