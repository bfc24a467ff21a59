//! Points in time and calendar days.

use std::fmt;

use jiff::fmt::temporal::DateTimePrinter;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use jiff::civil::Date;

/// RFC 3339 with six fractional digits, always.
const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));

/// The earliest and latest years that the API accepts anywhere.
pub const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the epoch, rounded down.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// This time plus a number of microseconds; stops at the ends of the range.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// This time plus a number of seconds; stops at the ends of the range.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_micros(seconds.saturating_mul(1_000_000))
    }

    /// Reads RFC 3339 with an offset, between the years 1900 and 2200; no other spelling.
    pub fn parse(text: &str) -> Option<Self> {
        if !is_rfc_3339(text) {
            return None;
        }
        let parsed: jiff::Timestamp = text.parse().ok()?;
        let year = parsed.to_zoned(jiff::tz::TimeZone::UTC).year();
        YEARS.contains(&year).then(|| Self(parsed.as_microsecond()))
    }

    /// Why a text is no time though it is written like one; `None` if it is one, or is written otherwise.
    pub(crate) fn flaw(text: &str) -> Option<&'static str> {
        if !is_rfc_3339(text) || Self::parse(text).is_some() {
            return None;
        }
        let (day, time) = (text.get(..10).unwrap_or_default(), text.get(11..19).unwrap_or_default());
        match (day.parse::<Date>(), time.parse::<jiff::civil::Time>()) {
            (Err(_), _) => Some(NO_DAY),
            (_, Err(_)) => Some("names a time of day that there is not"),
            (Ok(_), Ok(_)) => Some("lies outside the years 1900 to 2200, or has an offset that there is not"),
        }
    }

    /// The calendar day that this moment falls on in a time zone.
    pub fn day_in(self, zone: &jiff::tz::TimeZone) -> Date {
        self.civil().to_zoned(zone.clone()).date()
    }

    /// Appends RFC 3339 in UTC, such as `2026-11-22T07:16:23.120000Z`.
    pub fn write_text(self, out: &mut Vec<u8>) {
        // Printing into a `Vec` cannot fail.
        let _ = PRINTER.print_timestamp(&self.civil(), out);
    }

    fn civil(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MAX)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(32);
        self.write_text(&mut text);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}
impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not an RFC 3339 time"))
    }
}

/// Whether a text has the shape of RFC 3339, section 5.6, in capitals and with at most nine
/// digits of a second. The reader below it takes more than that: weeks, zones by name.
fn is_rfc_3339(text: &str) -> bool {
    const DAY_AND_TIME: &str = "0000-00-00T00:00:00";
    let Some((day_and_time, rest)) = text.split_at_checked(DAY_AND_TIME.len()) else { return false };
    let digits = rest.strip_prefix('.').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let offset = match (rest.starts_with('.'), digits) {
        (false, _) => rest,
        (true, 1..=9) => rest.get(1 + digits..).unwrap_or_default(),
        (true, _) => return false,
    };
    like(day_and_time, DAY_AND_TIME) && (offset == "Z" || like(offset, "+00:00") || like(offset, "-00:00"))
}

/// Whether a text is a pattern with some digit for each `0`.
fn like(text: &str, pattern: &str) -> bool {
    let fits = |(found, wanted): (u8, u8)| if wanted == b'0' { found.is_ascii_digit() } else { found == wanted };
    text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(fits)
}

/// What is said of the 30th of February.
const NO_DAY: &str = "names a day that no calendar has";

/// Why a text is no day though it is written like one; `None` if it is one, or is written otherwise.
pub(crate) fn date_flaw(text: &str) -> Option<&'static str> {
    if !like(text, "0000-00-00") || parse_date(text).is_some() {
        return None;
    }
    Some(if text.parse::<Date>().is_err() { NO_DAY } else { "lies outside those years" })
}

/// Reads `YYYY-MM-DD` between the years 1900 and 2200; no other spelling.
pub fn parse_date(text: &str) -> Option<Date> {
    if !like(text, "0000-00-00") {
        return None;
    }
    let date: Date = text.parse().ok()?;
    YEARS.contains(&date.year()).then_some(date)
}

/// Whether this names a zone of the IANA database.
pub fn is_time_zone(name: &str) -> bool {
    zone(name).is_some()
}

/// The zone with this IANA name.
pub fn zone(name: &str) -> Option<jiff::tz::TimeZone> {
    jiff::tz::TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_in_one_form() {
        let at = Timestamp::parse("2026-11-22T08:16:23.12+01:00").unwrap();
        assert_eq!(at.to_string(), "2026-11-22T07:16:23.120000Z");
        assert_eq!(Timestamp::parse(&at.to_string()), Some(at));
    }

    #[test]
    fn absurd_times_are_refused() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T07:16:23",
            "1899-12-31T00:00:00Z",
            "9999-01-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "0000-00-00T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "99999-01-01T00:00:00Z",
            "2026-11-22 07:16:23Z",
            "2026-11-22t07:16:23z",
            "20261122T071623Z",
            "2026-11-22T07:16Z",
            "2026-11-22T07:16:23.Z",
            "2026-11-22T07:16:23,5Z",
            "2026-11-22T07:16:23+01",
            "2026-11-22T07:16:23Z[UTC]",
            "2026-11-22T24:00:00Z",
            "2026-W47-7T07:16:23Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
        for text in [
            "",
            "2026-02-30",
            "20261122",
            "2026-11-22T00:00:00Z",
            "0001-01-01",
            "2026-1-2",
            "0000-00-00",
            "2026-W47-7",
            "+2026-11-1",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    /// What is written as a time and names none is told apart from what is written otherwise.
    #[test]
    fn why_a_time_is_none_is_known() {
        let of = |text: &str| Timestamp::flaw(text).map(|flaw| flaw.split(' ').take(4).collect::<Vec<_>>().join(" "));
        assert_eq!(of("2026-02-30T00:00:00Z").as_deref(), Some("names a day that"));
        assert_eq!(of("2026-02-03T25:00:00Z").as_deref(), Some("names a time of"));
        assert_eq!(of("1800-02-03T00:00:00Z").as_deref(), Some("lies outside the years"));
        assert_eq!((of("2026-02-03T00:00:00Z"), of("2026-2-30"), of("soon")), (None, None, None));
        assert_eq!((date_flaw("2026-02-30"), date_flaw("1800-01-01").is_some(), date_flaw("x")), (Some(NO_DAY), true, None));
    }

    #[test]
    fn a_day_depends_on_the_zone() {
        let at = Timestamp::parse("2026-11-22T03:00:00Z").unwrap();
        assert_eq!(at.day_in(&zone("America/Chicago").unwrap()).to_string(), "2026-11-21");
        assert_eq!(at.day_in(&zone("Europe/Berlin").unwrap()).to_string(), "2026-11-22");
        assert!(!is_time_zone("Mars/Olympus"));
    }
}
