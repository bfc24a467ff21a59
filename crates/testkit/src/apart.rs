//! Clinics that differ in nothing but the words of what is hidden, for tests and measurements of what those
//! who may not see it can tell.

use std::collections::BTreeSet;

use clinicos_contract::schema::{Field, Filter};
use clinicos_contract::{Method, Reply as Shown, Schema, Shape, Spec};
use serde_json::{Value, json};

use crate::call::As;
use crate::samples::Samples;
use crate::world::World;

/// Resources whose answers tell of calls, the one that asks among them: no two are the same.
pub const OF_CALLS: [&str; 4] = ["audit_entries", "usage", "disclosures", "decisions"];

/// Everybody who has anything to say refuses everything, to everybody.
async fn refuse_everything(world: &World) -> usize {
    let admin = world.as_admin();
    let clients = admin.get("/v1/clients?limit=200").await.expect(200).data().to_vec();
    for client in &clients {
        let body = json!({
            "subject": "client", "client_id": client["id"], "category": "data_sharing", "decision": "deny",
            "purposes": ["reminders"], "status": "active", "method": "signed",
        });
        admin.post("/v1/consents", &body).await.expect(201);
    }
    clients.len()
}

/// A text of a client or an animal that a client can hide.
fn is_hidden_text(field: &Field) -> bool {
    let asked = field.consented().is_some_and(|category| clinicos_consent::OF_CLIENTS.contains(category));
    asked && field.update && matches!(field.shape, Shape::Text)
}

/// Writes other words into every text that clients hide. Tells how many took them.
pub async fn write_hidden(world: &World, samples: &Samples, word: &str) -> usize {
    let admin = world.as_admin();
    let mut written = 0;
    for spec in world.specs().into_iter().filter(|spec| spec.id.ends_with(".update") && spec.route.method == Method::Patch) {
        let Some(schema) = spec.reply_schema() else { continue };
        let target = samples.with_ids(world, spec, |name| samples.known_id(name).unwrap_or("none").to_owned()).target;
        for field in schema.fields.iter().filter(|field| is_hidden_text(field)) {
            let etag = admin.get(&target).await.etag().to_owned();
            let reply = admin.patch(&target, &etag, &json!({field.name: word})).await;
            written += usize::from(reply.status == 200);
        }
    }
    written
}

/// A program that may see all that the clinic has, of whose clients each refuses.
async fn outsider(world: &World) -> As {
    let scopes: BTreeSet<String> = world.admin_scopes().into_iter().filter(|scope| scope.ends_with(":read")).collect();
    let body = json!({
        "name": "Outsider", "purpose": "reminders", "recipient": "service_provider", "reason": "A test", "scopes": scopes,
        "categories": clinicos_contract::Category::NAMES,
    });
    let target = format!("/v1/keys?clinic_id={}", world.clinic.clinic_id);
    let key = world.as_operator().post(&target, &body).await.expect(201);
    world.as_key(key.text("secret"))
}

fn operand(field: &Field, record: &Value) -> Option<String> {
    match field.shape {
        Shape::Money => record[field.name]["amount"].as_i64().map(|amount| amount.to_string()),
        _ => match &record[field.name] {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(yes) => Some(yes.to_string()),
            _ => None,
        },
    }
}

/// Every way to ask a list: pages, sorts, includes, and filters by what the records of one of both clinics hold.
async fn questions(spec: &Spec, schema: &'static Schema, path: &str, admin: &As) -> Vec<String> {
    let mut all = vec!["limit=1".to_owned()];
    let links: Vec<&str> = spec.links.iter().map(|link| link.name).collect();
    all.extend((!links.is_empty()).then(|| format!("include={}", links.join(","))));
    all.extend(
        schema
            .fields
            .iter()
            .filter(|field| field.sort)
            .flat_map(|field| [format!("sort={}&limit=1", field.name), format!("sort=-{}&limit=1", field.name)]),
    );
    let records = admin.get(path).await;
    for record in records.data().iter().take(3) {
        for field in schema.fields.iter().filter(|field| field.filter != Filter::None) {
            let Some(value) = operand(field, record) else { continue };
            let mut encoded = String::new();
            clinicos_contract::query::encode(&value, &mut encoded);
            all.push(format!("{}={encoded}", field.name));
        }
    }
    all
}

/// Everything that can be read of the clinic, in every way.
pub async fn targets(world: &World, samples: &Samples) -> Vec<String> {
    let mut all = Vec::new();
    for spec in world.specs() {
        let is_read = spec.route.method == Method::Get && spec.is_public() && !spec.is_operators() && !spec.follows;
        // The log tells of calls: the hashes of what was written into one of both clinics are others.
        let tells_of_calls = OF_CALLS.contains(&spec.resource.name);
        if !is_read || spec.held.is_some() || tells_of_calls {
            continue;
        }
        let target = samples.with_ids(world, spec, |name| samples.known_id(name).unwrap_or("none").to_owned()).target;
        if let Shown::List { schema } = spec.reply {
            let queries = questions(spec, schema, &target, &world.as_admin()).await;
            all.extend(queries.into_iter().map(|query| format!("{target}?{query}")));
        } else if !spec.links.is_empty() {
            let links: Vec<&str> = spec.links.iter().map(|link| link.name).collect();
            all.push(format!("{target}?include={}", links.join(",")));
        }
        all.push(target);
    }
    all
}

/// A clinic in which hidden texts have this word, and whoever may see none of them.
pub async fn clinic_with(world: &World, word: &str) -> (Samples, As, usize) {
    let samples = Samples::make(world, &world.clinic).await;
    let written = write_hidden(world, &samples, word).await;
    assert!(refuse_everything(world).await > 1);
    (samples, outsider(world).await, written)
}
