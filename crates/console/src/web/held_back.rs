//! Refusals that the clinic itself brought about: by a pause, a limit, a call that it forbade, changes
//! that it turned off. They are no sign that a program misbehaves, so nobody is alarmed by them.

use std::collections::BTreeMap;

use clinicos_contract::problem::{CONNECTION_PAUSED, OPERATION_EXCLUDED, RATE_LIMITED, WRITES_OFF};
use clinicos_contract::{Code, Timestamp};
use futures_util::future::try_join_all;
use serde_json::Value;

use super::Web;
use super::ask::{Ask, Person, count, list, text};
use super::connections::Known;
use super::home::Facts;
use super::key_needs::Need;
use super::respond::Refused;
use super::visit::Visit;
use crate::pages::home::NeedKind;
use crate::words::{Count, counted, in_path};

/// Refused calls that one question asks for, and the questions for one alarm. What is not read within
/// them is not known to be the clinic's own.
const PAGE: usize = 200;
const PAGES_MAX: usize = 5;
/// Alarms that are judged; a clinic with more of them is alarmed.
const ALARMS_MAX: usize = 10;
const US_PER_HOUR: i64 = 3_600_000_000;
/// The hours that refusals are counted over, the current one among them.
const HOURS: i64 = 24;

/// What refuses because the clinic said so, and how that is called.
static OWN: [(&Code, &str); 4] = [
    (&CONNECTION_PAUSED, "a pause"),
    (&RATE_LIMITED, "the limit that your clinic set"),
    (&OPERATION_EXCLUDED, "your clinic, which forbade such calls"),
    (&WRITES_OFF, "your clinic, which turned changes off"),
];

/// Refusals that were looked at.
#[derive(Default)]
struct Seen {
    /// How many each setting of the clinic brought about.
    own: BTreeMap<&'static str, u64>,
    /// All others.
    others: u64,
    /// Whether there are more, which nobody looked at.
    is_part: bool,
}

impl Seen {
    /// Adds what these entries tell. One of them may stand for many refusals, and counts as many.
    fn add(&mut self, entries: &[Value], is_limited: bool) {
        for entry in entries {
            let (code, times) = (text(entry, "problem"), entry.get("folded").map_or(0, |folded| count(folded, "count")).max(1));
            // Without a limit of its own a program is too fast for anybody.
            let fits = |known: &Code| known.name == code && (known.name != RATE_LIMITED.name || is_limited);
            match OWN.iter().find(|(known, _)| fits(known)) {
                Some((_, words)) => *self.own.entry(*words).or_default() += times,
                None => self.others += times,
            }
        }
    }

    /// Whether a connection alarms if so many of its refusals are the clinic's own: it is judged
    /// as if the calls that they refused had never been made.
    fn alarms(one: &Known, own: u64) -> bool {
        let (calls, refused) = (one.calls.saturating_sub(own), one.refused.saturating_sub(own));
        let facts = Facts { state_reason: "", calls, refused, is_unused: one.is_unused };
        Known::need_of(one.state, &facts).is_some_and(|(kind, _)| kind == NeedKind::Refused)
    }

    /// What the connection needs, seen so. What nobody looked at may be anything, so it is no excuse.
    fn need(self, one: &Known) -> Option<Need> {
        let own = self.own.values().sum::<u64>().min(one.refused);
        let by = self.own.into_keys().collect::<Vec<_>>().join(", and by ");
        let calls = counted(one.calls, "call", "calls");
        if !Self::alarms(one, own) {
            let detail = format!("In 24 hours {} of its {calls} were refused by {by}.", Count(own));
            let of_key = one.of_key.clone().filter(|(kind, _)| kind.rank() < NeedKind::HeldBack.rank());
            return of_key.or(Some((NeedKind::HeldBack, detail)));
        }
        let at_least = if self.is_part { "at least " } else { "" };
        let refused =
            format!("{} of its {calls} were refused in 24 hours, {at_least}{} of them by {by}.", Count(one.refused), Count(own));
        if own == 0 { one.need.clone() } else { Some((NeedKind::Refused, refused)) }
    }
}

/// Looks at what was refused to those that are refused a lot. Where without the refusals that are known
/// to be the clinic's own there would be no alarm, there is none.
pub async fn judge(web: &Web, visit: &Visit, person: &Person, known: &mut [Known]) -> Result<(), Box<Refused>> {
    let is_alarm = |one: &&mut Known| one.need.as_ref().is_some_and(|(kind, _)| *kind == NeedKind::Refused);
    let alarms: Vec<&mut Known> = known.iter_mut().filter(is_alarm).take(ALARMS_MAX).collect();
    let seen = try_join_all(alarms.iter().map(|one| look(web, visit, person, one))).await?;
    for (one, seen) in alarms.into_iter().zip(seen) {
        one.need = seen.need(one);
    }
    Ok(())
}

