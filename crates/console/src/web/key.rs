//! `/console/keys/{id}`: one key, replacing it, and adding another to its connection.

use std::collections::BTreeMap;

use clinicos_contract::{Problem, Timestamp};
use clinicos_gate::addresses::AllowList;
use futures_util::future::try_join;
use serde_json::{Map, Value, json};

use super::Web;
use super::amend::{self, ADDRESSES, Field};
use super::ask::{Ask, Person, count, int, is, text, texts};
use super::changed::{self, stale};
use super::connection::read;
use super::keys::{self, EXPIRIES, Made};
use super::once;
use super::respond::{Page, Refused, render, told};
use super::visit::Visit;
use crate::faults::{Fault, Faults};
use crate::frame::Section;
use crate::pages::key::{AddKey, KeyPage, KeyRow, KeyState, Leak, RevokeKey, RotatePage};
use crate::words::{counted, in_path};

/// How long both keys work, in hours; the first one is what most should take.
const OVERLAPS: [(i64, &str); 5] =
    [(24, "For 24 hours"), (72, "For 3 days"), (168, "For 7 days"), (1, "For an hour"), (0, "Not at all: it ends at once")];

const REPLACED: &str = "Another key replaces this one already. Its page leads there: replace that one.";
const REASON: Field = Field::new("/reason", "reason", "Why");
const OF_ROTATION: [Field; 3] = [Field::new("/overlap_hours", "overlap", "The old key works on"), ADDRESSES, REASON];
const OF_NEW: [Field; 4] = [keys::NAME, keys::EXPIRES, ADDRESSES, REASON];
const ENDS_ON: Field = Field::new("/expires_at", "ends-on", "End it on");
const OF_CHANGE: [Field; 4] = [keys::NAME, ADDRESSES, ENDS_ON, Field::new("/change_reason", "reason", "Why")];

/// Every key of a connection: those with a leak that nobody has seen to, then those that work, come first.
pub async fn of_connection(web: &Web, visit: &Visit, person: &Person, connection: &Value) -> Result<Vec<KeyRow>, Box<Refused>> {
    let of_it = format!("&connection_id={}", text(connection, "id"));
    let (keys, usage) = try_join(web.all(visit, "keys.list", &of_it), usage(web, visit, &of_it)).await?;
    let mut rows: Vec<KeyRow> = keys.iter().rev().map(|key| row(person, connection, key, usage.get(&text(key, "id")))).collect();
    let is_quiet = |key: &KeyRow| key.leak.as_ref().is_none_or(|leak| leak.handled);
    rows.sort_by_key(|key| (is_quiet(key), !key.state.works()));
    Ok(rows)
}

/// How each key was used that a question is about, by its id.
pub async fn usage(web: &Web, visit: &Visit, query: &str) -> Result<BTreeMap<String, Value>, Box<Refused>> {
    let usage = web.all(visit, "usage.keys", query).await?;
    Ok(usage.into_iter().map(|one| (text(&one, "id"), one)).collect())
}

fn row(person: &Person, connection: &Value, key: &Value, usage: Option<&Value>) -> KeyRow {
    let zone = &person.zone;
    let leak = zone.maybe(key, "leaked_at").map(|at| Leak {
        at,
        source: some(key, "leak_source"),
        note: some(key, "leak_note"),
        handled: is(key, "leak_handled"),
    });
    let ends = match text(key, "state").as_str() {
        "revoked" => zone.maybe(key, "revoked_at"),
        _ => earlier(&text(key, "expires_at"), &text(key, "ends_at")).map(|end| zone.when(&end)),
    };
    KeyRow {
        id: text(key, "id"),
        name: text(key, "name"),
        hint: text(key, "hint"),
        state: state(key),
        last_used: usage.and_then(|usage| zone.maybe(usage, "last_used_at")),
        last_from: usage.and_then(from),
        addresses: texts(key, "allowed_addresses"),
        from: within(connection, key),
        scopes: texts(key, "scopes"),
        ends,
        clinics: is(key, "for_organization").then(|| count(key, "clinic_count")),
        leak,
    }
}

/// A text member, if there is one.
pub fn some(json: &Value, name: &str) -> Option<String> {
    Some(text(json, name)).filter(|text| !text.is_empty())
}

/// The earlier of two times, either of which may not be there. All have one length, so they compare as text.
fn earlier(one: &str, other: &str) -> Option<String> {
    [one, other].into_iter().filter(|time| !time.is_empty()).min().map(str::to_owned)
}

