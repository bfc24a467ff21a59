//! Values of records, as cells of a page.

use std::collections::BTreeMap;

use clinicos_contract::{Field, Schema, Shape};
use serde_json::Value;

use super::kinds::{Kind, is_tenant, of_id};
use super::words::{day, label, meaning, money, word};
use crate::pages::records::{Cell, Head};
use crate::web::say::Zone;
use crate::words::capital;

/// What values are told with.
pub struct Teller<'t> {
    pub kinds: &'t [Kind],
    pub zone: &'t Zone,
    /// Names of records, by their ids.
    pub names: BTreeMap<String, String>,
}

/// Whether a value says nothing.
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a field holds parts that a table shows.
pub fn parts_of(shape: &Shape) -> Option<&'static Schema> {
    match shape {
        Shape::List(Shape::Object(schema) | Shape::Record(schema)) => Some(schema),
        _ => None,
    }
}

impl Teller<'_> {
    /// A value in words.
    pub fn cells(&self, shape: &Shape, value: &Value) -> Vec<Cell> {
        match (shape, value) {
            _ if is_empty(value) => Vec::new(),
            (Shape::List(item), Value::Array(items)) => items.iter().flat_map(|one| self.item(item, one)).collect(),
            (Shape::Object(schema) | Shape::Record(schema), Value::Object(_)) => self.members(schema, value),
            (Shape::IntMap(_), Value::Object(members)) => members
                .iter()
                .map(|(name, count)| Cell { label: word(name), text: count.to_string(), ..Cell::default() })
                .collect(),
            _ => vec![self.one(shape, value)],
        }
    }

    /// An item of a list; what an object in it holds stands on one line.
    fn item(&self, shape: &Shape, value: &Value) -> Vec<Cell> {
        match shape {
            Shape::Object(schema) | Shape::Record(schema) => {
                let told: Vec<String> = self.members(schema, value).into_iter().map(|cell| cell.text).collect();
                vec![Cell { text: told.join(", "), ..Cell::default() }]
            }
            _ => self.cells(shape, value),
        }
    }

    /// The members of an object, each with its name.
    fn members(&self, schema: &Schema, value: &Value) -> Vec<Cell> {
        let named = |field: &Field| {
            let cells = self.cells(&field.shape, value.get(field.name).unwrap_or(&Value::Null));
            let name = label(field.name, &field.shape);
            cells.into_iter().map(move |cell| Cell {
                label: if cell.label.is_empty() { name.clone() } else { format!("{name}, {}", cell.label) },
                ..cell
            })
        };
        schema.fields.iter().flat_map(named).collect()
    }

    /// A single value.
    fn one(&self, shape: &Shape, value: &Value) -> Cell {
        let cell = |text: String| Cell { text, ..Cell::default() };
        let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match shape {
            Shape::Id(_) => self.link(&plain),
            Shape::Money => cell(money(value)),
            Shape::Bool => cell(if value == &Value::Bool(true) { "Yes" } else { "No" }.to_owned()),
            Shape::Date => Cell { exact: Some(plain.clone()), ..cell(day(&plain)) },
            Shape::Time => Cell { exact: Some(plain.clone()), ..cell(capital(&self.zone.when(&plain).words)) },
            Shape::Enum(words) => Cell { note: meaning(words, &plain), ..cell(word(&plain)) },
            _ => cell(plain),
        }
    }

    /// A record by its name, with the way to it.
    pub fn link(&self, id: &str) -> Cell {
        let name = self.names.get(id).cloned().unwrap_or_else(|| id.to_owned());
        let href = of_id(self.kinds, id).map(|kind| kind.href_of(id));
        Cell { text: name, href, ..Cell::default() }
    }

    /// What a row of a table holds in these columns. What a word means is not told again in each row.
    pub fn row(&self, columns: &[&'static Field], record: &Value) -> Vec<(Head, Vec<Cell>)> {
        let cells = |field: &&'static Field| {
            let cells = self.cells(&field.shape, record.get(field.name).unwrap_or(&Value::Null));
            let cells = cells.into_iter().map(|cell| Cell { note: String::new(), ..cell });
            (head(field), cells.collect())
        };
        columns.iter().map(cells).collect()
    }
}

/// The name of a column.
pub fn head(field: &Field) -> Head {
    let right = matches!(field.shape, Shape::Money | Shape::Int | Shape::Decimal);
    Head { name: label(field.name, &field.shape), right }
}

/// Every id in a value that names a record of one of these kinds.
pub fn ids(kinds: &[Kind], schema: &Schema, record: &Value, found: &mut Vec<String>) {
    for field in schema.fields.iter().filter(|field| field.name != "id") {
        gather(kinds, &field.shape, record.get(field.name).unwrap_or(&Value::Null), found);
    }
}

fn gather(kinds: &[Kind], shape: &Shape, value: &Value, found: &mut Vec<String>) {
    match (shape, value) {
        (Shape::Id(prefix), _) if is_tenant(prefix) => {}
        (Shape::Id(_), Value::String(id)) if of_id(kinds, id).is_some() && !found.contains(id) => found.push(id.clone()),
        (Shape::List(item), Value::Array(items)) => items.iter().for_each(|one| gather(kinds, item, one, found)),
        (Shape::Object(schema) | Shape::Record(schema), Value::Object(_)) => ids(kinds, schema, value, found),
        _ => {}
    }
}

/// The columns of parts: what at least one of them has.
pub fn columns_of_parts(schema: &'static Schema, items: &[Value]) -> Vec<&'static Field> {
    let is_told = |field: &&'static Field| !["id", "version"].contains(&field.name);
    let is_filled = |field: &&'static Field| items.iter().any(|item| item.get(field.name).is_some_and(|value| !is_empty(value)));
    let is_amount_of_nothing = |field: &Field| {
        let is_zero =
            |item: &Value| item.get(field.name).and_then(|money| money.get("amount")).and_then(Value::as_i64) == Some(0);
        matches!(field.shape, Shape::Money) && items.iter().all(is_zero)
    };
    schema.fields.iter().filter(is_told).filter(is_filled).filter(|field| !is_amount_of_nothing(field)).collect()
}
