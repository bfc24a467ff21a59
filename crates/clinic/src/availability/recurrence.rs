//! The form of recurrence rules: RFC 5545, section 3.3.10. Only rules by day or longer are taken: a
//! calendar that repeats within a day would fill without end.

use clinicos_contract::Timestamp;
use clinicos_contract::time::{Date, parse_date};

/// Longest rule, in characters.
pub const CHARS_MAX: u32 = 400;
/// Most values in a list of one part.
const VALUES_MAX: usize = 60;
/// Most occurrences that a rule may count.
const COUNT_MAX: i32 = 10_000;
/// Longest step, in days to years.
const INTERVAL_MAX: i32 = 400;

/// How often, at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// When a rule ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// With a day.
    Day(Date),
    /// At a time.
    Time(Timestamp),
}

/// What is known of a rule that has the right form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// When it ends, if it says so.
    pub until: Option<Until>,
}

/// Reads a rule, or says what is wrong with it.
pub fn parse(text: &str) -> Result<Rule, String> {
    let mut parts: Vec<(&str, &str)> = Vec::new();
    for part in text.split(';') {
        let (name, value) = part.split_once('=').ok_or_else(|| format!("`{part}` must be a name, `=` and a value"))?;
        if parts.iter().any(|(known, _)| *known == name) {
            return Err(format!("`{name}` stands there twice"));
        }
        parts.push((name, value));
    }
    let value = |name: &str| parts.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let frequency = frequency(value("FREQ").ok_or("must have `FREQ`")?)?;
    for (name, value) in &parts {
        check_part(name, value, frequency)?;
    }
    check_together(frequency, |name| value(name).is_some())?;
    if frequency == Frequency::Yearly && value("BYWEEKNO").is_some() && value("BYDAY").is_some_and(has_place) {
        return Err("days in `BYDAY` cannot have a number beside `BYWEEKNO`".to_owned());
    }
    Ok(Rule { until: value("UNTIL").map(until).transpose()? })
}

fn frequency(value: &str) -> Result<Frequency, String> {
    match value {
        "DAILY" => Ok(Frequency::Daily),
        "WEEKLY" => Ok(Frequency::Weekly),
        "MONTHLY" => Ok(Frequency::Monthly),
        "YEARLY" => Ok(Frequency::Yearly),
        _ => Err("`FREQ` must be `DAILY`, `WEEKLY`, `MONTHLY` or `YEARLY`".to_owned()),
    }
}

fn check_part(name: &str, value: &str, frequency: Frequency) -> Result<(), String> {
    match name {
        "FREQ" => Ok(()),
        "UNTIL" => until(value).map(drop),
        "COUNT" => number(name, value, 1, COUNT_MAX, false),
        "INTERVAL" => number(name, value, 1, INTERVAL_MAX, false),
        "BYSECOND" => numbers(name, value, 0, 60, false),
        "BYMINUTE" => numbers(name, value, 0, 59, false),
        "BYHOUR" => numbers(name, value, 0, 23, false),
        "BYMONTHDAY" => numbers(name, value, 1, 31, true),
        "BYYEARDAY" | "BYSETPOS" => numbers(name, value, 1, 366, true),
        "BYWEEKNO" => numbers(name, value, 1, 53, true),
        "BYMONTH" => numbers(name, value, 1, 12, false),
        "WKST" if is_weekday(value) => Ok(()),
        "WKST" => Err("`WKST` must be a day such as `MO`".to_owned()),
        "BYDAY" => weekdays(value, frequency),
        _ => Err(format!("`{name}` is no part of a recurrence rule")),
    }
}

