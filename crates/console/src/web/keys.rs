//! Making a key.

use clinicos_contract::schema::Word;
use clinicos_contract::{Purpose, Shape, Timestamp};
use serde_json::{Value, json};

use super::Web;
use super::amend::{self, ADDRESSES, Field, ORIGINS};
use super::ask::{Ask, Person, is, text};
use super::connection::choices;
use super::once;
use super::powers::{Bounds, Powers};
use super::respond::{Page, Refused, render, told};
use super::visit::Visit;
use crate::faults::{Fault, Faults};
use crate::frame::Section;
use crate::pages::keys::{KeyMade, NewKey, SHOWN_TEXT};
use crate::words::{Choice, capital, in_path};

/// How long a key may live, in days; the first one is what most should take.
pub const EXPIRIES: [(i64, &str); 4] = [(90, "In 90 days"), (365, "In a year"), (30, "In 30 days"), (0, "Never")];
/// Seconds of a day.
pub const SECONDS_PER_DAY: i64 = 86_400;

/// What every form that makes a key asks for.
pub const NAME: Field = Field::new("/name", "name", "Name");
/// The same.
pub const EXPIRES: Field = Field::new("/expires_at", "expires", "The key ends");
/// Boxes to tick; a key or a connection without any could do nothing.
pub const SCOPES: Field = Field::new("/scopes", "scope", "What it may do");
const FIELDS: [Field; 10] = [
    NAME,
    RUN_BY,
    REASON,
    Field::new("/purpose", "purpose", "What its data may be used for"),
    Field::new("/recipient", "recipient", "Who gets the data"),
    SCOPES,
    EXPIRES,
    ADDRESSES,
    ORIGINS,
    Field::new("/existing_key_id", "existing", "Or the id of a key that another clinic has"),
];
const REASON: Field = Field::new("/reason", "reason", "Why your clinic wants it");
const RUN_BY: Field = Field::new("/run_by", "run-by", "Who runs it");

/// `GET /console/keys/new`
pub async fn form(web: Web, visit: Visit) -> Page {
    let page = new_key(&web, &visit, Faults::default()).await?;
    Ok(render(&web, &visit, 200, &page))
}

/// `POST /console/keys`
pub async fn make(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let existing = visit.filled("existing");
    let body = json!({
        "name": visit.filled("name"), "run_by": visit.filled("run_by"), "purpose": visit.field("purpose"), "recipient": visit.filled("recipient"), "reason": visit.filled("reason"),
        "scopes": visit.ticked("scope"), "expires_at": end(&person, &visit),
        "allowed_addresses": amend::several(&visit, "addresses"), "browser_origins": amend::origins(&visit),
        "for_organization": visit.field("organization") == "on", "existing_key_id": existing, "shown_text": SHOWN_TEXT,
    });
    let once = once::sent(&visit);
    match web.ask(&visit, Ask { operation: "keys.create", body: Some(body), once, ..Ask::default() }).await {
        // There is nothing to be shown once.
        Ok(key) if existing.is_some() => {
            let (to, hint) = (format!("/console/connections/{}", in_path(&text(&key, "connection_id"))), text(&key, "hint"));
            let done = format!("Done: your clinic lets the key in. Compare: it starts with {hint}.");
            told(&web, &visit, &to, Ok(()), &done).await
        }
        Ok(key) => {
            let page = made(&web, &visit, &person, Made { key: &key, scopes: &visit.ticked("scope"), next: None });
            Ok(render(&web, &visit, 200, &page))
        }
        Err(refused) if refused.is_of_form() => {
            let faults = once::faults(&visit, &refused, &FIELDS, own_faults(&visit), &once::KEY);
            let page = new_key(&web, &visit, faults).await?;
            Ok(render(&web, &visit, refused.status, &page))
        }
        Err(refused) => Err(refused),
    }
}

/// What the door would tell only after the rest is mended.
fn own_faults(visit: &Visit) -> Vec<Fault> {
    let mut faults = amend::addresses(visit);
    faults.extend(amend::empty(visit, &[("name", NAME), ("run_by", RUN_BY), ("reason", REASON)]));
    if visit.ticked("scope").is_empty() {
        faults.push(SCOPES.fault(format!("{}.", amend::NOTHING_TICKED)));
    }
    faults.extend(wrong_end(visit));
    faults
}

/// What is wrong with the time that a key is to live, if it is none of those that are offered.
pub fn wrong_end(visit: &Visit) -> Option<Fault> {
    let typed = visit.field("expires");
    let is_offered = EXPIRIES.iter().any(|(days, _)| days.to_string() == typed);
    (!is_offered).then(|| EXPIRES.fault("Choose when the key ends."))
}

