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

    /// Reads RFC 3339 with an offset, between the years 1900 and 2200.
    pub fn parse(text: &str) -> Option<Self> {
        let parsed: jiff::Timestamp = text.parse().ok()?;
        let year = parsed.to_zoned(jiff::tz::TimeZone::UTC).year();
        YEARS.contains(&year).then(|| Self(parsed.as_microsecond()))
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

/// Reads `YYYY-MM-DD` between the years 1900 and 2200; no other spelling.
pub fn parse_date(text: &str) -> Option<Date> {
    if text.len() != 10 {
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
        for text in
            ["", "2026-11-22", "2026-11-22T07:16:23", "1899-12-31T00:00:00Z", "9999-01-01T00:00:00Z", "2026-13-01T00:00:00Z"]
        {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
        for text in ["", "2026-02-30", "20261122", "2026-11-22T00:00:00Z", "0001-01-01", "2026-1-2"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_depends_on_the_zone() {
        let at = Timestamp::parse("2026-11-22T03:00:00Z").unwrap();
        assert_eq!(at.day_in(&zone("America/Chicago").unwrap()).to_string(), "2026-11-21");
        assert_eq!(at.day_in(&zone("Europe/Berlin").unwrap()).to_string(), "2026-11-22");
        assert!(!is_time_zone("Mars/Olympus"));
    }
}
