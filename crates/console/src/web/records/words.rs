//! Values and names of fields as people say them.

use clinicos_contract::schema::Word;
use clinicos_contract::{Currency, Shape};
use serde_json::Value;

use crate::web::ask::{int, text};
use crate::words::{Count, capital};

/// Words that are written in capitals.
const IN_CAPITALS: [&str; 30] = [
    "ach", "api", "asa", "bcs", "civ", "csr", "ct", "dapp", "dea", "dhpp", "dicom", "dvm", "fdx", "fiv", "fte", "fvrcp", "gl",
    "iso", "iv", "loinc", "mcs", "mms", "mri", "rdvm", "rhdv", "sku", "sms", "uid", "va", "wnv",
];
/// Words that are abbreviations, as people say them.
const SAID: [(&str, &str); 7] = [
    ("endo", "Endoscopy"),
    ("felv", "FeLV"),
    ("fluoro", "Fluoroscopy"),
    ("nm", "Nuclear medicine"),
    ("pto", "Paid time off"),
    ("us", "Ultrasound"),
    ("xr", "X-ray"),
];
/// How the end of a name is said: units stand in brackets.
const ENDS: [(&str, &str); 7] =
    [("_kg", " (kg)"), ("_c", " (°C)"), ("_pct", " (%)"), ("_s", " (seconds)"), ("_min", " (minutes)"), ("_at", ""), ("_on", "")];

/// A field's name in words: `Reason codes`, `Client`, `Issued`.
pub fn label(name: &str, shape: &Shape) -> String {
    let is_link = matches!(shape, Shape::Id(_) | Shape::List(Shape::Id(_)));
    let name = match (name.strip_suffix("_ids"), name.strip_suffix("_id")) {
        (Some(many), _) if is_link => format!("{many}s"),
        (_, Some(one)) if is_link => one.to_owned(),
        _ => name.strip_prefix("is_").unwrap_or(name).to_owned(),
    };
    let end = ENDS.iter().find_map(|(end, said)| Some((name.strip_suffix(end)?.to_owned(), *said)));
    let (name, unit) = end.filter(|(name, _)| name.len() > 1).unwrap_or((name, ""));
    format!("{}{unit}", word(&name))
}

/// A word of an enumeration, for people: `Ready for checkout`.
pub fn word(name: &str) -> String {
    if let Some((_, said)) = SAID.iter().find(|(known, _)| *known == name) {
        return (*said).to_owned();
    }
    let words = name.split('_').map(|word| if IN_CAPITALS.contains(&word) { word.to_uppercase() } else { word.to_owned() });
    capital(&words.collect::<Vec<_>>().join(" "))
}

/// What a word means, where it says more than the word itself.
pub fn meaning(words: &[Word], name: &str) -> String {
    let doc = words.iter().find(|word| word.name == name).map_or("", |word| word.doc.trim());
    let same = doc.trim_end_matches('.').eq_ignore_ascii_case(&word(name));
    if same { String::new() } else { crate::words::quoted(doc) }
}

/// An amount: `1,234.50 USD`.
pub fn money(value: &Value) -> String {
    let (amount, code) = (int(value, "amount"), text(value, "currency"));
    let digits = Currency::parse(&code).map_or(2, |currency| currency.minor_digits());
    let unit = 10_u64.pow(digits.min(6));
    let (sign, amount) = (if amount < 0 { "−" } else { "" }, amount.unsigned_abs());
    let whole = Count(amount / unit);
    let part = if digits == 0 { String::new() } else { format!(".{:0width$}", amount % unit, width = digits as usize) };
    format!("{sign}{whole}{part} {code}")
}

/// A day: `3 Nov 2026`.
pub fn day(text: &str) -> String {
    text.parse::<jiff::civil::Date>().map_or_else(|_| text.to_owned(), |date| date.strftime("%-d %b %Y").to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_fields_are_said() {
        for (name, shape, words) in [
            ("client_id", Shape::Id("cli"), "Client"),
            ("patient_ids", Shape::List(&Shape::Id("pat")), "Patients"),
            ("starts_at", Shape::Time, "Starts"),
            ("issued_on", Shape::Date, "Issued"),
            ("is_telehealth", Shape::Bool, "Telehealth"),
            ("weight_kg", Shape::Decimal, "Weight (kg)"),
            ("gl_code", Shape::Text, "GL code"),
            ("provider_ref", Shape::Text, "Provider ref"),
        ] {
            assert_eq!(label(name, &shape), words);
        }
        assert_eq!(word("ready_for_checkout"), "Ready for checkout");
        assert_eq!([word("dvm"), word("relief_dvm"), word("csr")], ["DVM", "Relief DVM", "CSR"]);
        assert_eq!([word("pto"), word("xr"), word("us")], ["Paid time off", "X-ray", "Ultrasound"]);
        assert_eq!([word("DVM"), word("sms"), word("iso_fdx_b")], ["DVM", "SMS", "ISO FDX b"]);
    }

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        for (amount, currency, words) in [
            (123_450, "USD", "1,234.50 USD"),
            (5, "USD", "0.05 USD"),
            (-250, "EUR", "−2.50 EUR"),
            (1_200, "JPY", "1,200 JPY"),
            (1_234, "KWD", "1.234 KWD"),
        ] {
            assert_eq!(money(&json!({"amount": amount, "currency": currency})), words);
        }
        assert_eq!(day("2026-11-03"), "3 Nov 2026");
        assert_eq!(day("soon"), "soon");
    }
}
