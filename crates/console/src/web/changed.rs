//! In place of a form whose record has changed since its page was made: who changed what and when,
//! how it is now, and what was typed, to be sent once more by whoever still wants it.

use clinicos_contract::RateClass;
use serde_json::Value;

use super::Web;
use super::ask::{Ask, Person, int, is, text, texts};
use super::connection::read;
use super::history::{changed, operation_words, said, scope_words, told};
use super::kept::Kept;
use super::names::Names;
use super::respond::{Page, Refused, render};
use super::visit::Visit;
use crate::frame::Section;
use crate::pages::kept::Changed;
use crate::words::{Count, Fact, capital, in_path};

/// The status of a form whose record has changed.
const STALE: u16 = 412;

/// What such a form holds; nothing, if it was refused for another reason.
pub fn stale(visit: &Visit, refused: &Refused) -> Option<Kept> {
    visit.kept().filter(|_| refused.status == STALE)
}

/// What the page says of a record.
struct Record {
    name: String,
    version: i64,
    changes: Vec<String>,
    now: Vec<Fact>,
    page: String,
}

/// For a control of a connection.
pub async fn of_connection(web: &Web, visit: &Visit, kept: Kept) -> Page {
    let person = web.person(visit).await?;
    let record = read(web, visit).await?;
    let seen: i64 = visit.field("version").parse().unwrap_or(i64::MAX);
    let id = text(&record, "id");
    let record = Record {
        name: text(&record, "name"),
        version: int(&record, "version"),
        changes: changes(web, visit, &person, &id, |change| int(change, "version") > seen).await?,
        now: of_control(web, &person, &record, &visit.part("control")),
        page: format!("/console/connections/{}", in_path(&id)),
    };
    Ok(shown(web, visit, &person, record, kept))
}

/// For a change of a key.
pub async fn of_key(web: &Web, visit: &Visit, kept: Kept) -> Page {
    let person = web.person(visit).await?;
    let path = vec![("key_id", visit.part("id"))];
    let key = web.ask(visit, Ask { operation: "keys.get", path, ..Ask::default() }).await?;
    let at = text(&key, "updated_at");
    let is_last = |change: &Value| text(change, "created_at") == at && text(change, "what").starts_with("key_");
    let ends = person.zone.maybe(&key, "expires_at").map_or_else(|| "never".to_owned(), |when| when.words);
    let record = Record {
        name: text(&key, "name"),
        version: int(&key, "version"),
        changes: changes(web, visit, &person, &text(&key, "connection_id"), is_last).await?,
        now: vec![
            fact("Name", text(&key, "name")),
            fact("Addresses", listed(&key, "allowed_addresses", "from anywhere")),
            fact("Ends", ends),
        ],
        page: format!("/console/keys/{}", in_path(&text(&key, "id"))),
    };
    Ok(shown(web, visit, &person, record, kept))
}

/// For the emergency switch.
pub async fn of_emergency(web: &Web, visit: &Visit, kept: Kept) -> Page {
    let person = web.person(visit).await?;
    let stopped = person.zone.maybe(&person.emergency, "writes_stopped_at");
    let why = said(text(&person.emergency, "reason"));
    let quoted = why.map(|why| format!(" “{why}”")).unwrap_or_default();
    let (change, now) = match stopped {
        Some(at) => {
            let who = Some(text(&person.emergency, "stopped_by")).filter(|who| who != "operator");
            let who = who.unwrap_or_else(|| super::names::OPERATOR.to_owned());
            (format!("{who} stopped all changes, {}.{quoted}", at.words), "stopped")
        }
        None => ("Somebody allowed changes again already.".to_owned(), "allowed"),
    };
    let record = Record {
        name: "Emergency switch".to_owned(),
        version: int(&person.emergency, "version"),
        changes: vec![change],
        now: vec![fact("Changes", now.to_owned())],
        page: "/console/emergency".to_owned(),
    };
    Ok(shown(web, visit, &person, record, kept))
}

