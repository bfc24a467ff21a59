//! Columns that name another record, and the statements that let them name another one. `merging.rs`
//! says which there are.

pub mod rows;

use clinicos_contract::event::EventType;
use clinicos_contract::{Schema, Shape};
use serde_json::Value as Json;

/// A column of a table of records that names another record.
#[derive(Debug)]
pub struct Reference {
    /// The table; its rows have `id`, `updated_at` and `version`.
    pub table: &'static str,
    /// The column, and the field that callers know it by.
    pub column: &'static str,
    /// What is announced about the record that refers.
    pub event: &'static EventType,
}

/// The columns of plain records that hold an identifier with this prefix.
pub fn plain(prefix: &'static str) -> impl Iterator<Item = Reference> {
    of_plain(move |shape| matches!(shape, Shape::Id(named) if *named == prefix))
}

/// The columns of plain records that hold documents with such identifiers in them.
pub fn in_documents(prefix: &'static str) -> impl Iterator<Item = Reference> {
    of_plain(move |shape| !matches!(shape, Shape::Id(_)) && holds(shape, prefix))
}

fn of_plain(is: impl Fn(&Shape) -> bool) -> impl Iterator<Item = Reference> {
    let statements = crate::RESOURCES.iter().filter_map(|folder| folder.statements);
    statements.flat_map(|known| known.schema.fields.iter().skip(1).map(move |field| (known, field))).filter_map(
        move |(known, field)| {
            is(&field.shape).then_some(Reference { table: known.list.table, column: field.name, event: known.updated })
        },
    )
}

fn holds(shape: &Shape, prefix: &str) -> bool {
    let any = |schema: &Schema| schema.fields.iter().any(|field| holds(&field.shape, prefix));
    match shape {
        Shape::Id(named) => *named == prefix,
        Shape::List(inner) => holds(inner, prefix),
        Shape::Object(schema) | Shape::Record(schema) => any(schema),
        _ => false,
    }
}

/// Puts one identifier in place of another one, wherever it stands in a document. A list that names both
/// then names the one that stays once.
pub fn renamed(json: Json, from: &str, to: &str) -> Json {
    match json {
        Json::String(text) if text == from => Json::String(to.to_owned()),
        Json::Array(items) => {
            let mut kept: Vec<Json> = Vec::with_capacity(items.len());
            for item in items {
                let item = renamed(item, from, to);
                if !(item.is_string() && kept.contains(&item)) {
                    kept.push(item);
                }
            }
            Json::Array(kept)
        }
        Json::Object(members) => members.into_iter().map(|(name, value)| (name, renamed(value, from, to))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_names_the_one_that_stays_once() {
        let before = json!({"ids": ["a", "b", "c"], "of": {"id": "a"}, "text": "a and b"});
        assert_eq!(renamed(before, "a", "b"), json!({"ids": ["b", "c"], "of": {"id": "b"}, "text": "a and b"}));
    }

    #[test]
    fn what_refers_is_found_by_the_schema() {
        let has = |mut found: Box<dyn Iterator<Item = Reference>>, table, column| {
            found.any(|reference| (reference.table, reference.column) == (table, column))
        };
        assert!(has(Box::new(plain("cli")), "appointments", "client_id"));
        assert!(has(Box::new(in_documents("pat")), "appointments", "patient_ids"));
        assert!(!has(Box::new(plain("pat")), "appointments", "patient_ids"));
        assert!(!has(Box::new(plain("apt")), "appointments", "id"), "its own is no reference");
    }
}
