//! Single values: ids, times, dates, numbers and words, wherever they stand.

use clinicos_contract::admit::check_text;
use clinicos_contract::id::parse_any;
use clinicos_contract::time::{Timestamp, YEARS, parse_date};
use clinicos_contract::{AnyId, Currency, Shape};

const TEXTUAL: [Shape; 9] = [
    Shape::Text,
    Shape::Email,
    Shape::Currency,
    Shape::Country,
    Shape::TimeZone,
    Shape::Date,
    Shape::Time,
    Shape::Decimal,
    Shape::Int,
];

/// A value as text.
///
/// - Checking it never panics.
/// - What is accepted reads as something that, written again, reads as the same.
/// - Ids and dates have one spelling.
pub fn value(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for shape in TEXTUAL {
        if check_text(&shape, text).is_ok() {
            accepted(&shape, text);
        }
    }
    if let Some((prefix, bytes)) = parse_any(text) {
        let prefix: &'static str = ["inv", "cli"].into_iter().find(|known| *known == prefix).unwrap_or("pay");
        let again = AnyId { prefix, bytes }.to_string();
        assert_eq!(again.split_once('_').map(|(_, id)| id), text.split_once('_').map(|(_, id)| id), "two spellings of one id");
    }
}

fn accepted(shape: &Shape, text: &str) {
    match shape {
        Shape::Time => {
            let at = Timestamp::parse(text).expect("what passes its check can be read");
            assert_eq!(Timestamp::parse(&at.to_string()), Some(at), "`{text}` was written as `{at}`");
            assert!(is_rfc_3339(text), "`{text}` is not of RFC 3339");
        }
        Shape::Date => {
            let date = parse_date(text).expect("what passes its check can be read");
            assert!(YEARS.contains(&date.year()) && date.to_string() == text, "`{text}` was written as `{date}`");
        }
        Shape::Int => {
            assert_eq!(text.parse::<i64>().map(|int| int.to_string()).as_deref(), Ok(text), "two spellings of one number")
        }
        Shape::Currency => assert!(Currency::parse(text).is_some_and(|currency| currency.code() == text), "`{text}`"),
        Shape::Text => assert!(!text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c)), "`{text:?}`"),
        Shape::Decimal => assert!(text.parse::<f64>().is_ok_and(f64::is_finite), "`{text}`"),
        _ => assert!(!text.chars().any(char::is_control), "`{text:?}`"),
    }
}

/// The grammar of RFC 3339, section 5.6, in capitals.
fn is_rfc_3339(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let Some(rest) = shape.strip_prefix("0000-00-00T00:00:00") else { return false };
    let fraction = rest.strip_prefix('.').map(|rest| rest.trim_start_matches('0'));
    let zone = match fraction {
        Some(zone) if zone.len() < rest.len() - 1 => zone,
        Some(_) => return false,
        None => rest,
    };
    ["Z", "+00:00", "-00:00"].contains(&zone)
}
