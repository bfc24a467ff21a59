//! What leaves: as declared, and written down.

use std::collections::BTreeSet;

use clinicos_contract::{Reply as Answers, Spec, id};
use clinicos_store::journal::audit::Entry;
use clinicos_testkit::{BASE_URL, Reply, Samples, World, first, on_both_engines, record_ids};
use serde_json::{Value, json};

use crate::findings::Findings;

/// The OpenAPI document, as the server shows it.
pub async fn document(world: &World) -> Value {
    world.as_nobody().get("/v1/openapi.json").await.expect(200).json
}

/// What is wrong with an answer's body, measured by the schema that the document has for it.
pub fn against_the_document(document: &Value, spec: &Spec, reply: &Reply) -> Vec<String> {
    let operation = &document["paths"][spec.route.path][spec.route.method.name().to_lowercase()];
    let declared = &operation["responses"][reply.status.to_string()];
    if declared.is_null() {
        return vec![format!("the status {} is not documented", reply.status)];
    }
    let kind = if reply.status < 400 { "application/json" } else { "application/problem+json" };
    let schema = &declared["content"][kind]["schema"];
    if reply.status < 400 && matches!(spec.reply, Answers::Lines) {
        let is_lines = reply.json.is_array() && declared["content"].get("application/x-ndjson").is_some();
        return if is_lines { vec![] } else { vec!["no lines, or none are documented".to_owned()] };
    }
    if schema.is_null() {
        return if reply.bytes.is_empty() { vec![] } else { vec!["a body where none is documented".to_owned()] };
    }
    let rooted = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [schema], "components": document["components"],
    });
    let validator = jsonschema::options().should_validate_formats(true).build(&rooted).unwrap();
    validator.iter_errors(&reply.json).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn documented_status(spec: &Spec) -> u16 {
    match spec.reply {
        Answers::Empty => 204,
        Answers::Accepted => 202,
        Answers::One { status, .. } => status,
        Answers::List { .. } | Answers::Lines => 200,
    }
}

pub fn ids_in(entry: &Entry) -> BTreeSet<String> {
    let uuids = |bytes: &[u8]| -> Vec<String> { bytes.chunks(16).map(|uuid| id::text_of(uuid.try_into().unwrap())).collect() };
    entry.records.iter().flat_map(|group| uuids(&group.ids).into_iter().map(|uuid| format!("{}_{uuid}", group.prefix))).collect()
}

fn check_headers(findings: &mut Findings, spec: &Spec, reply: &Reply, by_connection: bool) {
    let mut need = vec!["x-request-id", "cache-control", "clinicos-version"];
    if by_connection {
        need.extend(["ratelimit", "ratelimit-policy"]);
    }
    if matches!(spec.reply, Answers::One { .. }) {
        need.push("etag");
    }
    for name in need {
        findings.check(spec.id, !reply.header(name).is_empty(), &format!("no `{name}`"));
    }
    findings.check(spec.id, reply.header("cache-control") == "no-store", "may be stored by caches");
}

