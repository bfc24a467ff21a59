//! `GET /console/connections/{id}/sees`: a record as a connection sees it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::cells::{Teller, is_empty};
use super::kinds::{Kind, is_system, of_id};
use super::words::label;
use super::{names, readable};
use crate::frame::Section;
use crate::pages::records::Entry;
use crate::pages::sees::{LeftOut, Sees};
use crate::web::Web;
use crate::web::ask::{Ask, Person, is, list, text, texts};
use crate::web::connection::read;
use crate::web::respond::{Page, Refused, render};
use crate::web::visit::Visit;
use crate::words::{Choice, capital, quoted};

/// Of the kinds that a connection can ask for, this one is shown before others.
const FIRST: &str = "clients";

/// The page.
pub async fn show(web: Web, visit: Visit) -> Page {
    let (person, connection) = web.person_and(&visit, read(&web, &visit)).await?;
    let kinds = readable(&web, &person);
    let typed = visit.asked("record");
    let named = of_id(&kinds, &typed);
    let wanted = visit.asked("kind");
    let wanted = if wanted.is_empty() { first(&kinds, &connection) } else { wanted };
    let kind = named.or_else(|| kinds.iter().find(|kind| kind.name == wanted)).or(kinds.first()).copied();
    let mut page = Sees {
        frame: web.frame(&visit, &person, Section::Connections),
        connection_id: text(&connection, "id"),
        name: text(&connection, "name"),
        kinds: kinds.iter().map(|one| choice(one, kind.as_ref())).collect(),
        record: typed.clone(),
        ..Sees::default()
    };
    let Some(kind) = kind else { return Ok(render(&web, &visit, 200, &page)) };
    page.one = kind.one().to_owned();
    let id = if named.is_some() { Some(typed) } else { latest(&web, &visit, &kind).await? };
    let Some(id) = id else { return Ok(render(&web, &visit, 200, &page)) };
    let path = vec![("connection_id", visit.part("id")), ("record_id", id.clone())];
    let preview = web.ask(&visit, Ask { operation: "connections.preview", path, ..Ask::default() }).await?;
    page.href = Some(kind.href_of(&id));
    page.can_see = is(&preview, "can_see");
    page.refusal = quoted(&text(&preview, "refusal"));
    fill(&mut page, &person, &kinds, &kind, &preview);
    Ok(render(&web, &visit, 200, &page))
}

/// The kind that is shown unless another one is chosen: one that the connection can ask for, if there is any.
fn first(kinds: &[Kind], connection: &Value) -> String {
    let scopes = texts(connection, "scopes");
    let can_ask = |name: &str| scopes.iter().any(|scope| scope.split_once(':').is_some_and(|(resource, _)| resource == name));
    let found = std::iter::once(FIRST).chain(kinds.iter().map(|kind| kind.name)).find(|name| can_ask(name));
    found.unwrap_or(FIRST).to_owned()
}

fn choice(one: &Kind, chosen: Option<&Kind>) -> Choice {
    let selected = chosen.is_some_and(|kind| kind.name == one.name);
    Choice { value: one.name.to_owned(), words: one.title(), selected }
}

/// The record of a kind that was made last.
async fn latest(web: &Web, visit: &Visit, kind: &Kind) -> Result<Option<String>, Box<Refused>> {
    let query = "limit=1&fields=id".to_owned();
    let found = web.ask(visit, Ask { operation: kind.list.id, query, ..Ask::default() }).await?;
    Ok(list(&found, "data").first().map(|record| text(record, "id")))
}

/// What it sees, and what it does not.
fn fill(page: &mut Sees, person: &Person, kinds: &[Kind], kind: &Kind, preview: &Value) {
    let nothing = Value::Object(Map::new());
    let record = preview.get("record").filter(|record| record.is_object()).unwrap_or(&nothing);
    // Names of what it leads to are not read: the connection is not told them here, either.
    let teller = Teller { kinds, zone: &person.zone, names: BTreeMap::new() };
    let fields = kind.schema.fields.iter().filter(|field| !is_system(field));
    let seen = fields.filter(|field| !is_empty(record.get(field.name).unwrap_or(&Value::Null)));
    page.entries = seen
        .map(|field| Entry {
            label: label(field.name, &field.shape),
            cells: teller.cells(&field.shape, record.get(field.name).unwrap_or(&Value::Null)),
        })
        .collect();
    page.title = if page.can_see { names::full_name(kind, &person.zone, record) } else { capital(kind.one()) };
    let mut left_out: Vec<LeftOut> = Vec::new();
    for one in list(preview, "redactions") {
        let path = text(one, "path");
        let field = path.split('/').nth(1).unwrap_or_default();
        let shape = kind.schema.field(field).map(|(_, field)| field.shape);
        let inner = path.rsplit('/').next().unwrap_or_default();
        let name = shape.map_or_else(|| field.to_owned(), |shape| label(field, &shape));
        let name = if inner == field { name } else { format!("{name}: {}", inner.replace('_', " ")) };
        let because = text(one, "because");
        // The same part of each line is said once.
        if !left_out.iter().any(|known| known.name == name) {
            left_out.push(LeftOut { name, because });
        }
    }
    page.left_out = left_out;
}
