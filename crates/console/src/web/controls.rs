//! The controls of a connection. Each acts from the next call on.

use clinicos_contract::{Problem, Timestamp, problem};
use clinicos_gate::limits::QUOTA_MAX;
use serde_json::{Map, Value, json};

use super::Web;
use super::amend::{self, ADDRESSES, Field, ORIGINS};
use super::ask::{Ask, list, text, texts};
use super::changed::{self, stale};
use super::connection::{again, living_made, made, read};
use super::history::{PAUSED_WITHOUT_WORDS, RESUMED_WITHOUT_WORDS, REVOKED_WITHOUT_WORDS};
use super::keys::SCOPES;
use super::respond::{Page, Refused, done, render, told};
use super::visit::Visit;
use crate::faults::Fault;
use crate::frame::{FlashKind, Section};
use crate::pages::connection::Revoke;
use crate::pages::keys::SHOWN_TEXT;
use crate::words::{Count, counted, in_path};

const SECONDS_PER_HOUR: i64 = 3_600;

/// `POST /console/connections/{id}/{control}`
pub async fn turn(web: Web, visit: Visit) -> Page {
    let back = format!("/console/connections/{}", in_path(&visit.part("id")));
    let control = visit.part("control");
    let turned = match control.as_str() {
        "pause" => pause(&web, &visit).await,
        "resume" => resume(&web, &visit).await,
        "writes" => match visit.field("writes").as_str() {
            "on" => patch(&web, &visit, json!({"writes_enabled": true})).await,
            "off" => patch(&web, &visit, json!({"writes_enabled": false})).await,
            _ => Err(unclear(&visit, "say whether changes are to be on or off")),
        },
        "limits" => {
            patch(&web, &visit, json!({"limits": {"read": limit(&visit, "read"), "write": limit(&visit, "write")}})).await
        }
        "operations" => patch(&web, &visit, json!({"excluded_operations": visit.ticked("excluded")})).await,
        "origins" => patch(&web, &visit, json!({"browser_origins": amend::origins(&visit)})).await,
        "addresses" => patch(&web, &visit, json!({"allowed_addresses": amend::several(&visit, "addresses")})).await,
        "scopes" => scopes(&web, &visit).await,
        "remove-category" => remove_category(&web, &visit).await,
        "revoke-made" => {
            state(&web, &visit, "connections.revoke_made", json!({"reason": why(&visit, REVOKED_WITHOUT_WORDS)})).await
        }
        _ => return Err(Refused::by(visit.origin, Problem::not_found())),
    };
    if let Err(refused) = &turned
        && let Some(kept) = stale(&visit, refused)
    {
        return changed::of_connection(&web, &visit, kept).await;
    }
    match (turned, fields(&control)) {
        (Err(refused), Some(fields)) if refused.is_of_form() => {
            let refused = refused.journaled(&web, visit.credential()).await;
            again(&web, &visit, refused.status, amend::faults(&visit, &refused, fields, own_faults(&visit, &control))).await
        }
        (turned, _) => {
            let well = turned.as_ref().map_or(HOLDS, |well| well);
            told(&web, &visit, &back, turned.map(drop), well).await
        }
    }
}

const HOLDS: &str = "Done. It holds from the next call on.";

/// What is said of a control that was turned.
type Turned = Result<&'static str, Box<Refused>>;

const READ: Field = Field::new("/limits/read", "read-limit", "Reading calls a minute");
const WRITE: Field = Field::new("/limits/write", "write-limit", "Changing calls a minute");

/// The fields of the forms in which something is typed or ticked; who presses a button has nothing
/// to mend.
fn fields(control: &str) -> Option<&'static [Field]> {
    const fn why(id: &'static str) -> Field {
        Field::new("/change_reason", id, "Why")
    }
    Some(match control {
        "limits" => &const { [READ, WRITE, why("limits-reason")] },
        "operations" => &const { [Field::new("/excluded_operations", "excluded", "Forbid"), why("operations-reason")] },
        "origins" => &const { [Field::new(ORIGINS.pointer, ORIGINS.id, "Origins, one on each line"), why("origins-reason")] },
        "addresses" => &const { [ADDRESSES, why("addresses-reason")] },
        "scopes" => &const { [SCOPES, why("scopes-reason")] },
        _ => return None,
    })
}

