//! Days and times of a clinic: which days it is open, how busy the season is, what a time of its day is in UTC.
//!
//! Days are numbers of days since 1970-01-01, times of a day are minutes after midnight.

use clinicos_contract::Timestamp;
use clinicos_contract::time::Date;
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

/// A number of days since 1970-01-01.
pub type Day = i32;
/// Minutes after midnight.
pub type Minute = i64;

/// When the doors open and close on weekdays.
pub const OPENS: Minute = 8 * 60;
/// When they close.
pub const CLOSES: Minute = 18 * 60;
/// When they close on a Saturday.
pub const CLOSES_SATURDAY: Minute = 13 * 60;

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// How busy each month is, in thousandths of a usual day.
const SEASON: [u64; 12] = [880, 900, 980, 1_080, 1_140, 1_120, 1_060, 1_040, 1_000, 980, 920, 900];
/// How busy each weekday is, from Monday.
const WEEK: [u64; 7] = [1_150, 1_000, 960, 980, 1_060, 380, 0];

/// The calendar of a clinic.
#[derive(Debug)]
pub struct Calendar {
    zone: TimeZone,
    /// The first day with records.
    pub first: Day,
    /// The last day with records.
    pub last: Day,
    /// For each day from a year before the first: how many seconds its noon is ahead of UTC.
    offsets: Vec<i32>,
    offsets_from: Day,
}

/// The number of a date.
pub fn day_of(date: Date) -> Day {
    date.since(EPOCH).map(|span| span.get_days()).unwrap_or(0)
}

/// The date of a number.
pub fn date(day: Day) -> Date {
    EPOCH.checked_add(i64::from(day).days()).unwrap_or(EPOCH)
}

impl Calendar {
    /// Of these years up to a date.
    pub fn new(zone: TimeZone, until: Date, years: u16) -> Self {
        let last = day_of(until);
        let begin = until.checked_sub(i64::from(years).years()).unwrap_or(until);
        let first = day_of(begin) + 1;
        // A year on both sides: what was before the records begin, and what is planned.
        let offsets_from = first - 400;
        let noon = |day: Day| date(day).at(12, 0, 0, 0).to_zoned(zone.clone()).map_or(0, |noon| noon.offset().seconds());
        let offsets = (offsets_from..last + 400).map(noon).collect();
        Self { zone, first, last, offsets, offsets_from }
    }

    /// A time of a day. Its offset is that of noon, which holds from early morning to midnight.
    pub fn at(&self, day: Day, minute: Minute) -> Timestamp {
        let place = usize::try_from(day - self.offsets_from).unwrap_or(usize::MAX);
        let offset = self.offsets.get(place).copied().unwrap_or(0);
        Timestamp::from_micros(0).plus_seconds(i64::from(day) * 86_400 + minute * 60 - i64::from(offset))
    }

    /// The day of a time.
    pub fn day(&self, at: Timestamp) -> Day {
        day_of(at.day_in(&self.zone))
    }

    /// The moment that all records are as of: the last day is over.
    pub fn now(&self) -> Timestamp {
        self.at(self.last, 23 * 60 + 59)
    }

    /// When the clinic closes on a day; `None` if it does not open.
    pub fn closes(&self, day: Day) -> Option<Minute> {
        if is_holiday(date(day)) {
            return None;
        }
        match weekday(day) {
            6 => None,
            5 => Some(CLOSES_SATURDAY),
            _ => Some(CLOSES),
        }
    }

    /// Whether the clinic opens on a day.
    pub fn is_open(&self, day: Day) -> bool {
        self.closes(day).is_some()
    }

    /// The first day from this one on that the clinic opens.
    pub fn next_open(&self, day: Day) -> Day {
        (day..day + 14).find(|day| self.is_open(*day)).unwrap_or(day)
    }

    /// The day behind so many open ones.
    pub fn after_open(&self, day: Day, count: i32) -> Day {
        (0..count).fold(day, |day, _| self.next_open(day + 1))
    }

    /// How busy a day is, in thousandths of a usual weekday.
    pub fn busy(&self, day: Day) -> u64 {
        let month = usize::try_from(date(day).month() - 1).unwrap_or(0);
        if !self.is_open(day) {
            return 0;
        }
        SEASON[month] * WEEK[weekday(day)] / 1_000
    }
}

/// From Monday, which is 0.
pub fn weekday(day: Day) -> usize {
    // 1970-01-01 was a Thursday.
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or(0)
}

/// New Year, Memorial Day, Independence Day, Labor Day, Thanksgiving and Christmas.
fn is_holiday(date: Date) -> bool {
    let (month, day, weekday) = (date.month(), date.day(), weekday(day_of(date)));
    match (month, day) {
        (1, 1) | (7, 4) | (12, 25) => true,
        (5, 25..) => weekday == 0,
        (9, ..=7) => weekday == 0,
        (11, 22..=28) => weekday == 3,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use clinicos_contract::time::{parse_date, zone};

    use super::*;

    #[test]
    fn days_and_times_are_those_of_the_zone() {
        let until = parse_date("2026-10-31").unwrap();
        let calendar = Calendar::new(zone("America/New_York").unwrap(), until, 1);
        assert_eq!((date(calendar.first).to_string(), date(calendar.last)), ("2025-11-01".to_owned(), until));
        for (day, utc) in [("2026-07-01", "2026-07-01T12:30:00Z"), ("2026-01-07", "2026-01-07T13:30:00Z")] {
            let day = day_of(parse_date(day).unwrap());
            assert_eq!(calendar.at(day, 8 * 60 + 30), Timestamp::parse(utc).unwrap());
            assert_eq!(calendar.day(calendar.at(day, 8 * 60 + 30)), day);
        }
    }

    #[test]
    fn sundays_and_holidays_are_closed() {
        let calendar = Calendar::new(zone("America/New_York").unwrap(), parse_date("2026-12-31").unwrap(), 1);
        let closes = |text: &str| calendar.closes(day_of(parse_date(text).unwrap()));
        for closed in ["2026-01-01", "2026-05-25", "2026-07-04", "2026-09-07", "2026-11-26", "2026-12-25", "2026-10-25"] {
            assert_eq!(closes(closed), None, "{closed}");
        }
        assert_eq!((closes("2026-10-26"), closes("2026-10-31")), (Some(CLOSES), Some(CLOSES_SATURDAY)));
    }
}