/// From where a key may be used: what its own list and its connection's have in common.
fn within(connection: &Value, key: &Value) -> Option<Vec<String>> {
    let list = |record| AllowList::parse(&texts(record, "allowed_addresses")).unwrap_or_default();
    let both = list(connection).and(&list(key));
    // One address is no network to whoever wrote it.
    let single = |range: String| range.strip_suffix("/32").filter(|one| !one.contains(':')).map_or(range.clone(), str::to_owned);
    (!both.is_anywhere()).then(|| both.texts().into_iter().map(single).collect())
}

fn from(usage: &Value) -> Option<String> {
    let last = some(usage, "last_address")?;
    let recent = count(usage, "addresses_24h");
    let others = if recent > 1 { format!(", {} in 24 hours", counted(recent, "address", "addresses")) } else { String::new() };
    Some(format!("from {last}{others}"))
}

/// Whether a key may be used.
pub fn state(key: &Value) -> KeyState {
    state_of(&text(key, "state"))
}

/// The same, by its name.
pub fn state_of(name: &str) -> KeyState {
    match name {
        "active" => KeyState::Active,
        "ending" => KeyState::Ending,
        "revoked" => KeyState::Revoked,
        _ => KeyState::Expired,
    }
}

/// A key, its connection, and how it is shown.
struct Found {
    person: Person,
    record: Value,
    connection: Value,
    key: KeyRow,
}

async fn find(web: &Web, visit: &Visit) -> Result<Found, Box<Refused>> {
    let person = web.person(visit).await?;
    let path = vec![("key_id", visit.part("id"))];
    let record = web.ask(visit, Ask { operation: "keys.get", path, ..Ask::default() }).await?;
    let path = vec![("connection_id", text(&record, "connection_id"))];
    let connection = web.ask(visit, Ask { operation: "connections.get", path, ..Ask::default() }).await?;
    let usage = usage(web, visit, &format!("&connection_id={}", text(&connection, "id"))).await?;
    let key = row(&person, &connection, &record, usage.get(&text(&record, "id")));
    Ok(Found { person, record, connection, key })
}

/// `GET /console/keys/{id}`
pub async fn show(web: Web, visit: Visit) -> Page {
    let found = find(&web, &visit).await?;
    Ok(render(&web, &visit, 200, &page(&web, &visit, found)))
}

fn page(web: &Web, visit: &Visit, found: Found) -> KeyPage {
    let Found { person, record, connection, key } = found;
    let links = [("rotated_from", "It replaces another key"), ("replaced_by", "Another key replaces it")];
    let chain = links.into_iter().filter_map(|(name, words)| Some((some(&record, name)?, words.to_owned())));
    KeyPage {
        frame: web.frame(visit, &person, Section::Connections),
        connection_id: text(&connection, "id"),
        connection: text(&connection, "name"),
        version: int(&record, "version"),
        outer: texts(&connection, "allowed_addresses"),
        chain: chain.collect(),
        faults: Faults::default(),
        name: key.name.clone(),
        addresses: key.addresses.join("\n"),
        ends_on: String::new(),
        reason: String::new(),
        key,
    }
}

const HOLDS: &str = "Done. It holds from the next call on.";

/// `POST /console/keys/{id}/{control}`
pub async fn turn(web: Web, visit: Visit) -> Page {
    let (back, path) = (format!("/console/keys/{}", in_path(&visit.part("id"))), vec![("key_id", visit.part("id"))]);
    let version = visit.field("version").parse().ok();
    let ask = match visit.part("control").as_str() {
        "change" => return change(&web, &visit, &back).await,
        "handled" => Ask { operation: "keys.update", path, body: Some(json!({"leak_handled": true})), version, ..Ask::default() },
        "leaked" => {
            let note = some(&json!({"note": visit.field("note")}), "note");
            Ask { operation: "keys.mark_leaked", path, body: Some(json!({"note": note})), ..Ask::default() }
        }
        _ => return Err(Refused::by(visit.origin, Problem::not_found())),
    };
    let result = web.ask(&visit, ask).await.map(drop);
    if let Err(refused) = &result
        && let Some(kept) = stale(&visit, refused)
    {
        return changed::of_key(&web, &visit, kept).await;
    }
    told(&web, &visit, &back, result, HOLDS).await
}

/// `GET /console/keys/{id}/revoke`
pub async fn ask_revoke(web: Web, visit: Visit) -> Page {
    let Found { person, connection, key, .. } = find(&web, &visit).await?;
    let frame = web.frame(&visit, &person, Section::Connections);
    Ok(render(&web, &visit, 200, &RevokeKey { frame, connection: text(&connection, "name"), key }))
}