/// What RFC 5545 says must not stand together.
fn check_together(frequency: Frequency, has: impl Fn(&str) -> bool) -> Result<(), String> {
    const LIMITS: &[&str] = &["BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH"];
    if has("UNTIL") && has("COUNT") {
        return Err("`UNTIL` and `COUNT` must not stand together".to_owned());
    }
    if has("BYWEEKNO") && frequency != Frequency::Yearly {
        return Err("`BYWEEKNO` goes together with `FREQ=YEARLY`".to_owned());
    }
    if has("BYYEARDAY") && frequency != Frequency::Yearly {
        return Err("`BYYEARDAY` goes together with `FREQ=YEARLY`".to_owned());
    }
    if has("BYMONTHDAY") && frequency == Frequency::Weekly {
        return Err("`BYMONTHDAY` must not stand beside `FREQ=WEEKLY`".to_owned());
    }
    if has("BYSETPOS") && !LIMITS.iter().any(|name| has(name)) {
        return Err("`BYSETPOS` needs another part that begins with `BY`".to_owned());
    }
    Ok(())
}

fn number(name: &str, text: &str, least: i32, most: i32, from_end: bool) -> Result<(), String> {
    let unsigned = text.strip_prefix(['-', '+']).filter(|_| from_end).unwrap_or(text);
    let fits = !unsigned.is_empty()
        && unsigned.len() <= 5
        && unsigned.bytes().all(|b| b.is_ascii_digit())
        && unsigned.parse().is_ok_and(|number: i32| (least..=most).contains(&number));
    if fits { Ok(()) } else { Err(format!("`{name}` must be from {least} to {most}")) }
}

fn values<'v>(name: &str, text: &'v str) -> Result<impl Iterator<Item = &'v str>, String> {
    if text.split(',').count() > VALUES_MAX {
        return Err(format!("`{name}` must have at most {VALUES_MAX} values"));
    }
    Ok(text.split(','))
}

fn numbers(name: &str, text: &str, least: i32, most: i32, from_end: bool) -> Result<(), String> {
    values(name, text)?.try_for_each(|value| number(name, value, least, most, from_end))
}

fn is_weekday(text: &str) -> bool {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].contains(&text)
}

/// The day and what stands before it: `-1` in `-1FR`.
fn day_and_place(text: &str) -> Option<(&str, &str)> {
    let at = text.len().checked_sub(2)?;
    let (place, day) = text.split_at_checked(at)?;
    is_weekday(day).then_some((place, day))
}

fn has_place(days: &str) -> bool {
    days.split(',').filter_map(day_and_place).any(|(place, _)| !place.is_empty())
}

fn weekdays(text: &str, frequency: Frequency) -> Result<(), String> {
    for value in values("BYDAY", text)? {
        let (place, _) = day_and_place(value).ok_or("`BYDAY` must be days such as `MO` or `-1FR`")?;
        match frequency {
            _ if place.is_empty() => {}
            Frequency::Monthly | Frequency::Yearly => number("BYDAY", place, 1, 53, true)?,
            Frequency::Daily | Frequency::Weekly => {
                return Err("days in `BYDAY` have a number only beside `FREQ=MONTHLY` or `FREQ=YEARLY`".to_owned());
            }
        }
    }
    Ok(())
}

