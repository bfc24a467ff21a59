//! What keys need of a person: a leak to be seen to, an end that comes, one that nobody uses.

use std::collections::BTreeMap;

use futures_util::future::try_join3;
use serde::Deserialize;

use super::Web;
use super::ask::Person;
use super::key;
use super::respond::Refused;
use super::say::US_PER_DAY;
use super::visit::Visit;
use crate::pages::connections::UNUSED_DAYS;
use crate::pages::home::NeedKind;
use crate::pages::key::KeyState;

/// Days before its end that a key is told of.
const ENDING_DAYS: i64 = 14;

/// How a key was used.
#[derive(Deserialize)]
struct Used {
    id: String,
    last_used_at: Option<String>,
}

/// A key, as far as it tells what it needs.
#[derive(Deserialize)]
struct Key {
    id: String,
    connection_id: String,
    name: String,
    state: String,
    expires_at: Option<String>,
    leaked_at: Option<String>,
    leak_handled: bool,
    created_at: String,
}

/// What is asked of each key.
const KEY_FIELDS: &str = "&fields=connection_id,name,state,expires_at,leaked_at,leak_handled,created_at";

/// Keys that leaked: revoked, and there are few.
const EVER_LEAKED: &str = "leaked_at[gt]=1970-01-01T00:00:00Z";

/// What a connection needs because of one of its keys.
pub type Need = (NeedKind, String);

/// The gravest need of each connection, by its id. Of all the keys that ever were, only those are read
/// that can need something.
pub async fn of(web: &Web, visit: &Visit, person: &Person) -> Result<BTreeMap<String, Need>, Box<Refused>> {
    let (active, leaked) = (format!("{KEY_FIELDS}&state=active"), format!("{KEY_FIELDS}&{EVER_LEAKED}"));
    let active = web.rows::<Key>(visit, "keys.list", &active);
    let leaked = web.rows::<Key>(visit, "keys.list", &leaked);
    let usage = web.rows::<Used>(visit, "usage.keys", "&fields=last_used_at&state=active");
    let (active, leaked, usage) = try_join3(active, leaked, usage).await?;
    let last_used: BTreeMap<&str, &str> =
        usage.iter().filter_map(|used| Some((used.id.as_str(), used.last_used_at.as_deref()?))).collect();
    let mut needs: BTreeMap<String, Need> = BTreeMap::new();
    for key in leaked.into_iter().chain(active) {
        let Some(need) = need(person, &key, last_used.get(key.id.as_str()).copied()) else { continue };
        if needs.get(&key.connection_id).is_none_or(|known| need.0.rank() < known.0.rank()) {
            needs.insert(key.connection_id, need);
        }
    }
    Ok(needs)
}

fn need(person: &Person, key: &Key, last_used: Option<&str>) -> Option<Need> {
    let (name, now) = (&key.name, person.zone.now().as_micros());
    if let Some(at) = key.leaked_at.as_deref().filter(|_| !key.leak_handled).map(|at| person.zone.when(at)) {
        let detail = format!(
            "The key “{name}” was reported as leaked, {}. It was revoked at once; the program needs a new one.",
            at.words
        );
        return Some((NeedKind::Leaked, detail));
    }
    // A key that is replaced is seen to already.
    if key::state_of(&key.state) != KeyState::Active {
        return None;
    }
    let micros = |time: &str| time.parse::<jiff::Timestamp>().map(|at| at.as_microsecond()).ok();
    if let Some(end) = key.expires_at.as_deref().and_then(micros).filter(|end| *end <= now + ENDING_DAYS * US_PER_DAY) {
        let when = person.zone.when(&jiff::Timestamp::from_microsecond(end).unwrap_or_default().to_string()).words;
        return Some((NeedKind::Expiring, format!("Its key “{name}” ends {when}. Add a new one if it is to go on.")));
    }
    let unused = micros(last_used.unwrap_or(&key.created_at)).is_some_and(|since| now - since > UNUSED_DAYS * US_PER_DAY);
    let detail = format!("Nobody used its key “{name}” in the last {UNUSED_DAYS} days. Revoke it if nobody needs it.");
    unused.then_some((NeedKind::UnusedKey, detail))
}
