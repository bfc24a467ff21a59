//! Whether the records that a body names are there, and its amounts in the clinic's currency.
//!
//! The schema says which values are identifiers, however deep in lists and objects; no operation
//! keeps a list of its own.

use clinicos_contract::{CategorySet, Currency, Problem, Schema, Shape, View, Writer};
use clinicos_gate::{ClinicFacts, Cx, OrProblem as _};
use serde_json::Value as Json;

use super::{Given, Plain};
use crate::{ids, refusals};

/// A value of a body, its place and the shape that the schema gives it.
struct Leaf<'j> {
    pointer: String,
    shape: &'static Shape,
    json: &'j Json,
}

/// Refuses a body that names a record which the clinic does not have.
pub async fn check_body(cx: &mut Cx<'_>, schema: &'static Schema, given: &Given) -> Result<(), Problem> {
    let missing = missing(cx, leaves(schema, given, |_| true)).await?;
    missing.first().map_or(Ok(()), |(leaf, what)| Err(refusals::unknown_reference(&leaf.pointer, what)))
}

/// The same for fields of a record for which `asked` says yes. What the record named in the same field
/// `before` may have been deleted since: a list that must keep it could never change again.
pub async fn check<R: Plain>(
    cx: &mut Cx<'_>,
    given: &Given,
    before: Option<&R>,
    asked: impl Fn(&str) -> bool + Send,
) -> Result<(), Problem> {
    let missing = missing(cx, leaves(R::SCHEMA, given, asked)).await?;
    match missing.iter().find(|(leaf, _)| !before.is_some_and(|before| names(before, leaf))) {
        Some((leaf, what)) => Err(refusals::unknown_reference(&leaf.pointer, what)),
        None => Ok(()),
    }
}

/// The identifiers that mean no record of the clinic, each with what it should be.
async fn missing<'j>(cx: &mut Cx<'_>, leaves: Vec<Leaf<'j>>) -> Result<Vec<(Leaf<'j>, &'static str)>, Problem> {
    let clinic = cx.clinic_id()?;
    let mut missing = Vec::new();
    for leaf in leaves {
        let (Shape::Id(prefix), Some(id)) = (leaf.shape, leaf.json.as_str()) else { continue };
        let Some(home) = ids::home(prefix) else { continue };
        if !super::rows::exists(cx.conn(), clinic, home.table, id).await.or_problem()? {
            missing.push((leaf, home.singular));
        }
    }
    Ok(missing)
}

/// Whether a record has this value in the same field, in whatever place.
fn names<R: Plain>(record: &R, leaf: &Leaf<'_>) -> bool {
    let mut out = Writer::default();
    out.record(record, &View::new(R::SCHEMA, CategorySet::ALL, None));
    let earlier: Given = serde_json::from_slice(&out.finish().bytes).unwrap_or_default();
    let field = leaf.pointer.split('/').nth(1).unwrap_or_default();
    leaves(R::SCHEMA, &earlier, |name| name == field).iter().any(|other| other.json == leaf.json)
}

/// Refuses amounts in another currency than the clinic's.
pub fn check_currency(schema: &'static Schema, given: &Given, clinic: &ClinicFacts) -> Result<(), Problem> {
    for leaf in leaves(schema, given, |_| true) {
        let currency = leaf.json.get("currency").and_then(Json::as_str).and_then(Currency::from_stored);
        if matches!(leaf.shape, Shape::Money) && currency != Some(clinic.currency) {
            let detail = format!("must be in {}, the currency of the clinic", clinic.currency.code());
            return Err(Problem::rule(leaf.pointer, "currency_mismatch", detail));
        }
    }
    Ok(())
}

/// The identifiers that members hold, however deep: place, letters in front, and the identifier.
pub fn named(schema: &'static Schema, given: &Given) -> Vec<(String, &'static str, String)> {
    let id = |leaf: Leaf<'_>| match (leaf.shape, leaf.json.as_str()) {
        (Shape::Id(prefix), Some(id)) => Some((leaf.pointer, *prefix, id.to_owned())),
        _ => None,
    };
    leaves(schema, given, |_| true).into_iter().filter_map(id).collect()
}

fn leaves<'j>(schema: &'static Schema, given: &'j Given, asked: impl Fn(&str) -> bool) -> Vec<Leaf<'j>> {
    let mut found = Vec::new();
    for field in schema.fields.iter().filter(|field| asked(field.name)) {
        if let Some(json) = given.get(field.name) {
            walk(format!("/{}", field.name), &field.shape, json, &mut found);
        }
    }
    found
}

fn walk<'j>(pointer: String, shape: &'static Shape, json: &'j Json, found: &mut Vec<Leaf<'j>>) {
    match (shape, json) {
        (_, Json::Null) => {}
        (Shape::List(inner), Json::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                walk(format!("{pointer}/{at}"), inner, item, found);
            }
        }
        (Shape::Object(schema) | Shape::Record(schema), Json::Object(members)) => {
            for field in schema.fields {
                if let Some(json) = members.get(field.name) {
                    walk(format!("{pointer}/{}", field.name), &field.shape, json, found);
                }
            }
        }
        _ => found.push(Leaf { pointer, shape, json }),
    }
}
