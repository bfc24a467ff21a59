//! Changes of a connection, in the words of a person: what it was before, what it is now.

use clinicos_contract::Purpose;
use serde_json::Value;

use super::Web;
use super::ask::{Person, list, text};
use super::names::Names;
use super::powers::Powers;
use super::say;
use crate::pages::connection::Change;

/// What is written down as the reason of who stops something in a hurry and gives none.
pub const PAUSED_WITHOUT_WORDS: &str = "Paused from its page";
/// The same of who lets it call again.
pub const RESUMED_WITHOUT_WORDS: &str = "Let in again from its page";
/// The same of who stops all changes.
pub const STOPPED_WITHOUT_WORDS: &str = "Stopped from its page";
/// The same of who allows them again.
pub const ALLOWED_WITHOUT_WORDS: &str = "Allowed from its page";
/// The same, for the end of it.
pub const REVOKED_WITHOUT_WORDS: &str = "Revoked from its page";

/// A reason that somebody gave. What stands for none was said by nobody, so nobody is quoted with it.
pub fn said(reason: String) -> Option<String> {
    let without_words =
        ["", PAUSED_WITHOUT_WORDS, RESUMED_WITHOUT_WORDS, STOPPED_WITHOUT_WORDS, ALLOWED_WITHOUT_WORDS, REVOKED_WITHOUT_WORDS];
    Some(reason).filter(|reason| !without_words.contains(&reason.as_str()))
}

/// One change.
pub fn changed(web: &Web, person: &Person, change: &Value, names: &Names) -> Change {
    let details: Vec<String> = list(change, "details").iter().map(|one| detail(web, person, one)).collect();
    let what = match (text(change, "what").as_str(), details.as_slice()) {
        ("created", _) => "made it".to_owned(),
        ("changed", []) => "saved it unchanged".to_owned(),
        ("changed", details) => details.join("; "),
        ("key_added", _) => "added a key".to_owned(),
        ("key_rotated", _) => "replaced a key by a new one".to_owned(),
        ("key_changed", details) => format!("changed a key: {}", details.join("; ")),
        ("key_revoked", _) => "revoked a key".to_owned(),
        ("key_leaked", _) => "reported that a key leaked, and it was revoked".to_owned(),
        ("paused", [until]) => format!("paused it ({until})"),
        (what, _) => format!("{what} it"),
    };
    let why = said(text(change, "reason"));
    Change { at: person.zone.when(&text(change, "created_at")), who: names.actor(change), what, why }
}

/// A change as sentences, for who asks why things are as they are.
pub fn told(change: &Change) -> String {
    let why = change.why.as_ref().map(|why| format!(" “{why}”")).unwrap_or_default();
    format!("{} {}, {}.{why}", change.who, change.what, change.at.words)
}

/// What became of one value.
fn detail(web: &Web, person: &Person, one: &Value) -> String {
    let value = |name: &str| Some(text(one, name)).filter(|value| !value.is_empty());
    let (field, from, to) = (text(one, "field"), value("from"), value("to"));
    let (from_words, to_words) = (from.as_deref().unwrap_or_default(), to.as_deref().unwrap_or_default());
    match (field.as_str(), &from, &to) {
        ("name", None, None) => "renamed it".to_owned(),
        ("name", ..) => format!("renamed it from “{from_words}” to “{to_words}”"),
        ("run_by", ..) => "changed who runs it".to_owned(),
        ("reason", ..) => "changed why it is connected".to_owned(),
        ("scopes", _, Some(scope)) => format!("let it {}", scope_words(web, scope)),
        ("scopes", Some(scope), _) => format!("no longer let it {}", scope_words(web, scope)),
        ("opt_ins", _, Some(opt_in)) => format!("opened to it: {}", category_words(person, opt_in)),
        ("opt_ins", Some(opt_in), _) => format!("closed to it: {}", category_words(person, opt_in)),
        ("excluded_operations", _, Some(operation)) => format!("forbade the call “{}”", operation_words(web, operation)),
        ("excluded_operations", Some(operation), _) => format!("allowed the call “{}” again", operation_words(web, operation)),
        ("browser_origins", _, Some(origin)) => format!("let web pages of {origin} call"),
        ("browser_origins", Some(origin), _) => format!("no longer let web pages of {origin} call"),
        ("allowed_addresses", _, Some(network)) => format!("let it call from {network}"),
        ("allowed_addresses", Some(network), _) => format!("no longer let it call from {network}"),
        ("writes_enabled", ..) => format!("turned changes {to_words}"),
        ("pinned_version", ..) => format!("moved it from version {from_words} to {to_words}"),
        ("paused_until", _, Some(until)) => format!("until {}", person.zone.when(until).words),
        (field, ..) => match field.strip_prefix("limits.") {
            Some(class) => format!("changed its limit of {} from {} to {}", class_words(class), limit(&from), limit(&to)),
            None => format!("changed its {}", field.replace('_', " ")),
        },
    }
}

fn limit(calls: &Option<String>) -> String {
    calls.as_ref().map_or_else(|| "the usual one".to_owned(), |calls| format!("{calls} a minute"))
}

fn class_words(class: &str) -> &str {
    match class {
        "read" => "reading calls",
        "write" => "changing calls",
        "govern" => "calls that decide about others",
        "heavy" => "heavy calls",
        other => other,
    }
}

/// What a scope allows, in the words of the catalogue.
pub fn scope_words(web: &Web, scope: &str) -> String {
    Powers::of(web.door.catalogue()).words(scope).map_or_else(|| format!("use {scope}"), str::to_owned)
}

/// A kind of data, what for if that is not the usual, and until when.
fn category_words(person: &Person, opt_in: &str) -> String {
    let (rest, until) = opt_in.split_once(" until ").map_or((opt_in, None), |(rest, until)| (rest, Some(until)));
    let (category, purpose) = rest.split_once(" for ").map_or((rest, None), |(category, purpose)| (category, Some(purpose)));
    let purpose = purpose.map(|name| format!(", {}", Purpose::parse(name).map_or(name, |purpose| purpose.words())));
    let until = until.map(|until| format!(", until {}", person.zone.when(until).words));
    format!("{}{}{}", say::category(category), purpose.unwrap_or_default(), until.unwrap_or_default())
}

/// What an operation does.
pub fn operation_words(web: &Web, id: &str) -> String {
    web.door.catalogue().find(id).map_or_else(|| id.to_owned(), |operation| operation.spec().summary.to_owned())
}
