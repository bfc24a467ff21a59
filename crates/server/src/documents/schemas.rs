//! Schema tables as JSON Schema (the 2020-12 dialect that OpenAPI 3.1 uses).

use clinicos_contract::admit::{EXTERNAL_ID_CHARS_MAX, ROW_KEY};
use clinicos_contract::money::{AMOUNT_MAX, Currency};
use clinicos_contract::query::filter_shape;
use clinicos_contract::schema::{Field, Presence};
use clinicos_contract::web_origin::ORIGIN_CHARS_MAX;
use clinicos_contract::{Schema, Shape, Verb};
use serde_json::{Map, Value, json};

/// The years that the API takes: 1900 to 2200.
const YEAR_PATTERN: &str = "(19[0-9]{2}|2[01][0-9]{2}|2200)";
/// No control characters but line breaks and tabs, and not white space alone. The white space is
/// what Unicode calls so; `\s` is something else in each language.
const PLAIN_TEXT: &str = concat!(
    r"^([\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*",
    r"[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
    r"[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*)?$",
);

/// A record as answers hold it. `id` is always there; any other field may be left out by
/// `fields=` or because its category is hidden.
pub(super) fn record(schema: &Schema) -> Value {
    let mut properties: Map<String, Value> =
        schema.fields.iter().map(|field| (field.name.to_owned(), property(field, None))).collect();
    properties.insert("_redactions".to_owned(), json!({"$ref": "#/components/schemas/redactions"}));
    let required: Vec<&str> = schema.fields.iter().map(|field| field.name).filter(|name| *name == "id").collect();
    let mut object = json!({
        "type": "object",
        "description": schema.doc.trim(),
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        put(&mut object, "required", json!(required));
    }
    object
}

/// A body: only the fields that it may hold.
pub(super) fn body(schema: &Schema, verb: Verb) -> Value {
    let allowed = schema.fields.iter().filter(|field| field.presence(verb) != Presence::Never);
    let properties: Map<String, Value> =
        allowed.clone().map(|field| (field.name.to_owned(), property(field, Some(verb)))).collect();
    let required: Vec<&str> =
        allowed.filter(|field| field.presence(verb) == Presence::Required).map(|field| field.name).collect();
    let mut object = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if !required.is_empty() {
        put(&mut object, "required", json!(required));
    }
    object
}

/// The schema of a query parameter that filters by a field.
pub(super) fn filter(field: &Field) -> Value {
    let mut schema = shape(&filter_shape(field), field, None);
    if matches!(field.shape, Shape::Text) {
        put(&mut schema, "pattern", json!(PLAIN_TEXT));
    }
    schema
}

fn property(field: &Field, verb: Option<Verb>) -> Value {
    let mut schema = shape(&field.shape, field, verb);
    let removable = verb.is_none() || field.presence(Verb::Create) != Presence::Required;
    if field.nullable && removable {
        schema = nullable(schema);
    }
    put(&mut schema, "description", json!(field.doc.trim()));
    put(&mut schema, "x-clinicos-category", json!(field.category.name()));
    put(&mut schema, "x-clinicos-sensitivity", json!(field.sensitivity.name()));
    if verb == Some(Verb::Create)
        && let Ok(fallback) = serde_json::from_str(field.fallback)
    {
        put(&mut schema, "default", fallback);
    }
    if verb.is_none() && field.presence(Verb::Create) == Presence::Never && !field.update {
        put(&mut schema, "readOnly", json!(true));
    }
    schema
}

fn nullable(mut schema: Value) -> Value {
    match schema.get("type").and_then(Value::as_str).map(str::to_owned) {
        Some(kind) => {
            put(&mut schema, "type", json!([kind, "null"]));
            if let Some(Value::Array(words)) = schema.get_mut("enum") {
                words.push(Value::Null);
            }
            schema
        }
        None => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}

fn shape(shape: &Shape, field: &Field, verb: Option<Verb>) -> Value {
    match shape {
        Shape::Id(prefix) => id(prefix),
        // Answers hold what was taken once, perhaps by other rules than today's.
        Shape::Text if verb.is_none() => json!({"type": "string", "maxLength": field.max}),
        Shape::Text if field.filled => {
            json!({"type": "string", "minLength": 1, "maxLength": field.max, "pattern": PLAIN_TEXT.replace(")?$", ")$")})
        }
        Shape::Text => json!({"type": "string", "maxLength": field.max, "pattern": PLAIN_TEXT}),
        Shape::Email => json!({"type": "string", "format": "email", "maxLength": field.max.min(254)}),
        Shape::WebOrigin => {
            json!({"type": "string", "format": "web-origin", "maxLength": ORIGIN_CHARS_MAX, "examples": ["https://tool.example"]})
        }
        Shape::Int => integer(field, verb),
        Shape::Bool => json!({"type": "boolean"}),
        Shape::Money => json!({
            "type": "object",
            "properties": {
                "amount": integer(field, verb),
                "currency": currency(),
            },
            "required": ["amount", "currency"],
            "additionalProperties": false,
        }),
        Shape::Currency => currency(),
        Shape::Country => json!({"type": "string", "pattern": "^[A-Z]{2}$"}),
        Shape::TimeZone => json!({"type": "string", "format": "time-zone", "examples": ["America/Chicago"]}),
        Shape::Date => json!({"type": "string", "format": "date", "pattern": format!("^{YEAR_PATTERN}-")}),
        Shape::Time => json!({"type": "string", "format": "date-time", "pattern": format!("^{YEAR_PATTERN}-")}),
        Shape::Decimal => json!({"type": "string", "pattern": "^-?[0-9]{1,9}(\\.[0-9]{1,4})?$"}),
        Shape::Enum(words) => {
            json!({"type": "string", "enum": words.iter().map(|word| word.name).collect::<Vec<_>>()})
        }
        Shape::List(inner) => {
            let mut list = json!({"type": "array", "items": self::shape(inner, field, verb), "maxItems": field.max});
            if field.distinct {
                put(&mut list, "uniqueItems", json!(true));
            }
            list
        }
        Shape::Object(schema) | Shape::Record(schema) => match verb {
            Some(_) => body(schema, Verb::Create),
            None => record(schema),
        },
        Shape::AnyRecord => json!({"$ref": "#/components/schemas/followed_record"}),
        Shape::AnyId => id("[a-z]{3}"),
        Shape::Rows(schema) => json!({"type": "array", "items": row(schema), "maxItems": field.max}),
        Shape::IntMap(names) => {
            // Within a merge patch, null takes a member away.
            let member = || match verb {
                Some(_) => nullable(integer(field, verb)),
                None => integer(field, verb),
            };
            let properties: Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), member())).collect();
            json!({"type": "object", "properties": properties, "additionalProperties": false})
        }
    }
}

