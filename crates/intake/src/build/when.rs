//! Days and times, as files write them.

use clinicos_contract::Timestamp;
use clinicos_contract::time::YEARS;
use jiff::civil;
use jiff::tz::TimeZone;

use super::words::written;

/// Why a text is no day or time.
pub(super) enum NoTime {
    /// It is written in another way.
    Unread,
    /// It is one of another age.
    OutOfRange,
}

impl NoTime {
    /// The kind of fault, where another spelling is called `unread`.
    pub(super) fn code(&self, unread: &'static str) -> &'static str {
        match self {
            Self::Unread => unread,
            Self::OutOfRange => "range",
        }
    }

    /// What is expected.
    pub(super) fn detail(&self, what: &str, format: &Option<String>) -> String {
        match self {
            Self::Unread => written(what, format.as_deref(), if what == "date" { "2026-04-25" } else { "2026-04-25T14:30:00Z" }),
            Self::OutOfRange => format!("must be a {what} between the years {} and {}", YEARS.start(), YEARS.end()),
        }
    }
}

/// A calendar day.
pub(super) fn day(text: &str, format: Option<&str>) -> Result<civil::Date, NoTime> {
    let date = match format {
        None => iso(text),
        Some(format) => civil::Date::strptime(format, text).ok(),
    };
    let date = date.ok_or(NoTime::Unread)?;
    if YEARS.contains(&date.year()) { Ok(date) } else { Err(NoTime::OutOfRange) }
}

/// `YYYY-MM-DD` of any year, and no other spelling.
fn iso(text: &str) -> Option<civil::Date> {
    let is_spelled = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    text.parse::<civil::Date>().ok().filter(|_| is_spelled)
}

/// A time of RFC 3339; what names no zone is in this one, and a day alone is its midnight.
pub(super) fn time(text: &str, format: Option<&str>, zone: &TimeZone) -> Result<String, NoTime> {
    let local = match format {
        None if Timestamp::parse(text).is_some() => return Ok(text.to_owned()),
        None => text.parse::<civil::DateTime>().ok(),
        Some(format) => civil::DateTime::strptime(format, text)
            .or_else(|_| civil::Date::strptime(format, text).map(|date| date.at(0, 0, 0, 0)))
            .ok(),
    };
    let time = local.and_then(|local| local.to_zoned(zone.clone()).ok()).ok_or(NoTime::Unread)?;
    let text = time.timestamp().to_string();
    if Timestamp::parse(&text).is_some() { Ok(text) } else { Err(NoTime::OutOfRange) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_age_is_no_other_spelling() {
        let code = |text: &str, format: Option<&str>| day(text, format).map_or_else(|why| why.code("date"), |_| "");
        for (text, format, expected) in [
            ("2026-04-25", None, ""),
            ("1800-01-01", None, "range"),
            ("2201-01-01", None, "range"),
            ("01/02/1800", Some("%m/%d/%Y"), "range"),
            ("2026-4-25", None, "date"),
            ("20260425", None, "date"),
            ("2026-02-30", None, "date"),
            ("soon", Some("%m/%d/%Y"), "date"),
        ] {
            assert_eq!(code(text, format), expected, "{text}");
        }
        let code = |text: &str| time(text, None, &TimeZone::UTC).map_or_else(|why| why.code("time"), |_| "");
        assert_eq!((code("1800-01-01"), code("2026-01-01"), code("2026-01-01 14:30"), code("noon")), ("range", "", "", "time"));
        assert_eq!(NoTime::OutOfRange.detail("date", &None), "must be a date between the years 1900 and 2200");
    }
}
