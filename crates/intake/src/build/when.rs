//! Days and times, as files write them.

use clinicos_contract::Timestamp;
use clinicos_contract::time::YEARS;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Zoned, civil};

use super::words::written;

/// Why a text is no day or time.
pub(super) enum NoTime {
    /// It is written in another way.
    Unread,
    /// It is written as it should be, and no calendar has such a day.
    NoSuchDay,
    /// It is one of another age.
    OutOfRange,
}

impl NoTime {
    /// The kind of fault, where another spelling is called `unread`.
    pub(super) fn code(&self, unread: &'static str) -> &'static str {
        match self {
            Self::Unread | Self::NoSuchDay => unread,
            Self::OutOfRange => "range",
        }
    }

    /// What is expected.
    pub(super) fn detail(&self, what: &str, format: &Option<String>) -> String {
        match self {
            Self::Unread => written(what, format.as_deref(), if what == "date" { "2026-04-25" } else { "2026-04-25T14:30:00Z" }),
            Self::NoSuchDay => "is a day that no calendar has".to_owned(),
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
    let date = date.ok_or_else(|| unread(text, format))?;
    if YEARS.contains(&date.year()) { Ok(date) } else { Err(NoTime::OutOfRange) }
}

/// Why a text of which no day can be made is none.
fn unread(text: &str, format: Option<&str>) -> NoTime {
    let is_missing = match format {
        None => {
            let numbers: Vec<&str> = text.get(..10).unwrap_or_default().split('-').collect();
            let is_spelled =
                |(number, length): (&&str, usize)| number.len() == length && number.bytes().all(|byte| byte.is_ascii_digit());
            let ends = text.get(10..).is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()));
            ends && numbers.len() == 3 && numbers.iter().zip([4, 2, 2]).all(is_spelled) && iso(&numbers.join("-")).is_none()
        }
        Some(format) => strtime::parse(format, text).is_ok_and(|read| match (read.year(), read.month(), read.day()) {
            (Some(year), Some(month), Some(day)) => civil::Date::new(year, month, day).is_err(),
            _ => false,
        }),
    };
    if is_missing { NoTime::NoSuchDay } else { NoTime::Unread }
}

/// `YYYY-MM-DD` of any year, and no other spelling.
fn iso(text: &str) -> Option<civil::Date> {
    let is_spelled = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    text.parse::<civil::Date>().ok().filter(|_| is_spelled)
}

/// A time of RFC 3339. What says how far from UTC it is, is that far from it, however it is spelled; what does
/// not is in this zone, and a day alone is its midnight.
pub(super) fn time(text: &str, format: Option<&str>, zone: &TimeZone) -> Result<String, NoTime> {
    let time = match format {
        None if Timestamp::parse(text).is_some() => return Ok(text.to_owned()),
        None => plain(text, zone),
        Some(format) => formatted(text, format, zone),
    };
    let text = time.ok_or_else(|| unread(text, format))?.to_string();
    if Timestamp::parse(&text).is_some() { Ok(text) } else { Err(NoTime::OutOfRange) }
}

/// `2026-04-25 14:30:00`, with what databases write behind it: `+02`, `+0200`, `+02:00`, `Z`, or a zone in brackets.
fn plain(text: &str, zone: &TimeZone) -> Option<jiff::Timestamp> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time);
    }
    // A local time is read in spite of a zone behind it, and would lose it.
    if text.contains('[') {
        return text.parse::<Zoned>().ok().map(|time| time.timestamp());
    }
    let local = text.parse::<civil::DateTime>().ok()?;
    local.to_zoned(zone.clone()).ok().map(|time| time.timestamp())
}

/// As a format says it: an offset or a zone in it counts.
fn formatted(text: &str, format: &str, zone: &TimeZone) -> Option<jiff::Timestamp> {
    let read = strtime::parse(format, text).ok()?;
    let is_placed = read.offset().is_some() || read.iana_time_zone().is_some() || read.timestamp().is_some();
    if is_placed {
        return read.to_zoned().ok().map(|time| time.timestamp());
    }
    let local = read.to_datetime().or_else(|_| read.to_date().map(|date| date.at(0, 0, 0, 0))).ok()?;
    local.to_zoned(zone.clone()).ok().map(|time| time.timestamp())
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

    #[test]
    fn a_day_that_no_calendar_has_is_told_as_that() {
        let us = Some("%m/%d/%Y");
        let day =
            |text: &str, format: Option<&str>| day(text, format).err().map(|why| why.detail("date", &None)).unwrap_or_default();
        let time = |text: &str, format: Option<&str>| {
            time(text, format, &TimeZone::UTC).err().map(|why| why.detail("time", &None)).unwrap_or_default()
        };
        for told in [
            day("1996-02-30", None),
            day("1996-13-01", None),
            day("02/30/1996", us),
            time("1996-02-30", None),
            time("1996-02-30 10:00", None),
            time("02/30/1996", us),
        ] {
            assert_eq!(told, "is a day that no calendar has");
        }
        for told in [day("1996-2-30", None), day("30/02/1996", us), day("1996-02-301", None), time("1996-02-28 noon", None)] {
            assert!(told.starts_with("must be a "), "{told}");
        }
    }

    /// The clinic's zone is that of times without one alone.
    #[test]
    fn a_time_keeps_the_offset_that_it_has() {
        let zone = TimeZone::get("America/Chicago").unwrap();
        let of = |text: &str, format: Option<&str>| time(text, format, &zone).ok();
        for (text, format, expected) in [
            ("2026-04-25T14:30:00Z", None, "2026-04-25T14:30:00Z"),
            ("2026-04-25 02:30:00+00", None, "2026-04-25T02:30:00Z"),
            ("2026-04-25 02:30:00.25+00", None, "2026-04-25T02:30:00.25Z"),
            ("2026-04-25 02:30:00-05:30", None, "2026-04-25T08:00:00Z"),
            ("2026-04-25T14:30+02:00", None, "2026-04-25T12:30:00Z"),
            ("2026-04-25T14:30:00+0200", None, "2026-04-25T12:30:00Z"),
            ("2026-04-25 14:30Z", None, "2026-04-25T14:30:00Z"),
            ("2026-04-25T14:30[Europe/Berlin]", None, "2026-04-25T12:30:00Z"),
            ("2026-04-25 14:30:00", None, "2026-04-25T19:30:00Z"),
            ("2026-04-25", None, "2026-04-25T05:00:00Z"),
            ("25.04.2026 14:30 +0200", Some("%d.%m.%Y %H:%M %z"), "2026-04-25T12:30:00Z"),
            ("1777127400", Some("%s"), "2026-04-25T14:30:00Z"),
            ("25.04.2026 14:30", Some("%d.%m.%Y %H:%M"), "2026-04-25T19:30:00Z"),
            ("25.04.2026", Some("%d.%m.%Y"), "2026-04-25T05:00:00Z"),
        ] {
            assert_eq!(of(text, format).as_deref(), Some(expected), "{text}");
        }
        for text in ["2026-04-25T14:30+99:00", "2026-04-25 14:30:00 CET", "2026-04-25+02:00", "2026-04-25T14:30[Mars/Olympus]"] {
            assert_eq!(of(text, None), None, "{text}");
        }
    }
}
