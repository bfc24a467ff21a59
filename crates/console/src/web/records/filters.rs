//! What a list of records can be filtered by, and what was asked for.

use std::fmt::Write as _;

use clinicos_contract::schema::Filter as Takes;
use clinicos_contract::{Field, Shape};

use super::kinds::{Kind, is_system, link};
use super::words::{label, word};
use super::{columns, names};
use crate::pages::records::{Filter, Input};
use crate::web::ask::Person;
use crate::web::visit::Visit;
use crate::words::{Choice, in_path};

/// Most enumerations that a list is filtered by.
const WORDS_MAX: usize = 4;
/// Most questions of yes and no.
const SWITCHES_MAX: usize = 2;
/// A list that is asked for changes since the begin of all time shows what was deleted, too.
const DELETED_TOO: &str = "&updated_at[gte]=1970-01-01T00:00:00Z";

/// What was asked for.
#[derive(Default)]
pub struct Asked {
    /// For the door, each with `&` in front.
    pub query: String,
    /// For another page of the same list, each with `&` behind.
    pub carried: String,
    /// What can be filtered by.
    pub filters: Vec<Filter>,
    /// Records that all of the list belong to: the field, and the id.
    pub of: Vec<(&'static Field, String)>,
    pub deleted: bool,
    /// What is wrong with it, a sentence each.
    pub problems: Vec<String>,
}

impl Asked {
    /// Reads what was asked for.
    pub fn read(visit: &Visit, person: &Person, kind: &Kind) -> Self {
        let mut asked = Self::default();
        for field in fields(kind) {
            let value = visit.asked(field.name);
            let input = match field.shape {
                Shape::Enum(words) => Input::Words(words.iter().map(|one| choice(one.name, word(one.name), &value)).collect()),
                Shape::Bool => Input::Words(
                    [("true", "Yes"), ("false", "No")].map(|(name, words)| choice(name, words.to_owned(), &value)).to_vec(),
                ),
                _ => Input::Text(value.clone()),
            };
            asked.add(field.name, &value);
            asked.filters.push(Filter { name: field.name.to_owned(), label: label(field.name, &field.shape), input });
        }
        if let Some(field) = kind.order().filter(|field| field.filter == Takes::Range && is_day(field)) {
            asked.edge(visit, person, field, "from", "gte");
            asked.edge(visit, person, field, "until", if matches!(field.shape, Shape::Date) { "lte" } else { "lt" });
        }
        for field in kind.schema.fields.iter().filter(|field| field.filter != Takes::None && link(&field.shape).is_some()) {
            let id = visit.asked(field.name);
            asked.add(field.name, &id);
            if !id.is_empty() {
                asked.of.push((field, id));
            }
        }
        asked.deleted = visit.asked("deleted") == "yes";
        if asked.deleted {
            asked.query.push_str(DELETED_TOO);
            asked.carried.push_str("deleted=yes&");
        }
        asked
    }

    /// Whether anything was asked for.
    pub fn is_any(&self) -> bool {
        !self.carried.is_empty()
    }

    fn add(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            let _ = write!(self.query, "&{name}={}", in_path(value));
            let _ = write!(self.carried, "{name}={}&", in_path(value));
        }
    }

    /// The first or the last day.
    fn edge(&mut self, visit: &Visit, person: &Person, field: &Field, end: &str, operator: &str) {
        let name = format!("{}-{end}", field.name);
        let day = visit.asked(&name);
        self.filters.push(Filter {
            label: format!("{}, {end}", label(field.name, &field.shape)),
            name: name.clone(),
            input: Input::Day(day.clone()),
        });
        if day.is_empty() {
            return;
        }
        let _ = write!(self.carried, "{name}={}&", in_path(&day));
        // A day of the clinic begins at its midnight, and the last one ends when the next begins.
        let Some(begin) = person.zone.day(&day, i64::from(end == "until")) else {
            self.problems.push(format!("“{day}” is no day. Write a day like 2026-11-23."));
            return;
        };
        let value = if matches!(field.shape, Shape::Date) { day } else { begin };
        let _ = write!(self.query, "&{}[{operator}]={}", field.name, in_path(&value));
    }
}

fn choice(value: &str, words: String, chosen: &str) -> Choice {
    Choice { value: value.to_owned(), words, selected: value == chosen }
}

fn is_day(field: &Field) -> bool {
    matches!(field.shape, Shape::Date | Shape::Time)
}

/// What is asked for by a value: the name, where the records stand, a few words and switches.
fn fields(kind: &Kind) -> Vec<&'static Field> {
    let takes = |field: &&'static Field| field.filter != Takes::None && !is_system(field);
    let all = || kind.schema.fields.iter().filter(takes);
    let named = names::fields(kind);
    let mut chosen: Vec<&'static Field> =
        all().filter(|field| named.contains(&field.name) && matches!(field.shape, Shape::Text)).take(1).collect();
    let state = columns::state(kind.schema).filter(takes);
    let mut words: Vec<&'static Field> = state.into_iter().collect();
    words.extend(
        all().filter(|field| matches!(field.shape, Shape::Enum(_)) && state.is_none_or(|state| state.name != field.name)),
    );
    words.truncate(WORDS_MAX);
    chosen.extend(words);
    chosen.extend(all().filter(|field| matches!(field.shape, Shape::Bool)).take(SWITCHES_MAX));
    chosen
}
