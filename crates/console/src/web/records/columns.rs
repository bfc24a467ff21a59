//! Which fields of a record stand in a list of them.

use clinicos_contract::schema::{Filter, Presence};
use clinicos_contract::{Field, Schema, Shape};

use super::kinds::{Kind, is_system, link};
use super::names;

/// Most columns beside the name.
const COLUMNS_MAX: usize = 5;
/// Whom a record is about, if it has both: these before others.
const FIRST_LINKS: [&str; 2] = ["client_id", "patient_id"];
/// The field that says where a record stands.
const STATES: [&str; 4] = ["status", "state", "account_status", "decision"];

/// The columns of a kind: whom a record is about, where it stands, days and amounts. In this order they
/// matter; they are shown in the order of the schema.
pub fn of(kind: &Kind, with_links: bool) -> Vec<&'static Field> {
    let named = names::fields(kind);
    let free = |field: &&'static Field| !is_system(field) && !named.contains(&field.name);
    let all: Vec<&'static Field> = kind.schema.fields.iter().filter(free).collect();
    let mut chosen: Vec<&'static Field> = Vec::new();
    if with_links {
        chosen.extend(links(&all));
    }
    chosen.extend(state(kind.schema));
    chosen.extend(days(kind, &all));
    chosen.extend(amounts(&all));
    chosen.extend(all.iter().copied().find(|field| is_kind(field)));
    chosen.extend(all.iter().copied().find(|field| matches!(field.shape, Shape::Email | Shape::List(Shape::Email))));
    chosen.extend(all.iter().copied().filter(|field| matches!(field.shape, Shape::Enum(_)) && field.filter != Filter::None));
    let mut columns: Vec<&'static Field> = Vec::new();
    for field in chosen {
        if columns.len() < COLUMNS_MAX && !columns.iter().any(|known| known.name == field.name) {
            columns.push(field);
        }
    }
    columns.sort_by_key(|field| place(kind.schema, field));
    columns
}

/// Links first, amounts last, else as the schema has it.
fn place(schema: &Schema, field: &Field) -> (u8, usize) {
    let at = schema.field(field.name).map_or(0, |(at, _)| at);
    match field.shape {
        Shape::Id(_) => (0, at),
        Shape::Money => (2, at),
        _ => (1, at),
    }
}

fn links(all: &[&'static Field]) -> Vec<&'static Field> {
    let is_link = |field: &&&'static Field| matches!(field.shape, Shape::Id(_)) && link(&field.shape).is_some();
    let mut links: Vec<&'static Field> = all.iter().filter(is_link).copied().collect();
    links.sort_by_key(|field| FIRST_LINKS.iter().position(|name| *name == field.name).unwrap_or(FIRST_LINKS.len()));
    links.truncate(2);
    links
}

/// The field that says where a record stands.
pub fn state(schema: &'static Schema) -> Option<&'static Field> {
    let is_enum = |field: &Field| matches!(field.shape, Shape::Enum(_));
    STATES.iter().find_map(|name| schema.field(name).map(|(_, field)| field).filter(|field| is_enum(field)))
}

/// A word without which no such record is made says what kind it is: a species, a method.
fn is_kind(field: &Field) -> bool {
    matches!(field.shape, Shape::Enum(_)) && field.create == Presence::Required
}

fn days(kind: &Kind, all: &[&'static Field]) -> Vec<&'static Field> {
    let is_day = |field: &&'static Field| matches!(field.shape, Shape::Date | Shape::Time);
    let order = kind.order().filter(is_day);
    let others = all.iter().copied().filter(is_day).filter(|field| field.filter == Filter::Range);
    let others = others.filter(|field| order.is_none_or(|order| order.name != field.name)).take(1);
    order.into_iter().chain(others).collect()
}

fn amounts(all: &[&'static Field]) -> Vec<&'static Field> {
    let mut amounts: Vec<&'static Field> = all.iter().copied().filter(|field| matches!(field.shape, Shape::Money)).collect();
    amounts.sort_by_key(|field| field.filter == Filter::None);
    amounts.truncate(2);
    amounts
}
