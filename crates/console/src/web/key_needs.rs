//! What keys need of a person: a leak to be seen to, an end that comes, one that nobody uses.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Web;
use super::ask::{Person, is, text};
use super::key;
use super::respond::Refused;
use super::visit::Visit;
use crate::pages::home::NeedKind;
use crate::pages::key::KeyState;

/// Days before its end that a key is told of.
const ENDING_DAYS: i64 = 14;
/// Days after which a key counts as unused.
const UNUSED_DAYS: i64 = 60;
const US_PER_DAY: i64 = 86_400_000_000;

/// What is asked of each key.
const KEY_FIELDS: &str = "&fields=connection_id,name,state,expires_at,leaked_at,leak_handled,created_at";

/// What a connection needs because of one of its keys.
pub type Need = (NeedKind, String);

/// The gravest need of each connection, by its id.
pub async fn of(web: &Web, visit: &Visit, person: &Person) -> Result<BTreeMap<String, Need>, Box<Refused>> {
    let keys = web.all(visit, "keys.list", KEY_FIELDS).await?;
    let usage = key::usage(web, visit, "&fields=last_used_at").await?;
    let mut needs: BTreeMap<String, Need> = BTreeMap::new();
    for key in &keys {
        let last_used = usage.get(&text(key, "id")).map(|one| text(one, "last_used_at")).unwrap_or_default();
        let Some(need) = need(person, key, &last_used) else { continue };
        let connection = text(key, "connection_id");
        if needs.get(&connection).is_none_or(|known| rank(need.0) < rank(known.0)) {
            needs.insert(connection, need);
        }
    }
    Ok(needs)
}

/// The graver, the smaller.
fn rank(kind: NeedKind) -> u8 {
    match kind {
        NeedKind::Leaked => 0,
        NeedKind::Expiring => 1,
        NeedKind::Suspended | NeedKind::Paused | NeedKind::Unused | NeedKind::UnusedKey | NeedKind::Refused => 2,
    }
}

fn need(person: &Person, key: &Value, last_used: &str) -> Option<Need> {
    let (name, now) = (text(key, "name"), person.zone.now().as_micros());
    if let Some(at) = person.zone.maybe(key, "leaked_at").filter(|_| !is(key, "leak_handled")) {
        let detail = format!(
            "The key “{name}” was reported as leaked, {}. It was revoked at once; the program needs a new one.",
            at.words
        );
        return Some((NeedKind::Leaked, detail));
    }
    // A key that is replaced is seen to already.
    if key::state(key) != KeyState::Active {
        return None;
    }
    let micros = |time: &str| time.parse::<jiff::Timestamp>().map(|at| at.as_microsecond()).ok();
    if let Some(end) = micros(&text(key, "expires_at")).filter(|end| *end <= now + ENDING_DAYS * US_PER_DAY) {
        let when = person.zone.when(&jiff::Timestamp::from_microsecond(end).unwrap_or_default().to_string()).words;
        return Some((NeedKind::Expiring, format!("Its key “{name}” ends {when}. Add a new one if it is to go on.")));
    }
    let since = if last_used.is_empty() { text(key, "created_at") } else { last_used.to_owned() };
    let unused = micros(&since).is_some_and(|since| now - since > UNUSED_DAYS * US_PER_DAY);
    let detail = format!("Nobody used its key “{name}” in the last {UNUSED_DAYS} days. Revoke it if nobody needs it.");
    unused.then_some((NeedKind::UnusedKey, detail))
}