/// `POST /console/keys/{id}/revoke`
pub async fn revoke(web: Web, visit: Visit) -> Page {
    let (back, path) = (format!("/console/keys/{}", in_path(&visit.part("id"))), vec![("key_id", visit.part("id"))]);
    let body = Some(json!({"reason": visit.filled("reason")}));
    let result = web.ask(&visit, Ask { operation: "keys.revoke", path, body, ..Ask::default() }).await.map(drop);
    told(&web, &visit, &back, result, "Revoked. Its next call is refused, and it never works again.").await
}

/// Changes a key; a form that cannot be taken stands there again, as it was typed.
async fn change(web: &Web, visit: &Visit, back: &str) -> Page {
    let person = web.person(visit).await?;
    let mut body = Map::from_iter([
        ("name".to_owned(), json!(visit.filled("name"))),
        ("allowed_addresses".to_owned(), json!(amend::several(visit, "addresses"))),
    ]);
    if let Some(reason) = visit.filled("reason") {
        body.insert("change_reason".to_owned(), json!(reason));
    }
    let (mut own, day) = (amend::addresses(visit), visit.again("ends_on"));
    own.extend(amend::empty(visit, &[("name", keys::NAME)]));
    if !day.is_empty() {
        let end = end_on(&person, &day);
        body.insert("expires_at".to_owned(), json!(end.as_deref().unwrap_or(keys::NO_TIME)));
        own.extend(end.err());
    }
    let path = vec![("key_id", visit.part("id"))];
    let version = visit.field("version").parse().ok();
    let ask = Ask { operation: "keys.update", path, body: Some(Value::Object(body)), version, ..Ask::default() };
    match web.ask(visit, ask).await {
        Err(refused) if let Some(kept) = stale(visit, &refused) => changed::of_key(web, visit, kept).await,
        Err(refused) if refused.is_of_form() => {
            let mut page = page(web, visit, find(web, visit).await?);
            page.faults = amend::faults(visit, &refused, &OF_CHANGE, own);
            // What was typed is about the key as it was, not as it may be by now.
            page.version = version.unwrap_or(page.version);
            (page.name, page.addresses, page.ends_on) = (visit.again("name"), visit.lines("addresses"), day);
            page.reason = visit.again("reason");
            Ok(render(web, visit, refused.status, &page))
        }
        result => {
            let well = result.as_ref().map_or(HOLDS, |key| amend::came_of(version, key, HOLDS));
            told(web, visit, back, result.map(drop), well).await
        }
    }
}

/// When a day begins that a key is to end on.
fn end_on(person: &Person, day: &str) -> Result<String, Fault> {
    let end = person.zone.day(day, 0).ok_or_else(|| ENDS_ON.fault("Say on which day it is to end."))?;
    // The door would take it and end the key at once, which a slip of the hand must not.
    if Timestamp::parse(&end).is_none_or(|end| end <= person.zone.now()) {
        return Err(ENDS_ON.fault("That day has begun already; to end the key now, revoke it."));
    }
    Ok(end)
}

/// `GET /console/keys/{id}/rotate`
pub async fn rotate_form(web: Web, visit: Visit) -> Page {
    let found = find(&web, &visit).await?;
    let addresses = found.key.addresses.join("\n");
    let page = rotate_page(&web, &visit, found, addresses, Faults::default());
    Ok(render(&web, &visit, 200, &page))
}

fn rotate_page(web: &Web, visit: &Visit, found: Found, addresses: String, faults: Faults) -> RotatePage {
    RotatePage {
        frame: web.frame(visit, &found.person, Section::Connections),
        faults,
        nonce: once::nonce(web, visit),
        connection_id: text(&found.connection, "id"),
        connection: text(&found.connection, "name"),
        key: found.key,
        overlaps: keys::choices_of(&OVERLAPS, &visit.field("overlap")),
        addresses,
        reason: visit.again("reason"),
    }
}

