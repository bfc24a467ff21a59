//! How days are written, seen from the values.

use jiff::civil;

/// A way to write days.
#[derive(Debug, PartialEq, Eq)]
pub struct Day {
    /// As a mapping says it; `None` is that of ISO 8601.
    pub format: Option<&'static str>,
    /// In words.
    pub says: &'static str,
}

const fn day(format: &'static str, says: &'static str) -> Day {
    Day { format: Some(format), says }
}

/// The ways that are known. Of several that fit, the first one is proposed.
pub static DAYS: &[Day] = &[
    Day { format: None, says: "year-month-day, such as 2026-04-03" },
    day("%m/%d/%Y", "month/day/year, such as 04/03/2026 for 3 April"),
    day("%d/%m/%Y", "day/month/year, such as 03/04/2026 for 3 April"),
    day("%d.%m.%Y", "day.month.year, such as 03.04.2026 for 3 April"),
    day("%m-%d-%Y", "month-day-year, such as 04-03-2026 for 3 April"),
    day("%d-%m-%Y", "day-month-year, such as 03-04-2026 for 3 April"),
    day("%m/%d/%y", "month/day/year of two digits, such as 04/03/26 for 3 April"),
    day("%d/%m/%y", "day/month/year of two digits, such as 03/04/26 for 3 April"),
    day("%Y/%m/%d", "year/month/day, such as 2026/04/03"),
    day("%Y%m%d", "year, month, day without marks, such as 20260403"),
    day("%d %b %Y", "day, name of the month, year, such as 3 Apr 2026"),
    day("%b %d, %Y", "name of the month, day, year, such as Apr 3, 2026"),
    day("%Y-%m-%d %H:%M:%S", "day and time, such as 2026-04-03 14:30:00"),
    day("%m/%d/%Y %H:%M", "month/day/year and time, such as 04/03/2026 14:30"),
    day("%d/%m/%Y %H:%M", "day/month/year and time, such as 03/04/2026 14:30"),
    day("%m/%d/%Y %I:%M %p", "month/day/year and time, such as 04/03/2026 2:30 PM"),
    day("%d/%m/%Y %I:%M %p", "day/month/year and time, such as 03/04/2026 2:30 PM"),
];

/// The ways that fit all of these values: none, one, or several if they leave it open.
pub fn days_of(values: &[&str]) -> Vec<&'static Day> {
    if values.is_empty() {
        return Vec::new();
    }
    DAYS.iter().filter(|day| values.iter().all(|value| reading(day, value).is_some())).collect()
}

/// The ways that fit a value, each a bit at its place in [`DAYS`].
pub(super) fn fitting(value: &str) -> u32 {
    // Most values are no day, and that is seen at once.
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    if !(3..=14).contains(&digits) || value.len() > 30 {
        return 0;
    }
    DAYS.iter().enumerate().fold(0, |bits, (at, day)| if reading(day, value).is_some() { bits | 1 << at } else { bits })
}

/// Whether two of these ways read a value as different days.
pub(super) fn is_open(value: &str, ways: impl Iterator<Item = usize>) -> bool {
    let mut read = ways.filter_map(|at| reading(DAYS.get(at)?, value));
    let first = read.next();
    read.any(|other| Some(other) != first)
}

/// A value, read in this way.
pub fn reading(day: &Day, value: &str) -> Option<civil::Date> {
    let Some(format) = day.format else { return clinicos_contract::time::parse_date(value) };
    // A year of four digits is not two digits and something else, and the other way round.
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let year = value.split(' ').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    if format.ends_with("%y") && (!digits(year) || year.len() != 2) {
        return None;
    }
    civil::Date::strptime(format, value).ok().filter(|date| date.year() >= 1900)
}

impl Day {
    /// Whether the month stands in front of the day; `None` if both cannot be taken for each other.
    pub fn month_first(&self) -> Option<bool> {
        let format = self.format?;
        let is_figures = !format.contains("%b");
        match (format.starts_with("%m"), format.starts_with("%d")) {
            (true, _) => Some(true),
            (_, true) if is_figures => Some(false),
            _ => None,
        }
    }
}

/// Whether people of a country write the month in front of the day.
pub fn writes_month_first(country: &str) -> bool {
    ["US", "PH", "PR", "GU", "VI", "AS", "MP", "FM", "MH", "PW"].contains(&country.to_ascii_uppercase().as_str())
}

/// Of the ways that fit a column, the one that goes with what is known otherwise.
pub(super) fn choose(days: &[usize], month_first: Option<bool>) -> Option<&'static Day> {
    let fitting = || days.iter().filter_map(|day| DAYS.get(*day));
    let wanted = fitting().find(|day| month_first.is_some() && day.month_first() == month_first);
    wanted.or_else(|| fitting().next())
}
