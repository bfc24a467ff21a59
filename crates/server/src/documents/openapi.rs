//! The OpenAPI 3.1 document of a catalogue.

use clinicos_contract::{Code, Link, Method, Reply, Schema, Spec, problem, version};
use clinicos_gate::Catalogue;
use clinicos_gate::limits::{Policy, STRANGER_QUOTA, WINDOW_S};
use serde_json::{Map, Value, json};

use super::parameters::parameters;
use super::schemas::{self, put};

/// One `ETag` of a record: its version, and a name for the view.
pub(super) const ETAG_PATTERN: &str = "^\"(0|[1-9][0-9]{0,17})-[0-9a-f]{8}\"$";
/// Problems that every operation can answer.
const COMMON: &[&Code] = &[
    &problem::INVALID_PARAMETER,
    &problem::UNAUTHENTICATED,
    &problem::MISSING_SCOPE,
    &problem::RATE_LIMITED,
    &problem::UNAVAILABLE,
];

/// Problems of whoever shows a key.
const STANDING: &[&Code] = &[
    &problem::MISSING_OPT_IN,
    &problem::HIDDEN_FIELD,
    &problem::CONNECTION_PAUSED,
    &problem::CONNECTION_SUSPENDED,
    &problem::ADDRESS_NOT_ALLOWED,
    &problem::CLINIC_INACTIVE,
    &problem::OPERATION_EXCLUDED,
    &problem::ORIGIN_NOT_ALLOWED,
];

/// The document.
pub fn document(catalogue: &Catalogue, base_url: &str) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for spec in catalogue.specs() {
        let item = paths.entry(spec.route.path).or_insert_with(|| json!({}));
        put(item, &spec.route.method.name().to_lowercase(), operation(catalogue, spec));
    }
    let tags = catalogue.resources().into_iter().map(|resource| {
        json!({"name": resource.name, "description": format!("Scopes of `{}` let a connection {}.", resource.name, resource.can_see)})
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ClinicOS OpenAPI",
            "version": version::LATEST,
            "description": "The governed doorway to a veterinary clinic's data.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "security": [{"key": []}],
        "tags": tags.collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key of the clinic."}},
            "schemas": components(catalogue),
        },
    })
}

fn components(catalogue: &Catalogue) -> Value {
    let mut schemas = json!({
        "problem": problem_schema(),
        "currency": schemas::currencies(),
        "redactions": {
            "type": "array",
            "description": "Fields that were left out, and why.",
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "category": {"type": "string"}, "reason": {"type": "string"}},
                "required": ["path", "category", "reason"],
                "additionalProperties": false,
            },
        },
    });
    let followed: Vec<Value> = catalogue.followed().iter().map(|direct| reference(direct.schema.name)).collect();
    if !followed.is_empty() {
        put(
            &mut schemas,
            "followed_record",
            json!({"description": "A record as its own operation answers it.", "anyOf": followed}),
        );
    }
    for schema in catalogue.specs().filter_map(Spec::reply_schema) {
        let mut record = schemas::record(schema);
        if let Some(properties) = record.get_mut("properties") {
            links_from(catalogue, schema).for_each(|link| put(properties, link.name, included(link)));
        }
        put(&mut schemas, schema.name, record);
        put(&mut schemas, &page_name(schema), page(schema));
    }
    schemas
}