/// What the door says in other words, or later.
fn own_faults(visit: &Visit, control: &str) -> Vec<Fault> {
    let is_limit = |name: &str| {
        let typed = visit.field(name);
        typed.is_empty() || typed.parse::<u32>().is_ok_and(|calls| calls <= QUOTA_MAX)
    };
    let words = format!("A whole number up to {}, or empty for the usual limit.", Count(QUOTA_MAX.into()));
    match control {
        "limits" => {
            let both = [("read", READ), ("write", WRITE)].into_iter();
            both.filter(|(name, _)| !is_limit(name)).map(|(_, field)| field.fault(words.clone())).collect()
        }
        "addresses" => amend::addresses(visit),
        "scopes" if visit.ticked("scope").is_empty() => {
            vec![SCOPES.fault(format!("{}. To stop it altogether, pause or revoke it.", amend::NOTHING_TICKED))]
        }
        _ => Vec::new(),
    }
}

async fn pause(web: &Web, visit: &Visit) -> Turned {
    let person = web.person(visit).await?;
    let until = match visit.field("duration").as_str() {
        "1h" => rfc3339(person.zone.now().plus_seconds(SECONDS_PER_HOUR)),
        "today" => person.zone.end_of_today(),
        "until_resumed" => None,
        _ => return Err(unclear(visit, "say for how long")),
    };
    // Who stops something in a hurry is not asked to write first.
    state(web, visit, "connections.pause", json!({"reason": why(visit, PAUSED_WITHOUT_WORDS), "until": until})).await
}

fn rfc3339(at: Timestamp) -> Option<String> {
    jiff::Timestamp::from_microsecond(at.as_micros()).ok().map(|at| at.to_string())
}

/// Lets it call again, if nothing changed since the page was made: a later pause stays.
async fn resume(web: &Web, visit: &Visit) -> Turned {
    let (path, body) = (vec![("connection_id", visit.part("id"))], Some(json!({"reason": why(visit, RESUMED_WITHOUT_WORDS)})));
    let version = visit.field("version").parse().ok();
    web.ask(visit, Ask { operation: "connections.resume", path, body, version, ..Ask::default() }).await.map(|_| HOLDS)
}

async fn state(web: &Web, visit: &Visit, operation: &str, body: Value) -> Turned {
    let path = vec![("connection_id", visit.part("id"))];
    web.ask(visit, Ask { operation, path, body: Some(body), ..Ask::default() }).await.map(|_| HOLDS)
}

/// Changes a connection; why, if that was said, goes into its history.
async fn patch(web: &Web, visit: &Visit, mut body: Value) -> Turned {
    let reason = visit.field("reason");
    if let Some(members) = body.as_object_mut().filter(|_| !reason.is_empty()) {
        members.insert("change_reason".to_owned(), Value::String(reason));
    }
    let path = vec![("connection_id", visit.part("id"))];
    let version = visit.field("version").parse().ok();
    let ask = Ask { operation: "connections.update", path, body: Some(body), version, ..Ask::default() };
    web.ask(visit, ask).await.map(|answer| amend::came_of(version, &answer, HOLDS))
}

/// A whole number; empty is the usual limit. What is neither is handed on as it is, for the door to
/// refuse.
fn limit(visit: &Visit, field: &str) -> Value {
    let typed = visit.field(field);
    match typed.parse::<u64>() {
        _ if typed.is_empty() => Value::Null,
        Ok(calls) => Value::from(calls),
        Err(_) => Value::from(typed),
    }
}

pub fn unclear(visit: &Visit, detail: &str) -> Box<Refused> {
    Refused::by(visit.origin.clone(), Problem::new(&problem::RULE_BROKEN, detail))
}

