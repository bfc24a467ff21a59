//! Why a call was allowed or refused, in the words of an admin: what decided first, and what was in
//! order apart from it.

use clinicos_contract::{Access, problem};
use clinicos_gate::Catalogue;
use clinicos_gate::decide::Reason;
use serde_json::Value;

use super::Web;
use super::ask::{Person, int, list, text, texts};
use super::history::{changed, told};
use super::names::Names;
use super::respond::Refused;
use super::say::lower;
use super::visit::Visit;
use crate::pages::connection::Change;
use crate::pages::connections::ConnectionState;
use crate::words::{capital, in_path};

/// What an entry's page says of a decision, a sentence each.
pub struct Why {
    /// Why it was allowed, or what refused it.
    pub decided: Vec<String>,
    /// What was looked at before, and was in order.
    pub in_order: Vec<String>,
}

/// That of an entry.
pub async fn of(web: &Web, visit: &Visit, person: &Person, entry: &Value) -> Result<Why, Box<Refused>> {
    let sentence = |words: &String| format!("{}.", capital(words));
    let reasons = texts(entry, "reasons");
    if text(entry, "outcome") == "allowed" {
        return Ok(Why { decided: reasons.iter().map(sentence).collect(), in_order: Vec::new() });
    }
    let lets_pass = |words: &&String| Reason::from_words(words).is_some_and(Reason::lets_pass);
    let (passed, refusing): (Vec<&String>, Vec<&String>) = reasons.iter().partition(lets_pass);
    let code = text(entry, "problem");
    let mut decided: Vec<String> = refusing
        .into_iter()
        .map(|words| match (Reason::from_words(words), code.as_str()) {
            (Some(Reason::ConnectionNotActive), "connection_paused") => "The connection is paused.".to_owned(),
            (Some(Reason::ConnectionNotActive), "connection_suspended") => "The connection is suspended.".to_owned(),
            (Some(reason @ (Reason::ScopeMissing | Reason::OptInMissing)), _) => {
                lacks(web.door.catalogue(), entry, reason).unwrap_or_else(|| sentence(words))
            }
            _ => sentence(words),
        })
        .collect();
    decided.extend(who_did_it(web, visit, person, entry, &reasons).await?);
    if let Some(known) = problem::ALL.iter().find(|known| known.name == code) {
        decided.push(format!("The caller was told: {} ({code}).", known.title));
    }
    Ok(Why { decided, in_order: passed.into_iter().map(sentence).collect() })
}

/// What a connection lacked for what it asked, and where an admin can allow it.
fn lacks(catalogue: &Catalogue, entry: &Value, reason: Reason) -> Option<String> {
    let spec = catalogue.find(&text(entry, "operation"))?.spec();
    if text(entry, "connection_id").is_empty() {
        return None;
    }
    let asked = match spec.access {
        Access::Read => format!("to see {}", spec.resource.can_see),
        Access::Write if !spec.resource.can_change.is_empty() => format!("to {}", spec.resource.can_change),
        Access::Write | Access::Action(_) => format!("to {}", lower(spec.summary)),
    };
    Some(match reason {
        Reason::OptInMissing => format!("It asked {asked}. The clinic has not agreed that it gets such data for its purpose."),
        _ => format!("It asked {asked}, which it is not allowed. If it should be, allow it on the connection's page."),
    })
}

/// The change of the connection that refused a call: the last one of its kind before it.
async fn who_did_it(
    web: &Web,
    visit: &Visit,
    person: &Person,
    entry: &Value,
    reasons: &[String],
) -> Result<Option<String>, Box<Refused>> {
    let id = text(entry, "connection_id");
    let Some(reason) = reasons.iter().rev().find_map(|words| Reason::from_words(words)).filter(|_| !id.is_empty()) else {
        return Ok(None);
    };
    let operation = text(entry, "operation");
    let sets = |change: &Value, field: &str, to: &str| {
        list(change, "details").iter().any(|one| text(one, "field") == field && text(one, "to") == to)
    };
    let did = |change: &Value| match (reason, text(change, "what").as_str()) {
        (Reason::ConnectionNotActive, what) => ["paused", "suspended", "revoked"].contains(&what),
        (Reason::KeyRevoked, what) => ["revoked", "key_revoked", "key_leaked"].contains(&what),
        (Reason::KeyReplaced, what) => what == "key_rotated",
        (Reason::WritesOff, "changed") => sets(change, "writes_enabled", "off"),
        (Reason::OperationExcluded, "changed") => sets(change, "excluded_operations", &operation),
        _ => false,
    };
    if !CHANGES_TELL.contains(&reason) {
        return Ok(None);
    }
    let changes = web.all(visit, "connections.changes", &format!("&connection_id={}", in_path(&id))).await?;
    // All times have one length, so they compare as text.
    let before = |change: &&Value| text(change, "created_at") <= text(entry, "at") && did(change);
    let Some(change) = changes.iter().filter(before).max_by_key(|change| int(change, "version")) else { return Ok(None) };
    let names = Names::of_changes(web, visit, std::slice::from_ref(change)).await?;
    Ok(Some(told(&changed(web, person, change, &names))))
}

/// The reasons that some change of the connection brought about.
const CHANGES_TELL: [Reason; 5] =
    [Reason::ConnectionNotActive, Reason::KeyRevoked, Reason::KeyReplaced, Reason::WritesOff, Reason::OperationExcluded];

/// What to know of a connection that may not call: who brought it about, until when, and why.
/// `changes` are the oldest first, `history` tells the same the newest first.
pub fn of_state(state: ConnectionState, changes: &[Value], history: &[Change]) -> Option<String> {
    let what = match state {
        ConnectionState::Paused => "paused",
        ConnectionState::Suspended => "suspended",
        ConnectionState::Revoked => "revoked",
        ConnectionState::Active | ConnectionState::Expired => return None,
    };
    let mut both = changes.iter().rev().zip(history);
    both.find(|(change, _)| text(change, "what") == what).map(|(_, change)| told(change))
}
