//! The parameters of an operation: path, query and headers.

use clinicos_contract::query::{LIMIT_DEFAULT, LIMIT_MAX, WAIT_S_MAX};
use clinicos_contract::schema::{Field, Filter};
use clinicos_contract::{Kind as _, Reply, Schema, Spec, version};
use clinicos_gate::{Catalogue, ClinicKind, IDEMPOTENCY_KEY_CHARS_MAX};
use serde_json::{Value, json};

use super::openapi::ETAG_PATTERN;
use super::schemas;

/// What an operation reads from path, query and headers.
pub(super) fn parameters(catalogue: &Catalogue, spec: &Spec) -> Vec<Value> {
    let mut list: Vec<Value> = spec
        .route
        .parameters()
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": schemas::id("[a-z]{3}")}))
        .collect();
    let query = |name: &str, schema: Value, description: &str| json!({"name": name, "in": "query", "required": false, "schema": schema, "description": description});
    if !spec.is_open() {
        list.push(query(
            "clinic_id",
            schemas::id(ClinicKind::PREFIX),
            "Chooses a clinic within the grant; a key of one clinic needs none.",
        ));
    }
    list.extend(spec.reply_schema().map(fields));
    if !spec.links.is_empty() {
        list.push(include(spec));
    }
    if let Reply::List { schema } = spec.reply {
        let limit = json!({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT});
        list.push(query("limit", limit, "Most records on a page."));
        list.push(query("cursor", json!({"type": "string"}), "Where to go on: `next_cursor` of the page before."));
        list.extend(
            sorts(schema)
                .map(|sorts| query("sort", json!({"type": "string", "enum": sorts}), "The order; by creation, if left out.")),
        );
        list.extend(filters(schema.fields.iter().chain(spec.through)));
    }
    if spec.follows {
        list.push(types(catalogue));
        let seconds = json!({"type": "integer", "minimum": 0, "maximum": WAIT_S_MAX, "default": 0});
        list.push(query("wait", seconds, "If nothing changed, answer as soon as something does, or after so many seconds."));
    }
    list.extend(headers(spec));
    list
}

/// The parameter that picks what to follow.
fn types(catalogue: &Catalogue) -> Value {
    let names: Vec<&str> = catalogue.followed().iter().map(|direct| direct.schema.name).collect();
    json!({
        "name": "types",
        "in": "query",
        "required": false,
        "style": "form",
        "explode": false,
        "schema": {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1, "uniqueItems": true},
        "description": "Only changes of these, separated by commas. Each needs what its own operation needs. If left out: of all \
                        that the caller may read.",
    })
}

/// The parameter that picks fields.
fn fields(schema: &Schema) -> Value {
    let names: Vec<&str> = schema.fields.iter().map(|field| field.name).collect();
    json!({
        "name": "fields",
        "in": "query",
        "required": false,
        "style": "form",
        "explode": false,
        "schema": {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1},
        "description": "Only these fields, separated by commas.",
    })
}

/// The headers that an operation reads.
fn headers(spec: &Spec) -> Vec<Value> {
    let header = |name: &str, required: bool, schema: Value, description: String| json!({"name": name, "in": "header", "required": required, "schema": schema, "description": description});
    let mut list = Vec::new();
    if spec.idempotent {
        let text =
            format!("A new random value for each thing that should happen once; at most {IDEMPOTENCY_KEY_CHARS_MAX} characters.");
        // White space around a header's value is no part of it.
        let inner = IDEMPOTENCY_KEY_CHARS_MAX - 2;
        let schema = json!({
            "type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_CHARS_MAX, "pattern": format!("^[!-~]([ -~]{{0,{inner}}}[!-~])?$"),
        });
        list.push(header("Idempotency-Key", true, schema, text));
    }
    if spec.if_match || spec.heeds_if_match {
        let schema = json!({"type": "string", "pattern": ETAG_PATTERN, "examples": ["\"3-1f2e3d4c\""]});
        list.push(header("If-Match", spec.if_match, schema, "The record's `ETag`, as it was read.".to_owned()));
    }
    if spec.follows {
        let text = "In place of `cursor`, for streams: the last `id` that was told. Browsers send it by themselves.";
        list.push(header("Last-Event-ID", false, json!({"type": "string"}), text.to_owned()));
    }
    let schema = json!({"type": "string", "enum": version::ALL});
    list.push(header("ClinicOS-Version", false, schema, "The version to be answered by.".to_owned()));
    list
}

fn include(spec: &Spec) -> Value {
    let names: Vec<&str> = spec.links.iter().map(|link| link.name).collect();
    let told = spec.links.iter().map(|link| format!("`{}` (as `{}`): {}", link.name, link.reads, link.doc));
    json!({
        "name": "include",
        "in": "query",
        "required": false,
        "style": "form",
        "explode": false,
        "schema": {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1, "uniqueItems": true},
        "description": format!(
            "Linked records to put into each record, separated by commas. Each needs what the operation needs that reads it \
             directly. {}",
            told.collect::<Vec<_>>().join(" ")
        ),
    })
}

fn sorts(schema: &Schema) -> Option<Vec<String>> {
    let names = schema.fields.iter().filter(|field| field.sort).map(|field| field.name);
    let both: Vec<String> = names.flat_map(|name| [name.to_owned(), format!("-{name}")]).collect();
    (!both.is_empty()).then_some(both)
}

fn filters(fields: impl Iterator<Item = &'static Field>) -> impl Iterator<Item = Value> {
    fields.filter(|field| field.filter != Filter::None).flat_map(|field| {
        let operators: &[&str] = match field.filter {
            Filter::Range => &["", "[gt]", "[gte]", "[lt]", "[lte]"],
            Filter::Equal | Filter::None => &[""],
        };
        operators.iter().map(move |operator| {
            json!({
                "name": format!("{}{operator}", field.name),
                "in": "query",
                "required": false,
                "schema": schemas::filter(field),
                "description": field.doc.trim(),
            })
        })
    })
}
