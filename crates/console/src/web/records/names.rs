//! What a record is called, and reading what other records are called.

use std::collections::BTreeMap;

use clinicos_contract::{Schema, Shape};
use futures_util::future::join_all;
use serde_json::Value;

use super::kinds::{Kind, of_id};
use super::words::day;
use crate::web::Web;
use crate::web::ask::{Ask, text};
use crate::web::say::Zone;
use crate::web::visit::Visit;
use crate::words::capital;

/// Parts of the name of a person, or of who stands for one.
const OF_PEOPLE: [&str; 3] = ["given_name", "family_name", "organization_name"];
/// What else a record may be called by; the first of these that its kind has.
const OF_THINGS: [&str; 8] = ["name", "practice", "number", "title", "subject", "file_name", "sku", "text"];
/// Most names of other records that one page reads: each is a call of its own.
const NAMES_MAX: usize = 40;
/// Most characters of a name.
const NAME_CHARS_MAX: usize = 80;

/// The fields that a record's name is told from.
pub fn fields(kind: &Kind) -> Vec<&'static str> {
    let has = |name: &&'static str| is_text(kind.schema, name);
    let people: Vec<&'static str> = OF_PEOPLE.into_iter().filter(has).collect();
    if !people.is_empty() {
        return people;
    }
    match OF_THINGS.into_iter().find(has) {
        Some(name) => vec![name],
        None => vec![moment_of(kind)],
    }
}

fn is_text(schema: &Schema, name: &str) -> bool {
    schema.field(name).is_some_and(|(_, field)| matches!(field.shape, Shape::Text))
}

/// The day or time by which a record is told that has no name: what its list is sorted by, or when it
/// was made.
fn moment_of(kind: &Kind) -> &'static str {
    let order = kind.order().filter(|field| matches!(field.shape, Shape::Date | Shape::Time));
    order.map_or("created_at", |field| field.name)
}

/// What a record is called, in a list of its kind.
pub fn name(kind: &Kind, zone: &Zone, record: &Value) -> String {
    let parts: Vec<String> = fields(kind).into_iter().map(|field| text(record, field)).collect();
    let is_person = parts.len() > 1;
    let own = match parts.as_slice() {
        [given, family, organization] if given.is_empty() && family.is_empty() => organization.clone(),
        [given, family, ..] => format!("{given} {family}").trim().to_owned(),
        [one] => one.clone(),
        [] => String::new(),
    };
    let field = kind.schema.field(fields(kind).first().copied().unwrap_or_default()).map(|(_, field)| field.shape);
    let own = match field {
        Some(Shape::Time) if !own.is_empty() && !is_person => capital(&zone.when(&own).words),
        Some(Shape::Date) if !own.is_empty() && !is_person => day(&own),
        _ => own,
    };
    if own.trim().is_empty() { format!("{} without a name", capital(kind.one())) } else { shortened(&own) }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(NAME_CHARS_MAX) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

/// The same where its kind is not said beside it: `Invoice INV-1042`, and `Jane Miller`.
pub fn full_name(kind: &Kind, zone: &Zone, record: &Value) -> String {
    let (own, one) = (name(kind, zone, record), capital(kind.one()));
    let field = fields(kind).first().and_then(|name| kind.schema.field(name)).map(|(_, field)| (field.name, field.shape));
    match field {
        Some((name, Shape::Time)) => format!("{one} of {}", zone.when(&text(record, name)).words),
        Some((_, Shape::Date)) => format!("{one} of {own}"),
        Some(("number", _)) => format!("{one} {own}"),
        _ => own,
    }
}

/// The names of these records, each read as whoever is signed in. What they may not read, or what is not
/// there any more, has none.
pub async fn read(web: &Web, visit: &Visit, kinds: &[Kind], zone: &Zone, ids: &[String]) -> BTreeMap<String, String> {
    let one = |id: &String| {
        let (id, kind) = (id.clone(), of_id(kinds, id).copied());
        async move {
            let kind = kind?;
            let query = format!("fields={}", fields(&kind).join(","));
            let ask = Ask { operation: kind.get.id, path: vec![(kind.parameter(), id.clone())], query, ..Ask::default() };
            let record = web.ask(visit, ask).await.ok()?;
            Some((id, full_name(&kind, zone, &record)))
        }
    };
    join_all(ids.iter().take(NAMES_MAX).map(one)).await.into_iter().flatten().collect()
}
