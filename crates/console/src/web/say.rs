//! What happened, in the words of a person.

use clinicos_contract::{Access, Category, Reply, Shape, Spec, Timestamp};
use clinicos_gate::Catalogue;
use clinicos_gate::decide::Reason;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::ask::{is, text, texts};
use crate::pages::activity::{Line, Outcome};
use crate::words::{When, counted};

pub const US_PER_DAY: i64 = 86_400_000_000;

/// The clinic's time zone, and what time it is.
pub struct Zone {
    zone: TimeZone,
    name: String,
    now: Timestamp,
}

impl Zone {
    /// The zone of this IANA name; UTC if there is none.
    pub fn of(name: &str, now: Timestamp) -> Self {
        let (zone, name) = TimeZone::get(name).map_or((TimeZone::UTC, "UTC"), |zone| (zone, name));
        Self { zone, name: name.to_owned(), now }
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A moment as a spreadsheet reads it, and how far from UTC the zone was then:
    /// `2026-11-24 14:05:31`, `-05:00`.
    pub fn for_sheet(&self, exact: &str) -> (String, String) {
        let Ok(at) = exact.parse::<jiff::Timestamp>() else { return (exact.to_owned(), String::new()) };
        let at = self.local(at);
        (at.strftime("%Y-%m-%d %H:%M:%S").to_string(), at.strftime("%:z").to_string())
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    fn local(&self, at: jiff::Timestamp) -> jiff::Zoned {
        at.to_zoned(self.zone.clone())
    }

    /// Now, in the clinic's zone.
    pub fn local_now(&self) -> jiff::Zoned {
        self.local(jiff::Timestamp::from_microsecond(self.now.as_micros()).unwrap_or_default())
    }

    /// A moment as a person says it: `today, 14:05`.
    pub fn when(&self, exact: &str) -> When {
        self.told(exact, "%H:%M")
    }

    /// The same with the second: `today, 14:05:31`.
    pub fn second(&self, exact: &str) -> When {
        self.told(exact, "%H:%M:%S")
    }

    fn told(&self, exact: &str, time: &str) -> When {
        let Ok(at) = exact.parse::<jiff::Timestamp>() else {
            return When { exact: exact.to_owned(), words: exact.to_owned() };
        };
        let (at, today) = (self.local(at), self.local_now().date());
        let time = at.strftime(time);
        let days = at.date().until(today).map(|span| span.get_days()).unwrap_or_default();
        let words = match days {
            0 => format!("today, {time}"),
            1 => format!("yesterday, {time}"),
            _ if at.year() == today.year() => format!("{}, {time}", at.strftime("%-d %b")),
            _ => format!("{}, {time}", at.strftime("%-d %b %Y")),
        };
        When { exact: exact.to_owned(), words }
    }

    /// The same, if there is one.
    pub fn maybe(&self, json: &Value, name: &str) -> Option<When> {
        let exact = text(json, name);
        (!exact.is_empty()).then(|| self.when(&exact))
    }

    /// Midnight after today, as RFC 3339.
    pub fn end_of_today(&self) -> Option<String> {
        let tomorrow = self.local_now().date().tomorrow().ok()?;
        Some(tomorrow.to_zoned(self.zone.clone()).ok()?.timestamp().to_string())
    }

    /// When a day begins, as RFC 3339.
    pub fn day(&self, date: &str, days_later: i64) -> Option<String> {
        let date: jiff::civil::Date = date.parse().ok()?;
        let date = date.checked_add(jiff::Span::new().days(days_later)).ok()?;
        Some(date.to_zoned(self.zone.clone()).ok()?.timestamp().to_string())
    }

    /// A time of a day, such as `14:30`, as RFC 3339.
    pub fn moment(&self, date: &str, time: &str) -> Option<String> {
        let (date, time) = (date.parse::<jiff::civil::Date>().ok()?, time.parse::<jiff::civil::Time>().ok()?);
        Some(date.to_datetime(time).to_zoned(self.zone.clone()).ok()?.timestamp().to_string())
    }
}

/// What a line is told from, and a row of a file.
pub const LINE_FIELDS: &str = "at,operation,status,outcome,actor,connection_id,user_id,record_ids,request_id,replayed,reasons";

/// A call as a sentence.
pub fn line(catalogue: &Catalogue, zone: &Zone, entry: &Value, who: String) -> Line {
    let outcome = outcome(entry);
    Line {
        at: zone.when(&text(entry, "at")),
        who,
        did: did(catalogue, entry, outcome),
        outcome,
        request_id: text(entry, "request_id"),
        same: None,
    }
}

/// What came of a call.
pub fn outcome(entry: &Value) -> Outcome {
    match entry.get("status").and_then(Value::as_u64).unwrap_or_default() {
        0..=399 => Outcome::Done,
        500.. => Outcome::Failed,
        _ => Outcome::Refused,
    }
}

/// What a call did, as the rest of a sentence: `read 42 invoices`.
pub fn did(catalogue: &Catalogue, entry: &Value, outcome: Outcome) -> String {
    let operation = text(entry, "operation");
    let Some(found) = catalogue.find(&operation) else { return other(&operation, outcome) };
    let (spec, ids) = (found.spec(), texts(entry, "record_ids"));
    if !outcome.is_done() {
        return format!("tried to {}", lower(spec.summary));
    }
    match spec.access {
        Access::Read if matches!(spec.reply, Reply::Lines) => read_lines(catalogue, spec, &ids),
        Access::Read => read(spec, &ids),
        Access::Write | Access::Action(_) if is(entry, "replayed") => format!("{} (sent again, done once)", past(spec.summary)),
        Access::Write | Access::Action(_) if told_only(entry) => format!("checked how to {} (a dry run)", lower(spec.summary)),
        Access::Write | Access::Action(_) => past(spec.summary),
    }
}

/// Whether a call only told what would happen.
fn told_only(entry: &Value) -> bool {
    texts(entry, "reasons").iter().any(|words| words == Reason::DryRun.words())
}

fn read(spec: &Spec, ids: &[String]) -> String {
    // What was asked for is counted, not what came along with it.
    let own = match spec.reply_schema().and_then(|schema| schema.field("id")).map(|(_, field)| field.shape) {
        Some(Shape::Id(prefix)) => Some(prefix),
        _ => None,
    };
    let count = ids.iter().filter(|id| own.is_none_or(|prefix| id.split('_').next() == Some(prefix))).count() as u64;
    match spec.resource.name {
        "audit_entries" => "looked at the access log".to_owned(),
        "usage" => "looked at the usage of connections".to_owned(),
        _ => format!("read {}", counted(count, &spec.resource.singular.replace('_', " "), &spec.resource.name.replace('_', " "))),
    }
}

/// A part of an export: what kind of records it was, and how many. Their lines and the like do not count.
fn read_lines(catalogue: &Catalogue, spec: &Spec, ids: &[String]) -> String {
    let prefix = |spec: &Spec| match spec.reply_schema().and_then(|schema| schema.field("id")).map(|(_, field)| field.shape) {
        Some(Shape::Id(prefix)) => Some(prefix),
        _ => None,
    };
    let of = |id: &String| {
        let named = id.split('_').next();
        catalogue.specs().find(|spec| spec.access == Access::Read && named.is_some() && prefix(spec) == named)
    };
    let Some(kind) = ids.iter().find_map(of) else { return format!("read a part of an {}", spec.resource.singular) };
    let own = ids.iter().filter(|id| id.split('_').next() == prefix(kind)).count() as u64;
    let (one, many) = (kind.resource.singular.replace('_', " "), kind.resource.name.replace('_', " "));
    format!("read {} of an export", counted(own, &one, &many))
}

/// Calls that reached no operation.
fn other(operation: &str, outcome: Outcome) -> String {
    match (operation, outcome.is_done()) {
        ("http.unmatched", _) => "asked for an address that does not exist".to_owned(),
        (_, true) => format!("read {}", operation.replace(['.', '_'], " ")),
        (_, false) => "sent a request that could not be taken".to_owned(),
    }
}

/// `Create a key` as `created a key`.
fn past(summary: &str) -> String {
    let (verb, rest) = summary.split_once(' ').unwrap_or((summary, ""));
    let verb = verb.to_lowercase();
    let past = match verb.as_str() {
        "stop" => "stopped".to_owned(),
        "begin" => "began".to_owned(),
        "set" => "set".to_owned(),
        "take" => "took".to_owned(),
        "make" => "made".to_owned(),
        "sign" => "signed".to_owned(),
        verb if verb.ends_with('e') => format!("{verb}d"),
        verb => format!("{verb}ed"),
    };
    format!("{past} {rest}").trim_end().to_owned()
}

/// Text with a small first letter.
pub fn lower(summary: &str) -> String {
    let mut letters = summary.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// A category's words, by its name.
pub fn category(name: &str) -> String {
    Category::parse(name).map_or_else(|| name.replace('_', " "), |category| category.words().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_become_what_was_done() {
        for (summary, words) in [
            ("Create a key", "created a key"),
            ("Pause a connection", "paused a connection"),
            ("Stop all changes", "stopped all changes"),
            ("Void an invoice", "voided an invoice"),
            ("Sign in", "signed in"),
            ("Take in records", "took in records"),
            ("Make a code", "made a code"),
        ] {
            assert_eq!(past(summary), words);
        }
        assert_eq!(lower("List clients"), "list clients");
    }

    #[test]
    fn moments_are_told_in_the_clinics_day() {
        let now: jiff::Timestamp = "2026-03-02T03:30:00Z".parse().unwrap();
        let zone = Zone::of("America/New_York", Timestamp::from_micros(now.as_microsecond()));
        assert_eq!(zone.when("2026-03-02T03:00:00Z").words, "today, 22:00");
        assert_eq!(zone.when("2026-03-01T03:00:00Z").words, "yesterday, 22:00");
        assert_eq!(zone.when("2026-01-05T12:00:00Z").words, "5 Jan, 07:00");
        assert_eq!(zone.when("2025-01-05T12:00:00Z").words, "5 Jan 2025, 07:00");
        assert_eq!(zone.end_of_today().as_deref(), Some("2026-03-02T05:00:00Z"));
        assert_eq!(zone.when("soon").words, "soon");
        let sheet = |exact| zone.for_sheet(exact);
        assert_eq!(sheet("2026-03-02T03:00:07.5Z"), ("2026-03-01 22:00:07".to_owned(), "-05:00".to_owned()));
        assert_eq!(sheet("2026-07-02T03:00:07Z"), ("2026-07-01 23:00:07".to_owned(), "-04:00".to_owned()));
        assert_eq!((zone.name(), Zone::of("Nowhere", zone.now()).name()), ("America/New_York", "UTC"));
        assert_eq!(zone.second("2026-03-02T03:00:07Z").words, "today, 22:00:07");
    }
}