fn until(text: &str) -> Result<Until, String> {
    let wrong = || "`UNTIL` must be a day such as `20270630`, or a UTC time such as `20270630T235959Z`".to_owned();
    let (day, time) = text.split_once('T').map_or((text, None), |(day, time)| (day, Some(time)));
    let pieces = |text: &str, lengths: &[usize]| {
        let mut rest = text.is_ascii().then_some(text)?;
        let mut found = Vec::with_capacity(lengths.len());
        for length in lengths {
            let (piece, more) = rest.split_at_checked(*length)?;
            found.push(piece.to_owned());
            rest = more;
        }
        (rest.is_empty() && found.iter().all(|piece| piece.bytes().all(|b| b.is_ascii_digit()))).then_some(found)
    };
    let day = pieces(day, &[4, 2, 2]).map(|pieces| pieces.join("-")).ok_or_else(wrong)?;
    let Some(time) = time else { return parse_date(&day).map(Until::Day).ok_or_else(wrong) };
    let time = time.strip_suffix('Z').and_then(|time| pieces(time, &[2, 2, 2])).ok_or_else(wrong)?;
    Timestamp::parse(&format!("{day}T{}Z", time.join(":"))).map(Until::Time).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_the_standard_are_taken() {
        for rule in [
            "FREQ=DAILY",
            "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270630",
            "FREQ=DAILY;UNTIL=19971224T000000Z",
            "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
            "FREQ=MONTHLY;BYDAY=1SU,-1SU",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
            "FREQ=MONTHLY;BYMONTHDAY=1,-1",
            "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
            "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
            "INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;FREQ=YEARLY",
            "FREQ=DAILY;BYHOUR=9,10,11;BYMINUTE=0,20,40",
        ] {
            assert!(parse(rule).is_ok(), "{rule}: {:?}", parse(rule));
        }
    }

    #[test]
    fn what_is_no_rule_is_refused_with_its_reason() {
        for (rule, about) in [
            ("", "a name"),
            ("weekly", "a name"),
            ("BYDAY=MO", "must have `FREQ`"),
            ("FREQ=HOURLY", "`FREQ`"),
            ("freq=DAILY", "must have `FREQ`"),
            ("FREQ=DAILY;FREQ=DAILY", "twice"),
            ("FREQ=DAILY;COUNT=0", "`COUNT`"),
            ("FREQ=DAILY;COUNT=-1", "`COUNT`"),
            ("FREQ=DAILY;COUNT=99999999999", "`COUNT`"),
            ("FREQ=DAILY;INTERVAL=0", "`INTERVAL`"),
            ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "together"),
            ("FREQ=DAILY;UNTIL=20270230", "`UNTIL`"),
            ("FREQ=DAILY;UNTIL=20270101T000000", "`UNTIL`"),
            ("FREQ=DAILY;UNTIL=2027-1-1", "`UNTIL`"),
            ("FREQ=DAILY;UNTIL=20ü70101", "`UNTIL`"),
            ("FREQ=WEEKLY;BYDAY=XX", "`BYDAY`"),
            ("FREQ=WEEKLY;BYDAY=ü", "`BYDAY`"),
            ("FREQ=WEEKLY;BYDAY=1MO", "only beside"),
            ("FREQ=MONTHLY;BYDAY=0MO", "`BYDAY`"),
            ("FREQ=WEEKLY;BYMONTHDAY=3", "`BYMONTHDAY`"),
            ("FREQ=MONTHLY;BYMONTHDAY=32", "`BYMONTHDAY`"),
            ("FREQ=MONTHLY;BYWEEKNO=3", "`BYWEEKNO`"),
            ("FREQ=DAILY;BYYEARDAY=3", "`BYYEARDAY`"),
            ("FREQ=YEARLY;BYWEEKNO=3;BYDAY=1MO", "cannot have a number"),
            ("FREQ=DAILY;BYSETPOS=1", "`BYSETPOS` needs"),
            ("FREQ=DAILY;WKST=XX", "`WKST`"),
            ("FREQ=DAILY;X=1", "no part"),
            ("FREQ=DAILY;", "a name"),
        ] {
            let error = parse(rule).expect_err(rule);
            assert!(error.contains(about), "{rule}: {error}");
        }
        let many = format!("FREQ=YEARLY;BYYEARDAY={}", vec!["1"; VALUES_MAX + 1].join(","));
        assert!(parse(&many).unwrap_err().contains("at most"));
    }

    #[test]
    fn an_end_is_read() {
        assert_eq!(parse("FREQ=DAILY;UNTIL=20270630").unwrap().until, parse_date("2027-06-30").map(Until::Day));
        let time = Timestamp::parse("2027-06-30T23:59:59Z").map(Until::Time);
        assert!(time.is_some());
        assert_eq!(parse("FREQ=DAILY;UNTIL=20270630T235959Z").unwrap().until, time);
    }
}