/// What `include=` can add to records of this schema and that is no field of theirs.
fn links_from(catalogue: &Catalogue, schema: &'static Schema) -> impl Iterator<Item = &'static Link> {
    let specs = catalogue.specs().filter(|spec| spec.reply_schema().is_some_and(|one| one.name == schema.name));
    specs.flat_map(|spec| spec.links.iter().copied()).filter(|link| schema.field(link.name).is_none())
}

fn included(link: &Link) -> Value {
    let description = format!("{} Only with `include={}`.", link.doc, link.name);
    let record = reference(link.schema.name);
    if link.many {
        return json!({"type": "array", "items": record, "description": description});
    }
    json!({"anyOf": [record, {"type": "null"}], "description": description})
}

fn problem_schema() -> Value {
    let codes: Vec<&str> = problem::ALL.iter().map(|code| code.name).collect();
    let text = || json!({"type": "string"});
    json!({
        "type": "object",
        "description": "A refusal (RFC 9457).",
        "properties": {
            "type": {
                "type": "string",
                "format": "uri-reference",
                "description": "The page about this kind of problem, on this server. For a program there is `code`, which is the same on all.",
            },
            "title": text(),
            "status": {"type": "integer"},
            "detail": text(),
            "code": {"type": "string", "enum": codes},
            "request_id": text(),
            "decision_id": text(),
            "missing_scope": text(),
            "missing_consent": text(),
            "errors": {"type": "array", "items": {
                "type": "object",
                "properties": {"pointer": text(), "code": text(), "detail": text()},
                "required": ["pointer", "code", "detail"],
                "additionalProperties": false,
            }},
        },
        "required": ["type", "title", "status", "detail", "code", "request_id", "decision_id"],
        "additionalProperties": false,
    })
}

fn page_name(schema: &Schema) -> String {
    format!("{}_page", schema.name)
}

fn page(schema: &Schema) -> Value {
    json!({
        "type": "object",
        "properties": {
            "data": {
                "type": "array",
                "items": reference(schema.name),
                "description": "A page looks at 10,000 records at most, so it can be short or empty while there is more.",
            },
            "has_more": {"type": "boolean", "description": "Go on until this is false, even after an empty page."},
            "next_cursor": {"type": ["string", "null"]},
            "next_page_url": {"type": ["string", "null"], "description": "Follow it as it stands."},
        },
        "required": ["data", "has_more", "next_cursor", "next_page_url"],
        "additionalProperties": false,
    })
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Bodies hold words of the catalogue, which a schema's table cannot know.
fn name_words(catalogue: &Catalogue, body: &mut Value) {
    let operations = catalogue.specs().filter(|spec| !spec.is_operators()).map(|spec| spec.id);
    let words: [(&str, Vec<&str>); 2] =
        [("scopes", catalogue.scopes().names().collect()), ("excluded_operations", operations.collect())];
    for (field, words) in words {
        if let Some(items) = body.pointer_mut(&format!("/properties/{field}/items")) {
            *items = json!({"type": "string", "enum": words});
        }
    }
    if let Some(addresses) = body.pointer_mut("/properties/allowed_addresses/items") {
        *addresses = json!({"type": "string", "format": "cidr", "examples": ["203.0.113.7", "2001:db8::/32"]});
    }
    if let Some(pinned) = body.pointer_mut("/properties/pinned_version") {
        put(pinned, "enum", json!(version::ALL));
    }
}

fn operation(catalogue: &Catalogue, spec: &Spec) -> Value {
    let mut operation = json!({
        "operationId": spec.id,
        "summary": spec.summary,
        "tags": [spec.resource.name],
        "parameters": parameters(catalogue, spec),
        "responses": responses(catalogue, spec),
        "x-clinicos-scope": if spec.is_open() { Value::Null } else { json!(spec.scope()) },
        "x-clinicos-category": spec.resource.primary.name(),
        "x-clinicos-reach": spec.reach.name(),
        "x-clinicos-operator-only": spec.is_operators(),
        "x-clinicos-rate-class": spec.rate.name(),
        "x-clinicos-rate-limit": format!("{} calls in {WINDOW_S} seconds, unless the connection has another", Policy::DEFAULT.quota(spec.rate).0),
        "x-clinicos-agents": format!("{:?}", spec.agents),
        "x-clinicos-events": spec.emits.iter().map(|event| event.name).collect::<Vec<_>>(),
    });
    if !spec.description.is_empty() {
        put(&mut operation, "description", json!(spec.description));
    }
    if spec.is_open() {
        put(&mut operation, "security", json!([]));
        let limit = format!("{} calls in {WINDOW_S} seconds from one network", STRANGER_QUOTA.0);
        put(&mut operation, "x-clinicos-rate-limit", json!(limit));
    }
    if let Some(body) = &spec.body {
        let media = if spec.route.method == Method::Patch { "application/merge-patch+json" } else { "application/json" };
        let mut schema = schemas::body(body.schema, body.verb);
        name_words(catalogue, &mut schema);
        let mut content = json!({"schema": schema});
        if let Ok(example) = serde_json::from_str::<Value>(spec.example) {
            put(&mut content, "example", example);
        }
        let required = !spec.may_lack_body();
        let mut request = json!({"required": required, "content": {}});
        if let Some(all) = request.get_mut("content") {
            put(all, media, content);
        }
        put(&mut operation, "requestBody", request);
    }
    operation
}

fn responses(catalogue: &Catalogue, spec: &Spec) -> Value {
    let mut responses = json!({});
    let (status, success) = match spec.reply {
        Reply::Empty => (204, json!({"description": "Done."})),
        Reply::Accepted => (202, json!({"description": "Taken. What came of it is not told."})),
        Reply::Lines => (200, lines()),
        Reply::One { schema, status } => (status, answer("The record.", reference(schema.name), true)),
        Reply::List { schema } if spec.follows => (200, events(answer("A page.", reference(&page_name(schema)), false))),
        Reply::List { schema } => (200, answer("A page.", reference(&page_name(schema)), false)),
    };
    put(&mut responses, &status.to_string(), success);
    let mut by_status: std::collections::BTreeMap<u16, Vec<&str>> = std::collections::BTreeMap::new();
    for code in problems(catalogue, spec) {
        by_status.entry(code.status).or_default().push(code.name);
    }
    for (status, codes) in by_status {
        let description = codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
        put(
            &mut responses,
            &status.to_string(),
            json!({
                "description": description,
                "content": {"application/problem+json": {"schema": reference("problem")}},
            }),
        );
    }
    responses
}

fn answer(description: &str, schema: Value, with_etag: bool) -> Value {
    let text = json!({"schema": {"type": "string"}});
    let mut headers = json!({"RateLimit": text, "RateLimit-Policy": text, "X-Request-Id": text, "ClinicOS-Version": text});
    let ends = "When the key ends that was sent: RFC 3339. Only once another key replaces it, and in its last 14 days.";
    put(&mut headers, "ClinicOS-Key-Expires", json!({"description": ends, "schema": {"type": "string", "format": "date-time"}}));
    if with_etag {
        put(&mut headers, "ETag", text);
    }
    json!({"description": description, "headers": headers, "content": {"application/json": {"schema": schema}}})
}

/// Records, one a line.
fn lines() -> Value {
    let mut answer = answer("Records, each a line of JSON.", json!({"type": "string"}), false);
    put(&mut answer, "content", json!({"application/x-ndjson": {"schema": {"type": "string"}}}));
    answer
}

/// A page that is also told as a stream, to those who ask for it.
fn events(mut page: Value) -> Value {
    if let Some(content) = page.get_mut("content") {
        put(content, "text/event-stream", json!({"schema": {"type": "string"}}));
    }
    put(
        &mut page,
        "description",
        json!("A page; or, for `Accept: text/event-stream`, each change as an event of a stream that goes on."),
    );
    page
}

/// Every problem that an operation can answer.
pub fn problems(catalogue: &Catalogue, spec: &Spec) -> Vec<&'static Code> {
    let mut codes: Vec<&'static Code> = COMMON.to_vec();
    if spec.is_open() {
        codes.retain(|code| ![&problem::UNAUTHENTICATED, &problem::MISSING_SCOPE].contains(code));
    } else {
        codes.extend(STANDING);
    }
    codes.extend([&problem::UNSUPPORTED_VERSION, &problem::NOT_FOUND]);
    codes.extend([&problem::INVALID_HEADER, &problem::MALFORMED, &problem::METHOD_NOT_ALLOWED, &problem::PATH_NOT_CANONICAL]);
    if spec.writes() && !spec.is_open() {
        codes.push(&problem::WRITES_OFF);
    }
    if spec.writes() && catalogue.is_of_record(spec) {
        codes.push(&problem::RECORD_COMES_IN);
    }
    if matches!(spec.reply, Reply::List { .. }) {
        codes.push(&problem::INVALID_CURSOR);
    }
    if spec.body.is_some() {
        codes.extend([
            &problem::INVALID_FIELD,
            &problem::TOO_LARGE,
            &problem::UNSUPPORTED_MEDIA_TYPE,
            &problem::RULE_BROKEN,
            &problem::SLOW_BODY,
        ]);
    } else {
        codes.extend([&problem::INVALID_FIELD, &problem::TOO_LARGE, &problem::SLOW_BODY]);
    }
    if spec.idempotent {
        codes.extend([&problem::IDEMPOTENCY_KEY_MISSING, &problem::IDEMPOTENCY_MISMATCH, &problem::IN_PROGRESS]);
    }
    if spec.if_match {
        codes.extend([&problem::IF_MATCH_MISSING, &problem::STALE, &problem::CONFLICT]);
    }
    if spec.heeds_if_match {
        codes.push(&problem::STALE);
    }
    if spec.is_operators() {
        codes.push(&problem::OPERATOR_ONLY);
    }
    codes.extend(spec.problems);
    codes.sort_by_key(|code| (code.status, code.name));
    codes.dedup();
    codes
}