on_both_engines! {
    /// Abuse case L2: for each operation, exactly one entry with the id of every record shown.
    async fn l2_every_answer_has_one_entry_with_every_id(world: World) {
        let mut findings = Findings::default();
        for spec in world.specs() {
            let samples = Samples::of(&world, &world.clinic, spec).await;
            let call = samples.ready(&world, spec).await;
            let target = call.target.clone();
            let reply = samples.caller(&world, spec).send(call).await;
            let entries = world.entries(reply.request_id()).await;
            let [entry] = entries.as_slice() else {
                findings.note(spec.id, &format!("{} entries", entries.len()));
                continue;
            };
            findings.check(spec.id, entry.status == reply.status, "another status");
            findings.check(spec.id, entry.operation == spec.id, "another operation");
            findings.check(spec.id, entry.route == format!("{} {}", spec.route.method.name(), spec.route.path), "another route");
            findings.check(spec.id, entry.bytes == reply.bytes.len() as u64, "another size");
            // What a write names in its path may be in no answer: it was deleted, or merged away.
            let named = target.split(['/', '?']).filter(|part| spec.writes() && id::parse_any(part).is_some()).map(str::to_owned);
            let (noted, shown) = (ids_in(entry), record_ids(&reply.json).into_iter().chain(named).collect::<BTreeSet<_>>());
            findings.check(spec.id, noted == shown, &format!("notes {noted:?}, shows {shown:?}"));
            // A feed begins with nothing to show.
            findings.check(spec.id, reply.bytes.is_empty() || spec.follows || entry.disclosed != 0, "discloses no category");
        }
        findings.done(&world.journal().await);
    }

    /// Abuse case L2, for documents and for what reaches no operation.
    async fn l2_what_is_no_operation_has_its_entry_too(world: World) {
        for target in ["/", "/v1/openapi.json", "/docs/problems/not_found", "/docs/problems/none", "/v1/nothing", "/v1//x"] {
            let reply = world.as_nobody().get(target).await;
            let entries = world.entries(reply.request_id()).await;
            assert_eq!(entries.iter().map(|entry| entry.status).collect::<Vec<_>>(), [reply.status], "{target}");
        }
    }

    async fn every_answer_is_as_documented(world: World) {
        let document = document(&world).await;
        let mut findings = Findings::default();
        for spec in world.specs() {
            let samples = Samples::of(&world, &world.clinic, spec).await;
            let events = world.events().await.len();
            let reply = samples.caller(&world, spec).send(samples.ready(&world, spec).await).await;
            findings.check(spec.id, reply.status == documented_status(spec), &format!("{} {}", reply.status, reply.json));
            check_headers(&mut findings, spec, &reply, !world.is_operators(spec));
            for wrong in against_the_document(&document, spec, &reply) {
                findings.note(spec.id, &wrong);
            }
            for event in world.events().await.iter().skip(events) {
                let before = first(spec).iter().flat_map(|id| world.spec(id).emits);
                let declared = before.chain(spec.emits).any(|known| known.name == event.name);
                findings.check(spec.id, declared, &format!("emits {} undeclared", event.name));
            }
        }
        findings.done(&world.journal().await);
    }

    async fn every_refusal_is_as_documented(world: World) {
        let document = document(&world).await;
        let mut findings = Findings::default();
        let paused = world.full_key().await;
        world.switch(&paused.connection_id, "pause").await;
        for spec in world.specs() {
            let samples = Samples::of(&world, &world.clinic, spec).await;
            let (caller, call) = (samples.caller(&world, spec), samples.plain(&world, spec).await);
            let replies = [
                world.send(call.clone()).await,
                world.as_key(&paused.secret).send(call.clone()).await,
                caller.send(call.clone().query("surprise=1")).await,
                caller.send(call.clone().without("if-match").without("idempotency-key").without("content-type")).await,
                caller.send(samples.with_absent_ids(&world, spec).await).await,
            ];
            for reply in replies.iter().filter(|reply| reply.status >= 400) {
                for wrong in against_the_document(&document, spec, reply) {
                    findings.note(&format!("{} {}", spec.id, reply.json), &wrong);
                }
                let kind = reply.text("type");
                findings.check(spec.id, kind.starts_with(&format!("{BASE_URL}/docs/problems/")), &format!("`{kind}` is no whole address"));
                let page = world.as_nobody().get(kind.strip_prefix(BASE_URL).unwrap_or(kind)).await;
                findings.check(spec.id, page.status == 200, &format!("`{kind}` is no page"));
            }
        }
        findings.done(&world.journal().await);
    }
    /// Retired, special, and unknown currencies are where a document and a check would differ.
    async fn a_currency_is_taken_if_the_document_lists_it(world: World) {
        let document = document(&world).await;
        let listed = &document["components"]["schemas"]["currency"]["enum"];
        let listed: BTreeSet<&str> = listed.as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
        let mut findings = Findings::default();
        let words = ["USD", "JPY", "KWD", "HRK", "DEM", "XAU", "XTS", "XXX", "AAA", "ZZZ", "QQQ", "usd", "US", "USDX", ""];
        for code in words.into_iter().chain(listed.iter().copied()) {
            let body = json!({"name": "Bowl", "kind": "retail", "price": {"amount": 1, "currency": code}});
            let reply = world.as_admin().post("/v1/products", &body).await;
            let says = |pointer: &str, what: &str| reply.json["errors"][0]["pointer"] == pointer && reply.json["errors"][0]["code"] == what;
            let unknown = reply.status == 400 && says("/price/currency", "format");
            findings.check(code, unknown != listed.contains(code), &format!("{} {}", reply.status, reply.json));
        }
        findings.done(&world.journal().await);
    }
}
