//! What a grant leaves out: fields of other categories, and what nobody can pass on.

use clinicos_contract::schema::{Filter, Presence};
use clinicos_contract::{Category, Spec};
use clinicos_testkit::{Call, MadeKey, Samples, World, on_both_engines};
use serde_json::{Value, json};

use crate::findings::{Findings, callable};

/// The categories without which a call is refused: the primary one, and those of operations whose answers it tells of.
fn primary(world: &World, spec: &Spec) -> Vec<Category> {
    let also = spec.also.iter().map(|id| world.spec(id).resource.primary);
    std::iter::once(spec.resource.primary).chain(also).collect()
}

/// Pairs of an operation and a category that its answers hold besides the primary ones.
fn secondary(world: &World) -> Vec<(&'static Spec, Category)> {
    let mut found = Vec::new();
    for spec in callable(world) {
        for field in spec.reply_schema().map_or(&[][..], |schema| schema.fields) {
            let pair = (spec, field.category);
            let always = primary(world, spec).contains(&field.category) || field.category == Category::RecordSystem;
            if !always && !found.iter().any(|(known, category): &(&Spec, Category)| known.id == spec.id && *category == pair.1) {
                found.push(pair);
            }
        }
    }
    found
}

/// A call whose body holds only what a connection may see that is opted in to the primary category alone.
fn seen_alone(spec: &Spec, call: Call) -> Call {
    let Some(body) = &spec.body else { return call };
    let mut members = call.body_json();
    let hidden =
        body.schema.fields.iter().filter(|field| ![spec.resource.primary, Category::RecordSystem].contains(&field.category));
    for field in hidden {
        members.as_object_mut().unwrap().remove(field.name);
    }
    call.json(&members)
}

async fn key_opted_in_to(world: &World, spec: &Spec) -> String {
    let key = world.full_key().await;
    opt_in_to(world, &key, spec).await;
    key.secret
}

async fn opt_in_to(world: &World, key: &MadeKey, spec: &Spec) {
    let mut opt_ins: Vec<Value> = primary(world, spec).iter().map(|category| json!({"category": category.name()})).collect();
    opt_ins.dedup();
    world.change_connection(&key.connection_id, &json!({"opt_ins": opt_ins})).await;
}