/// Reads the refusals of the hours that they were counted over, until it is plain that they alarm.
async fn look(web: &Web, visit: &Visit, person: &Person, one: &Known) -> Result<Seen, Box<Refused>> {
    let (path, query) = (vec![("connection_id", one.id.clone())], "fields=limits".to_owned());
    let record = web.ask(visit, Ask { operation: "connections.get", path, query, ..Ask::default() }).await?;
    let is_limited = record.get("limits").and_then(Value::as_object).is_some_and(|limits| !limits.is_empty());
    let hour = person.zone.now().as_micros().div_euclid(US_PER_HOUR);
    let since = Timestamp::from_micros((hour - HOURS + 1) * US_PER_HOUR);
    let of_it = format!("connection_id={}&outcome=refused&at[gte]={since}", in_path(&one.id));
    let (mut seen, mut cursor) = (Seen::default(), String::new());
    for _ in 0..PAGES_MAX {
        let query = format!("limit={PAGE}&fields=problem,folded&{of_it}{cursor}");
        let found = web.ask(visit, Ask { operation: "audit_entries.list", query, ..Ask::default() }).await?;
        seen.add(list(&found, "data"), is_limited);
        let next = text(&found, "next_cursor");
        seen.is_part = !next.is_empty();
        if !seen.is_part || Seen::alarms(one, one.refused.saturating_sub(seen.others)) {
            break;
        }
        cursor = format!("&cursor={next}");
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pages::connections::ConnectionState;

    fn refused(calls: u64, refused: u64) -> Known {
        Known {
            id: String::new(),
            name: String::new(),
            state: ConnectionState::Active,
            need: Some((NeedKind::Refused, "many".to_owned())),
            of_key: None,
            is_unused: false,
            last_used: None,
            calls,
            refused,
            record: Value::Null,
        }
    }

    fn said(one: &Known, entries: &[Value]) -> String {
        let mut seen = Seen { is_part: true, ..Seen::default() };
        seen.add(entries, false);
        let (kind, detail) = seen.need(one).unwrap();
        format!("{kind:?}: {detail}")
    }

    #[test]
    fn what_nobody_looked_at_is_no_excuse() {
        let forbidden = vec![json!({"problem": "operation_excluded"}); 100];
        let alarm = "Refused: 10,100 of its 10,100 calls were refused in 24 hours, at least 100 of them by your clinic, which forbade such calls.";
        assert_eq!(said(&refused(10_100, 10_100), &forbidden), alarm);
        assert!(said(&refused(119, 119), &forbidden).starts_with("HeldBack: In 24 hours 100 of its 119 calls"));
        assert!(said(&refused(120, 120), &forbidden).starts_with("Refused: "), "20 others are many");
    }

    #[test]
    fn an_entry_counts_as_often_as_it_stands_for() {
        let folded = |code: &str| json!({"problem": code, "folded": {"count": 9_000}});
        assert!(
            said(&refused(9_001, 9_001), &[folded("writes_off"), json!({"problem": "missing_scope"})]).starts_with("HeldBack: ")
        );
        let few_entries = [folded("missing_scope"), folded("writes_off")];
        assert!(said(&refused(18_000, 18_000), &few_entries).starts_with("Refused: "));
        assert_eq!(said(&refused(30, 30), &vec![json!({"problem": "rate_limited"}); 30]), "Refused: many", "no limit of its own");
    }

    #[test]
    fn many_of_the_clinics_own_do_not_thin_out_the_others() {
        let entries = [
            json!({"problem": "writes_off", "folded": {"count": 10_000}}),
            json!({"problem": "missing_scope", "folded": {"count": 30}}),
        ];
        assert!(said(&refused(10_030, 10_030), &entries).starts_with("Refused: "));
    }

    #[test]
    fn a_keys_need_comes_back_when_the_alarm_is_none() {
        let ends = (NeedKind::Expiring, "ends".to_owned());
        let one = Known { of_key: Some(ends), ..refused(30, 30) };
        assert_eq!(said(&one, &vec![json!({"problem": "writes_off"}); 30]), "Expiring: ends");
    }
}