/// `POST /console/keys/{id}/rotate`
pub async fn rotate(web: Web, visit: Visit) -> Page {
    let found = find(&web, &visit).await?;
    let typed = visit.lines("addresses");
    let mut body = Map::from_iter([("overlap_hours".to_owned(), json!(visit.field("overlap").parse::<i64>().unwrap_or(24)))]);
    if amend::several(&visit, "addresses") != found.key.addresses {
        body.insert("allowed_addresses".to_owned(), json!(amend::several(&visit, "addresses")));
    }
    if let Some(reason) = Some(visit.field("reason")).filter(|reason| !reason.is_empty()) {
        body.insert("reason".to_owned(), json!(reason));
    }
    let path = vec![("key_id", visit.part("id"))];
    let ask = Ask { operation: "keys.rotate", path, body: Some(Value::Object(body)), once: once::sent(&visit), ..Ask::default() };
    match web.ask(&visit, ask).await {
        Ok(key) => {
            let path = vec![("key_id", visit.part("id"))];
            // The secret is shown whatever becomes of this question: it is shown only once.
            let old = web.ask(&visit, Ask { operation: "keys.get", path, ..Ask::default() }).await.ok();
            let next = old.map(|old| match state(&old) {
                KeyState::Ending => {
                    let until = found.person.zone.when(&text(&old, "ends_at")).words;
                    format!("The old key works on until {until}. Its answers say so in ClinicOS-Key-Expires.")
                }
                _ => "The old key does not work any more.".to_owned(),
            });
            let scopes = effective(&key, &found.connection);
            let page = keys::made(&web, &visit, &found.person, Made { key: &key, scopes: &scopes, next });
            Ok(render(&web, &visit, 200, &page))
        }
        Err(refused) if refused.is_of_form() => {
            let faults = match some(&found.record, "replaced_by") {
                // The door names it by its id, which says nothing to a person.
                Some(_) if refused.status == 409 => Faults(vec![Fault::whole(REPLACED.to_owned())]),
                _ => once::faults(&visit, &refused, &OF_ROTATION, amend::addresses(&visit), &once::KEY),
            };
            let page = rotate_page(&web, &visit, found, typed, faults);
            Ok(render(&web, &visit, refused.status, &page))
        }
        Err(refused) => Err(refused),
    }
}

/// The scopes of a key: its own, or its connection's.
fn effective(key: &Value, connection: &Value) -> Vec<String> {
    let own = texts(key, "scopes");
    if own.is_empty() { texts(connection, "scopes") } else { own }
}

/// `GET /console/connections/{id}/keys`
pub async fn add_form(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let connection = read(&web, &visit).await?;
    let page = add_page(&web, &visit, &person, &connection, Faults::default());
    Ok(render(&web, &visit, 200, &page))
}

fn add_page(web: &Web, visit: &Visit, person: &Person, connection: &Value, faults: Faults) -> AddKey {
    AddKey {
        frame: web.frame(visit, person, Section::Connections),
        faults,
        nonce: once::nonce(web, visit),
        connection_id: text(connection, "id"),
        connection: text(connection, "name"),
        name: visit.again("name"),
        expiries: keys::choices_of(&EXPIRIES, &visit.field("expires")),
        addresses: visit.lines("addresses"),
        reason: visit.again("reason"),
    }
}

/// `POST /console/connections/{id}/keys`
pub async fn add(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let connection = read(&web, &visit).await?;
    let body = json!({
        "name": visit.filled("name"), "expires_at": keys::end(&person, &visit),
        "allowed_addresses": amend::several(&visit, "addresses"),
        "reason": Some(visit.field("reason")).filter(|reason| !reason.is_empty()),
    });
    let path = vec![("connection_id", visit.part("id"))];
    match web.ask(&visit, Ask { operation: "keys.add", path, body: Some(body), once: once::sent(&visit), ..Ask::default() }).await
    {
        Ok(key) => {
            let scopes = effective(&key, &connection);
            let page = keys::made(&web, &visit, &person, Made { key: &key, scopes: &scopes, next: None });
            Ok(render(&web, &visit, 200, &page))
        }
        Err(refused) if refused.is_of_form() => {
            let named = amend::empty(&visit, &[("name", keys::NAME)]).into_iter();
            let own = named.chain(amend::addresses(&visit)).chain(keys::wrong_end(&visit)).collect();
            let faults = once::faults(&visit, &refused, &OF_NEW, own, &once::KEY);
            let page = add_page(&web, &visit, &person, &connection, faults);
            Ok(render(&web, &visit, refused.status, &page))
        }
        Err(refused) => Err(refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_end_counts() {
        let (one, other) = ("2026-11-23T07:00:00.000000Z", "2026-11-24T07:00:00.000000Z");
        assert_eq!(earlier(one, other).as_deref(), Some(one));
        assert_eq!(earlier("", other).as_deref(), Some(other));
        assert_eq!(earlier("", ""), None);
    }
}
