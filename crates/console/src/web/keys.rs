//! Making a key.

use clinicos_contract::Purpose;
use serde_json::{Value, json};

use super::Web;
use super::ask::{Ask, text};
use super::connection::choices;
use super::respond::{Page, Refused, render};
use super::visit::Visit;
use crate::frame::Section;
use crate::pages::keys::{KeyMade, NewKey};
use crate::words::{Choice, capital};

/// How long a key may live, in days; the first one is what most should take.
const EXPIRIES: [(i64, &str); 4] = [(90, "In 90 days"), (365, "In a year"), (30, "In 30 days"), (0, "Never")];
const SECONDS_PER_DAY: i64 = 86_400;

/// `GET /console/keys/new`
pub async fn form(web: Web, visit: Visit) -> Page {
    let page = new_key(&web, &visit, Vec::new()).await?;
    Ok(render(&web, &visit, 200, &page))
}

/// `POST /console/keys`
pub async fn make(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let days = visit.field("expires").parse::<i64>().unwrap_or(0);
    let end = person.zone.now().plus_seconds(days.clamp(0, 3_650) * SECONDS_PER_DAY);
    let expires_at =
        (days > 0).then(|| jiff::Timestamp::from_microsecond(end.as_micros()).map(|at| at.to_string()).ok()).flatten();
    let run_by = Some(visit.field("run_by")).filter(|name| !name.is_empty());
    let body = json!({
        "name": visit.field("name"), "run_by": run_by, "purpose": visit.field("purpose"), "reason": visit.field("reason"),
        "scopes": visit.ticked("scope"), "expires_at": expires_at,
    });
    let once = Some(visit.field("nonce")).filter(|nonce| nonce.len() == 32);
    match web.ask(&visit, Ask { operation: "keys.create", body: Some(body), once, ..Ask::default() }).await {
        Ok(key) => {
            let page = made(&web, &visit, &person, &key);
            Ok(render(&web, &visit, 200, &page))
        }
        Err(refused) if [400, 403, 422].contains(&refused.status) => {
            let page = new_key(&web, &visit, refused.sentences()).await?;
            Ok(render(&web, &visit, refused.status, &page))
        }
        Err(refused) => Err(refused),
    }
}

async fn new_key(web: &Web, visit: &Visit, problems: Vec<String>) -> Result<NewKey, Box<Refused>> {
    let person = web.person(visit).await?;
    let (purpose, expires) = (visit.field("purpose"), visit.field("expires"));
    let purposes = Purpose::ALL.iter().map(|one| Choice {
        value: one.name().to_owned(),
        words: capital(one.words()),
        selected: one.name() == purpose,
    });
    let expiries = EXPIRIES.iter().map(|(days, words)| Choice {
        value: days.to_string(),
        words: (*words).to_owned(),
        selected: days.to_string() == expires,
    });
    Ok(NewKey {
        frame: web.frame(visit, &person, Section::Connections),
        problems,
        nonce: web.nonce(),
        name: visit.field("name"),
        run_by: visit.field("run_by"),
        reason: visit.field("reason"),
        purposes: purposes.collect(),
        resources: choices(web.door.catalogue(), &visit.ticked("scope")),
        expiries: expiries.collect(),
    })
}

fn made(web: &Web, visit: &Visit, person: &super::ask::Person, key: &Value) -> KeyMade {
    let secret = text(key, "secret");
    let scopes = visit.ticked("scope");
    let catalogue = web.door.catalogue();
    // The first list that the key may read.
    let lists = catalogue.specs().filter(|spec| spec.id.ends_with(".list") && !spec.is_operators());
    let reads = |scope: &str| scopes.iter().any(|held| held == scope || held.replace(":write", ":read") == scope);
    let first = lists.into_iter().find(|spec| reads(&spec.scope()));
    let (path, words) = first.map_or(("/v1/openapi.json", "It asks for the description of the API.".to_owned()), |spec| {
        (spec.route.path, format!("It asks for {}.", spec.resource.title.to_lowercase()))
    });
    let base_url = &web.door.services().base_url;
    KeyMade {
        frame: web.frame(visit, person, Section::Connections),
        connection_id: text(key, "connection_id"),
        name: text(key, "name"),
        curl: format!("curl -H 'Authorization: Bearer {secret}' '{base_url}{path}'"),
        secret,
        curl_words: words,
    }
}
