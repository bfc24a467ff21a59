//! Whether a change only takes away: what stays possible while all writes are stopped.

use std::collections::BTreeMap;

use clinicos_contract::{CategorySet, Problem, RateClass, problem};
use clinicos_gate::Services;
use clinicos_gate::limits::Policy;
use clinicos_gate::scopes::Grant;

use super::addresses;
use super::model::{Connection, OptIn};

/// Refuses what gives, or changes something else than the grant.
pub fn check(services: &Services, before: &Connection<'_>, after: &Connection<'_>) -> Result<(), Problem> {
    let narrows =
        only_narrows(services, before, after) && addresses::narrows(&before.allowed_addresses, &after.allowed_addresses)?;
    if narrows { Ok(()) } else { Err(gives()) }
}

/// The refusal of what gives, to a connection or to a key.
pub fn gives() -> Problem {
    let detail = "an admin stopped all writes of this clinic: until they are allowed again, a key can take away from a \
                  connection or from another key, and not give to it";
    Problem::new(&problem::WRITES_OFF, detail)
}

fn only_narrows(services: &Services, before: &Connection<'_>, after: &Connection<'_>) -> bool {
    let same = before.name == after.name
        && before.run_by == after.run_by
        && before.reason == after.reason
        && before.recipient == after.recipient
        && before.pinned_version == after.pinned_version;
    let grant = |connection: &Connection<'_>| {
        let names = connection.scopes.value().unwrap_or_default().0;
        Grant { scopes: services.scopes.set(names.iter().map(String::as_str)), categories: CategorySet::NONE }
    };
    let excluded = |connection: &Connection<'_>| connection.excluded_operations.value().unwrap_or_default().0;
    let origins = |connection: &Connection<'_>| connection.browser_origins.value().unwrap_or_default().0;
    let (excluded_before, excluded_after) = (excluded(before), excluded(after));
    same && grant(before).covers(&grant(after))
        && after.opt_ins.value().unwrap_or_default().0.iter().all(|new| was_given(before, new))
        && excluded_before.iter().all(|name| excluded_after.contains(name))
        && origins(after).iter().all(|origin| origins(before).contains(origin))
        && (before.writes_enabled || !after.writes_enabled)
        && limits_narrow(before, after)
}

/// Whether an opt-in stood there before, for no shorter time.
fn was_given(before: &Connection<'_>, new: &OptIn) -> bool {
    let all = before.opt_ins.value().unwrap_or_default().0;
    let same = |old: &&OptIn| {
        old.category == new.category && old.purpose.unwrap_or(before.purpose) == new.purpose.unwrap_or(before.purpose)
    };
    all.iter().find(same).is_some_and(|old| old.expires_at.is_none_or(|end| new.expires_at.is_some_and(|new| new <= end)))
}

/// Whether no class may call more often than before. Without a setting it is the server's usual one.
fn limits_narrow(before: &Connection<'_>, after: &Connection<'_>) -> bool {
    let limit = |connection: &Connection<'_>, class: RateClass| {
        let set: BTreeMap<String, i64> = connection.limits.value().unwrap_or_default().0;
        set.get(class.name()).copied().unwrap_or_else(|| i64::from(Policy::DEFAULT.quota(class).0))
    };
    RateClass::ALL.iter().all(|class| limit(after, *class) <= limit(before, *class))
}
