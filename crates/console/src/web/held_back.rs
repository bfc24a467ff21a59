//! Refusals that the clinic itself brought about: by a pause, a limit, a call that it forbade, changes
//! that it turned off. They are no sign that a program misbehaves, so nobody is alarmed by them.

use std::collections::BTreeMap;

use clinicos_contract::Code;
use clinicos_contract::problem::{CONNECTION_PAUSED, OPERATION_EXCLUDED, RATE_LIMITED, WRITES_OFF};
use serde_json::Value;

use super::Web;
use super::ask::{Ask, Person, list, text};
use super::connections::Known;
use super::home::Facts;
use super::respond::Refused;
use super::visit::Visit;
use crate::pages::home::NeedKind;
use crate::words::{counted, in_path};

/// Refused calls that an alarm is judged by, the newest ones.
const JUDGED: usize = 100;
/// Alarms that are judged; a clinic with more of them is alarmed.
const ALARMS_MAX: usize = 10;
const SECONDS_PER_DAY: i64 = 86_400;

/// What refuses because the clinic said so, and how that is called.
static OWN: [(&Code, &str); 4] = [
    (&CONNECTION_PAUSED, "a pause"),
    (&RATE_LIMITED, "the limit that your clinic set"),
    (&OPERATION_EXCLUDED, "your clinic, which forbade such calls"),
    (&WRITES_OFF, "your clinic, which turned changes off"),
];

/// Looks at what was refused to those that are refused a lot. Where the clinic's own settings did most of
/// it, that is said instead.
pub async fn judge(web: &Web, visit: &Visit, person: &Person, known: &mut [Known]) -> Result<(), Box<Refused>> {
    let is_alarm = |one: &&mut Known| one.need.as_ref().is_some_and(|(kind, _)| *kind == NeedKind::Refused);
    for one in known.iter_mut().filter(is_alarm).take(ALARMS_MAX) {
        let since = person.zone.now().plus_seconds(-SECONDS_PER_DAY);
        let of_it = format!("connection_id={}&outcome=refused&at[gte]={since}", in_path(&one.id));
        let query = format!("limit={JUDGED}&fields=problem&{of_it}");
        let found = web.ask(visit, Ask { operation: "audit_entries.list", query, ..Ask::default() }).await?;
        let (path, query) = (vec![("connection_id", one.id.clone())], "fields=limits".to_owned());
        let record = web.ask(visit, Ask { operation: "connections.get", path, query, ..Ask::default() }).await?;
        let entries = list(&found, "data");
        let own = own(entries, &record);
        let others = entries.len().saturating_sub(own.values().sum::<usize>()) as u64;
        let suspicious = (one.refused * others).checked_div(entries.len() as u64).unwrap_or(one.refused);
        let facts = Facts { state_reason: "", calls: one.calls, refused: suspicious, is_unused: one.is_unused };
        if Known::need_of(one.state, &facts).is_none_or(|(kind, _)| kind != NeedKind::Refused) {
            let by: Vec<&str> = own.into_keys().collect();
            let calls = counted(one.calls, "call", "calls");
            let detail = format!("In 24 hours {} of its {calls} were refused by {}.", one.refused, by.join(", and by "));
            one.need = Some((NeedKind::HeldBack, detail));
        }
    }
    Ok(())
}

/// How many of these refusals each setting of the clinic brought about.
fn own(entries: &[Value], record: &Value) -> BTreeMap<&'static str, usize> {
    let is_limited = record.get("limits").and_then(Value::as_object).is_some_and(|limits| !limits.is_empty());
    let mut own = BTreeMap::new();
    for entry in entries {
        let code = text(entry, "problem");
        let Some((known, words)) = OWN.iter().find(|(known, _)| known.name == code) else { continue };
        // Without a limit of its own a program is too fast for anybody.
        if known.name != RATE_LIMITED.name || is_limited {
            *own.entry(*words).or_default() += 1;
        }
    }
    own
}