fn shown(web: &Web, visit: &Visit, person: &Person, record: Record, kept: Kept) -> super::respond::Response {
    let kept = kept.with_version(record.version);
    let page = Changed {
        frame: web.frame(visit, person, Section::Other),
        name: record.name,
        what: kept.what.to_owned(),
        changes: record.changes,
        now: record.now,
        typed: kept.facts_in(|field, value| typed(web, field, value)),
        action: kept.action,
        fields: kept.fields,
        page: record.page,
    };
    render(web, visit, STALE, &page)
}

/// The changes of a connection that are wanted, the newest first, a sentence each.
async fn changes(
    web: &Web,
    visit: &Visit,
    person: &Person,
    connection: &str,
    is_wanted: impl Fn(&Value) -> bool,
) -> Result<Vec<String>, Box<Refused>> {
    let mut found = web.all(visit, "connections.changes", &format!("&connection_id={}", in_path(connection))).await?;
    found.retain(is_wanted);
    found.sort_by_key(|change| std::cmp::Reverse(int(change, "version")));
    let names = Names::of_changes(web, visit, &found).await?;
    Ok(found.iter().map(|change| told(&changed(web, person, change, &names))).collect())
}

/// How that is now which a control is about.
fn of_control(web: &Web, person: &Person, record: &Value, control: &str) -> Vec<Fact> {
    let limit = |class: RateClass| {
        let set = record.get("limits").and_then(|limits| limits.get(class.name())).and_then(Value::as_u64);
        set.map_or_else(|| usual(web, class), |calls| Count(calls).to_string())
    };
    match control {
        "writes" => vec![fact("Changes", if is(record, "writes_enabled") { "on" } else { "off" }.to_owned())],
        "limits" => {
            vec![fact("Reading calls a minute", limit(RateClass::Read)), fact("Changing calls a minute", limit(RateClass::Write))]
        }
        "operations" => {
            let forbidden = texts(record, "excluded_operations").iter().map(|id| operation_words(web, id)).collect();
            vec![fact("Forbidden calls", several(forbidden, "none"))]
        }
        "origins" => vec![fact("Origins", listed(record, "browser_origins", "none"))],
        "addresses" => vec![fact("Addresses", listed(record, "allowed_addresses", "from anywhere"))],
        "scopes" => {
            let allowed = texts(record, "scopes").iter().map(|scope| capital(&scope_words(web, scope))).collect();
            vec![fact("Allowed", several(allowed, "nothing"))]
        }
        _ => {
            let until = person.zone.maybe(record, "paused_until").map(|end| format!(" until {}", end.words));
            vec![fact("State", format!("{}{}", capital(&text(record, "state")), until.unwrap_or_default()))]
        }
    }
}

fn usual(web: &Web, class: RateClass) -> String {
    format!("the usual limit, {}", Count(web.door.services().limits.quota(class).0.into()))
}

/// What was typed or ticked, as a person says it: the same words as how it is now.
fn typed(web: &Web, field: &str, value: &str) -> Option<String> {
    Some(match (field, value) {
        ("read", "") => usual(web, RateClass::Read),
        ("write", "") => usual(web, RateClass::Write),
        ("duration", "1h") => "for 1 hour".to_owned(),
        ("duration", "today") => "for the rest of today".to_owned(),
        ("duration", "until_resumed") => "until somebody lets it call again".to_owned(),
        ("scope", scope) => capital(&scope_words(web, scope)),
        ("excluded", id) => operation_words(web, id),
        _ => return None,
    })
}

fn listed(record: &Value, field: &str, none: &str) -> String {
    joined(texts(record, field), none)
}

fn joined(values: Vec<String>, none: &str) -> String {
    if values.is_empty() { none.to_owned() } else { values.join(", ") }
}

/// The same of sentences, which may hold commas.
fn several(sentences: Vec<String>, none: &str) -> String {
    if sentences.is_empty() { none.to_owned() } else { sentences.join("; ") }
}

fn fact(name: &str, value: String) -> Fact {
    Fact { name: name.to_owned(), value }
}