/// A row to import: a create body in which every `…_id` may be given as `…_external_id` instead.
fn row(schema: &Schema) -> Value {
    let mut object = body(schema, Verb::Create);
    let external_id = json!({"type": "string", "minLength": 1, "maxLength": EXTERNAL_ID_CHARS_MAX});
    referable(&mut object, &external_id);
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        let mut key = external_id;
        put(&mut key, "description", json!("The row's identifier in the system that the batch names."));
        properties.insert(ROW_KEY.to_owned(), key);
    }
    if let Some(Value::Array(required)) = object.get_mut("required") {
        required.push(json!(ROW_KEY));
    } else {
        put(&mut object, "required", json!([ROW_KEY]));
    }
    object
}

/// Lets each `…_id` of an object, and of objects in it, be given as `…_external_id`.
fn referable(object: &mut Value, external_id: &Value) {
    let Some(Value::Object(properties)) = object.get_mut("properties") else { return };
    let is_id = |value: &Value| value.get("pattern").and_then(Value::as_str).is_some_and(|pattern| pattern.contains("_[0-7]"));
    let stems: Vec<String> = properties
        .iter()
        .filter(|(_, value)| is_id(value))
        .filter_map(|(name, _)| Some(name.strip_suffix("_id")?.to_owned()))
        .collect();
    for stem in &stems {
        let mut reference = external_id.clone();
        put(&mut reference, "description", json!(format!("In place of `{stem}_id`: its identifier in the system of the batch.")));
        properties.insert(format!("{stem}_external_id"), reference);
    }
    for value in properties.values_mut() {
        if let Some(items) = value.get_mut("items") {
            referable(items, external_id);
        }
    }
    if let Some(Value::Array(required)) = object.get_mut("required") {
        required.retain(|name| {
            name.as_str().and_then(|name| name.strip_suffix("_id")).is_none_or(|stem| !stems.iter().any(|one| one == stem))
        });
    }
}

fn integer(field: &Field, verb: Option<Verb>) -> Value {
    let mut schema = json!({"type": "integer", "format": "int64"});
    if verb.is_some() {
        put(&mut schema, "minimum", json!(field.least.max(-AMOUNT_MAX)));
        put(&mut schema, "maximum", json!(AMOUNT_MAX));
    }
    schema
}

/// An identifier of one kind.
pub(super) fn id(prefix: &str) -> Value {
    json!({"type": "string", "pattern": format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$")})
}

/// The component that lists the currencies; everything else refers to it.
pub(super) fn currencies() -> Value {
    let codes: Vec<String> = Currency::all().map(|currency| currency.code().to_owned()).collect();
    json!({"type": "string", "enum": codes, "description": "A currency, by its code of ISO 4217."})
}

fn currency() -> Value {
    json!({"$ref": "#/components/schemas/currency"})
}

pub(super) fn put(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}