/// Scopes as ticked. What a new one needs is opted in to; what was taken away by itself stays away,
/// and what none of them needs any more goes.
async fn scopes(web: &Web, visit: &Visit) -> Turned {
    let record = read(web, visit).await?;
    let ticked = visit.ticked("scope");
    if ticked.is_empty() {
        return Err(unclear(visit, "tick at least one; to stop it altogether, pause or revoke it"));
    }
    let categories_of = &web.door.services().categories_of;
    let needs = |scopes: &mut dyn Iterator<Item = &String>| -> Vec<&'static str> {
        let resources = scopes.filter_map(|scope| scope.split(':').next());
        resources.filter_map(|name| categories_of.get(name)).flatten().map(|category| category.name()).collect()
    };
    let held = texts(&record, "scopes");
    let needed = needs(&mut ticked.iter());
    let newly = needs(&mut ticked.iter().filter(|scope| !held.contains(scope)));
    let mut opt_ins: Vec<Value> = list(&record, "opt_ins").iter().map(writable).collect();
    opt_ins.retain(|opt_in| needed.contains(&text(opt_in, "category").as_str()));
    for category in newly {
        if !opt_ins.iter().any(|opt_in| text(opt_in, "category") == category) {
            opt_ins.push(json!({"category": category, "shown_text": SHOWN_TEXT}));
        }
    }
    patch(web, visit, json!({"scopes": ticked, "opt_ins": opt_ins})).await
}

async fn remove_category(web: &Web, visit: &Visit) -> Turned {
    let record = read(web, visit).await?;
    let gone = visit.field("category");
    let left: Vec<Value> =
        list(&record, "opt_ins").iter().filter(|opt_in| text(opt_in, "category") != gone).map(writable).collect();
    patch(web, visit, json!({"opt_ins": left})).await
}

/// An opt-in without what only the server says.
fn writable(opt_in: &Value) -> Value {
    let kept = ["category", "purpose", "expires_at"];
    let members = kept.into_iter().filter_map(|name| Some((name.to_owned(), opt_in.get(name)?.clone())));
    Value::Object(members.filter(|(_, value)| !value.is_null()).collect::<Map<String, Value>>())
}

/// `GET /console/connections/{id}/revoke`
pub async fn ask_revoke(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let record = read(&web, &visit).await?;
    let path = vec![("connection_id", visit.part("id"))];
    let usage = web.ask(&visit, Ask { operation: "usage.get", path, ..Ask::default() }).await?;
    let calls = super::ask::count(&usage, "calls_24h");
    let made = living_made(&web, &visit, &made(&web, &visit).await?).await? as u64;
    let page = Revoke {
        frame: web.frame(&visit, &person, Section::Connections),
        connection_id: text(&record, "id"),
        name: text(&record, "name"),
        made: (made > 0).then(|| counted(made, "connection", "connections")),
        recent: (calls > 0).then(|| format!("It made {} in the last 24 hours.", counted(calls, "call", "calls"))),
    };
    Ok(render(&web, &visit, 200, &page))
}

/// `POST /console/connections/{id}/revoke`
pub async fn revoke(web: Web, visit: Visit) -> Page {
    let body = json!({"reason": why(&visit, REVOKED_WITHOUT_WORDS), "made": visit.field("made") == "too"});
    state(&web, &visit, "connections.revoke", body).await?;
    let back = format!("/console/connections/{}", in_path(&visit.part("id")));
    Ok(done(&web, &back, FlashKind::Success, "Revoked. Its next call is refused, and its keys never work again."))
}

/// Why, as typed, or what is written down of who did not say.
fn why(visit: &Visit, without_words: &str) -> String {
    visit.filled("reason").unwrap_or_else(|| without_words.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opt_in_is_sent_back_as_it_can_be_written() {
        let read =
            json!({"category": "practice", "purpose": "payment", "expires_at": null, "granted_at": "2026-01-01T00:00:00Z"});
        assert_eq!(writable(&read), json!({"category": "practice", "purpose": "payment"}));
    }
}