async fn new_key(web: &Web, visit: &Visit, faults: Faults) -> Result<NewKey, Box<Refused>> {
    let person = web.person(visit).await?;
    let purpose = visit.field("purpose");
    let purposes = Purpose::ALL.iter().map(|one| Choice {
        value: one.name().to_owned(),
        words: capital(one.words()),
        selected: one.name() == purpose,
    });
    Ok(NewKey {
        frame: web.frame(visit, &person, Section::Connections),
        faults,
        nonce: once::nonce(web, visit),
        name: visit.again("name"),
        run_by: visit.again("run_by"),
        reason: visit.again("reason"),
        purposes: purposes.collect(),
        recipients: recipients(web, &visit.field("recipient")),
        resources: choices(&Powers::of(web.door.catalogue()), &visit.ticked("scope"), &Bounds::default()),
        expiries: choices_of(&EXPIRIES, &visit.field("expires")),
        origins: visit.lines("origins"),
        addresses: visit.lines("addresses"),
        for_organization: visit.field("organization") == "on",
        existing: visit.again("existing"),
    })
}

/// Who can get data, in the words of the operation that makes a key; the clinic itself is chosen unless another was before.
fn recipients(web: &Web, chosen: &str) -> Vec<Choice> {
    let body = web.door.catalogue().specs().find(|spec| spec.id == "keys.create").and_then(|spec| spec.body.as_ref());
    let Some((_, field)) = body.and_then(|body| body.schema.field("recipient")) else { return Vec::new() };
    let Shape::Enum(words) = field.shape else { return Vec::new() };
    let choice = |word: &Word| Choice {
        value: word.name.to_owned(),
        words: word.doc.trim().trim_end_matches('.').to_owned(),
        selected: word.name == chosen,
    };
    words.iter().map(choice).collect()
}

/// Numbers to choose from; the first is chosen unless one was before.
pub fn choices_of(all: &[(i64, &str)], chosen: &str) -> Vec<Choice> {
    let choice = |(value, words): &(i64, &str)| Choice {
        value: value.to_string(),
        words: (*words).to_owned(),
        selected: value.to_string() == chosen,
    };
    all.iter().map(choice).collect()
}

/// Stands for a time that the form itself does not take. The door takes it neither, so that nothing is
/// done, and looks at all else. What was typed could be a time to the door, and end a key at once.
pub const NO_TIME: &str = "not a time";

/// When a key ends that is to live for as many days as the form says; never, for none. Anything but
/// what the form offers is handed on as no time: no mistake makes a key that never ends.
pub fn end(person: &Person, visit: &Visit) -> Option<String> {
    let typed = visit.field("expires");
    match EXPIRIES.iter().map(|(days, _)| *days).find(|days| days.to_string() == typed) {
        None => Some(NO_TIME.to_owned()),
        Some(0) => None,
        Some(days) => Some(once::made_at(visit, person.zone.now()).plus_seconds(days * SECONDS_PER_DAY).to_string()),
    }
}

/// A key that was made.
pub struct Made<'m> {
    pub key: &'m Value,
    /// What it may do.
    pub scopes: &'m [String],
    /// What comes next.
    pub next: Option<String>,
}

/// How long a form that is sent again shows the key again: a double click, or an answer that was lost.
/// Who opens the page of the form later, in a browser that remembers it, sees it no more.
const SHOWN_FOR_S: i64 = 120;

fn is_shown(web: &Web, key: &Value) -> bool {
    let made = Timestamp::parse(&text(key, "created_at"));
    made.is_some_and(|made| web.door.services().clock.now() <= made.plus_seconds(SHOWN_FOR_S))
}

/// The page that shows it, once.
pub fn made(web: &Web, visit: &Visit, person: &Person, Made { key, scopes, next }: Made<'_>) -> KeyMade {
    let secret = if is_shown(web, key) { text(key, "secret") } else { String::new() };
    let catalogue = web.door.catalogue();
    // The first list that the key may read.
    let lists = catalogue.specs().filter(|spec| spec.id.ends_with(".list") && !spec.is_operators());
    let reads = |scope: &str| scopes.iter().any(|held| held == scope || held.replace(":write", ":read") == scope);
    let first = lists.into_iter().find(|spec| reads(&spec.scope()));
    let (path, words) = first.map_or(("/v1/openapi.json", "It asks for the description of the API.".to_owned()), |spec| {
        (spec.route.path, format!("It asks for {}.", spec.resource.title.to_lowercase()))
    });
    let base_url = &web.door.services().base_url;
    let clinic = if is(key, "for_organization") { format!("?clinic_id={}", text(key, "clinic_id")) } else { String::new() };
    KeyMade {
        frame: web.frame(visit, person, Section::Connections),
        key_id: text(key, "id"),
        connection_id: text(key, "connection_id"),
        name: text(key, "name"),
        curl: format!("curl -H 'Authorization: Bearer {secret}' '{base_url}{path}{clinic}'"),
        secret,
        next,
        curl_words: words,
    }
}