on_both_engines! {
    async fn a_category_without_opt_in_is_left_out_and_marked(world: World) {
        let mut findings = Findings::default();
        for (spec, category) in secondary(&world) {
            // By its own key: of some records, such as imports, a connection sees none but those that it made.
            let key = world.full_key().await;
            let samples = Samples::of_by(&world, &world.clinic, &key, spec).await;
            opt_in_to(&world, &key, spec).await;
            let reply = world.as_key(&key.secret).send(seen_alone(spec, samples.ready(&world, spec).await)).await;
            findings.check(spec.id, reply.status < 300, &format!("{} {}", reply.status, reply.json));
            let records = if reply.json.get("data").is_some() { reply.data() } else { std::slice::from_ref(&reply.json) };
            for record in records {
                for field in spec.reply_schema().unwrap().fields.iter().filter(|field| field.category == category) {
                    let what = format!("{} {}", spec.id, field.name);
                    findings.check(&what, record.get(field.name).is_none(), "is shown");
                    let marks = record["_redactions"].as_array().map_or(&[][..], Vec::as_slice);
                    let marked = |mark: &Value| mark["path"].as_str().is_some_and(|path| path.trim_start_matches('/') == field.name);
                    findings.check(&what, field.sparse || marks.iter().any(marked), "is left out without a mark");
                }
            }
            let entries = world.entries(reply.request_id()).await;
            findings.check(spec.id, entries.len() == 1 && entries[0].redacted != 0, "the journal does not tell what was left out");
        }
        findings.done(&world.journal().await);
    }

    /// Filtering, sorting or writing a hidden field would give its value away.
    async fn a_hidden_field_cannot_be_used(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for (spec, category) in secondary(&world) {
            let caller = world.as_key(&key_opted_in_to(&world, spec).await);
            let call = samples.plain(&world, spec).await;
            let fields = spec.reply_schema().unwrap().fields.iter().filter(|field| field.category == category);
            for field in fields {
                let what = format!("{} {}", spec.id, field.name);
                if field.filter != Filter::None && matches!(spec.reply, clinicos_contract::Reply::List { .. }) {
                    let reply = caller.send(call.clone().query(&format!("{}=1", field.name))).await;
                    findings.refused(&what, &reply, 403, "hidden_field");
                }
                if field.sort && matches!(spec.reply, clinicos_contract::Reply::List { .. }) {
                    findings.refused(&what, &caller.send(call.clone().query(&format!("sort={}", field.name))).await, 403, "hidden_field");
                }
            }
            let Some(body) = &spec.body else { continue };
            let hidden = |field: &&clinicos_contract::Field| field.category == category && field.presence(body.verb) != Presence::Never;
            for field in body.schema.fields.iter().filter(hidden) {
                if call.body_json().get(field.name).is_some() {
                    findings.refused(&format!("{} writes {}", spec.id, field.name), &caller.send(call.clone()).await, 403, "hidden_field");
                }
            }
        }
        findings.done(&world.journal().await);
    }

    async fn a13_nobody_grants_what_they_do_not_hold(world: World) {
        let narrow = world.key(&["keys:write", "connections:write", "invoices:read"]).await;
        let caller = world.as_key(&narrow.secret);
        let body = |scopes: Value| json!({"name": "A", "purpose": "payment", "reason": "B", "scopes": scopes});
        for scopes in [json!(["clients:read"]), json!(["invoices:write"]), json!(["invoices:read", "organizations:write"])] {
            caller.post("/v1/keys", &body(scopes)).await.refused(403, "cannot_grant");
        }
        caller.post("/v1/keys", &body(json!(["invoices:read"]))).await.expect(201);
        let path = format!("/v1/connections/{}", narrow.connection_id);
        let etag = caller.get(&path).await.expect(200).etag().to_owned();
        for change in [json!({"scopes": ["clients:read"]}), json!({"opt_ins": [{"category": "owner_contact"}]})] {
            caller.patch(&path, &etag, &change).await.refused(403, "cannot_grant");
        }
        world.as_admin().post("/v1/keys", &body(json!(["nothing:read"]))).await.refused(400, "invalid_field");
    }

    /// What an admin took away or bounded in time binds what the connection makes, too.
    async fn nobody_grants_beyond_their_own_bounds(world: World) {
        let weak = world.key(&["keys:write", "connections:write", "invoices:read"]).await;
        let end = "2030-01-01T00:00:00Z";
        let bounds = json!({
            "excluded_operations": ["invoices.list"],
            "limits": {"read": 50},
            "opt_ins": [{"category": "practice"}, {"category": "owner_financial", "expires_at": end}],
        });
        world.change_connection(&weak.connection_id, &bounds).await;
        let caller = world.as_key(&weak.secret);
        // Not for itself.
        let path = format!("/v1/connections/{}", weak.connection_id);
        let etag = caller.get(&path).await.expect(200).etag().to_owned();
        for change in [json!({"excluded_operations": []}), json!({"limits": {"read": 60000}}), json!({"limits": {"read": null}})] {
            caller.patch(&path, &etag, &change).await.refused(403, "cannot_grant");
        }
        // Not for a key that it makes: bounds are handed down.
        let body = |purpose: &str| json!({"name": "A", "purpose": purpose, "reason": "B", "scopes": ["invoices:read"]});
        let made = caller.post("/v1/keys", &body("operations")).await.expect(201).json;
        let child = made["secret"].as_str().unwrap();
        world.as_key(child).get("/v1/invoices").await.refused(403, "operation_excluded");
        let path = format!("/v1/connections/{}", made["connection_id"].as_str().unwrap());
        let connection = caller.get(&path).await.expect(200);
        assert_eq!(connection.json["limits"], json!({"read": 50}));
        assert_eq!(connection.json["opt_ins"][0]["expires_at"], "2030-01-01T00:00:00.000000Z");
        // Nor for another connection.
        for change in [json!({"excluded_operations": []}), json!({"limits": {"read": 51}}), json!({"opt_ins": [{"category": "owner_financial"}]})] {
            caller.patch(&path, connection.etag(), &change).await.refused(403, "cannot_grant");
        }
        caller.patch(&path, connection.etag(), &json!({"limits": {"read": 49}})).await.expect(200);
    }

    async fn a_key_does_not_outlive_or_change_its_purpose(world: World) {
        let end = "2030-01-01T00:00:00.000000Z";
        let body = |purpose: &str, expires_at: Value| {
            json!({"name": "A", "purpose": purpose, "reason": "B", "scopes": ["keys:write", "invoices:read"], "expires_at": expires_at})
        };
        let parent = world.as_admin().post("/v1/keys", &body("payment", json!(end))).await.expect(201).json;
        let caller = world.as_key(parent["secret"].as_str().unwrap());
        caller.post("/v1/keys", &body("marketing", json!(null))).await.refused(403, "cannot_grant");
        caller.post("/v1/keys", &body("payment", json!("2031-01-01T00:00:00Z"))).await.refused(403, "cannot_grant");
        let child = caller.post("/v1/keys", &body("payment", json!(null))).await.expect(201).json;
        assert_eq!(child["expires_at"], end);
    }
}
