//! `GET /console/records/{resource}`

use std::fmt::Write as _;

use clinicos_contract::{Field, Shape};
use serde_json::Value;

use super::cells::{Teller, head};
use super::filters::Asked;
use super::kinds::Kind;
use super::{asked, columns, names, readable, what};
use crate::frame::Section;
use crate::pages::records::{Head, Of, RecordList, Row};
use crate::web::Web;
use crate::web::ask::{Ask, Person, list, text};
use crate::web::respond::{Page, render};
use crate::web::visit::Visit;
use crate::words::capital;

/// Rows of a page.
const ROWS: usize = 25;

/// The page.
pub async fn show(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let kinds = readable(&web, &person);
    let kind = asked(&kinds, &visit)?;
    let columns = columns::of(&kind, true);
    let (cursor, filters) = (visit.asked("cursor"), Asked::read(&visit, &person, &kind));
    let mut page = RecordList {
        frame: web.frame(&visit, &person, Section::Records),
        title: kind.title(),
        many: kind.many().to_owned(),
        what: what(&kind),
        order: order(&kind).1,
        href: kind.href(),
        heads: std::iter::once(Head { name: capital(kind.one()), right: false })
            .chain(columns.iter().map(|field| head(field)))
            .collect(),
        deleted: kind.can_be_deleted().then_some(filters.deleted),
        is_filtered: filters.is_any(),
        problems: filters.problems.clone(),
        filters: filters.filters.clone(),
        ..RecordList::default()
    };
    let mut query = format!("limit={ROWS}&sort={}&fields={}{}", order(&kind).0, fields(&kind, &columns), filters.query);
    if !cursor.is_empty() {
        let _ = write!(query, "&cursor={}", crate::words::in_path(&cursor));
    }
    if !page.problems.is_empty() {
        return Ok(render(&web, &visit, 400, &page));
    }
    let found = match web.ask(&visit, Ask { operation: kind.list.id, query, ..Ask::default() }).await {
        Ok(found) => found,
        Err(refused) if refused.status == 400 => {
            page.problems = refused.sentences();
            return Ok(render(&web, &visit, 400, &page));
        }
        Err(refused) => return Err(refused),
    };
    let records = list(&found, "data");
    let teller = teller(&web, &visit, &person, &kinds, &kind, records, &filters).await;
    page.rows = records.iter().map(|record| row(&kind, &teller, &columns, record)).collect();
    let of = |(field, id): &(&'static Field, String)| Of {
        name: field.name.to_owned(),
        id: id.clone(),
        label: super::words::label(field.name, &field.shape),
        cell: teller.link(id),
    };
    page.of = filters.of.iter().map(of).collect();
    let next = text(&found, "next_cursor");
    let same = format!("{}?{}", kind.href(), filters.carried);
    page.next = (!next.is_empty()).then(|| format!("{same}cursor={next}"));
    page.first = (!cursor.is_empty()).then(|| same.trim_end_matches(['&', '?']).to_owned());
    Ok(render(&web, &visit, 200, &page))
}

/// How a list is sorted: for the door, and in a sentence.
fn order(kind: &Kind) -> (String, String) {
    match kind.order() {
        Some(field) if matches!(field.shape, Shape::Date | Shape::Time) => {
            (format!("-{}", field.name), "The latest first.".to_owned())
        }
        Some(field) => (field.name.to_owned(), format!("By {}.", super::words::label(field.name, &field.shape).to_lowercase())),
        None => ("-updated_at".to_owned(), "Those that changed last come first.".to_owned()),
    }
}

/// The fields that a page of the list shows, and no others.
fn fields(kind: &Kind, columns: &[&'static Field]) -> String {
    let mut fields = vec!["id"];
    fields.extend(kind.can_be_deleted().then_some("deleted_at"));
    fields.extend(names::fields(kind));
    fields.extend(columns.iter().map(|field| field.name));
    fields.join(",")
}

/// Reads the names of the records that the rows show.
async fn teller<'t>(
    web: &Web,
    visit: &Visit,
    person: &'t Person,
    kinds: &'t [Kind],
    kind: &Kind,
    records: &[Value],
    filters: &Asked,
) -> Teller<'t> {
    let mut ids: Vec<String> = filters.of.iter().map(|(_, id)| id.clone()).collect();
    for record in records {
        super::cells::ids(kinds, kind.schema, record, &mut ids);
    }
    let names = names::read(web, visit, kinds, &person.zone, &ids).await;
    Teller { kinds, zone: &person.zone, names }
}

fn row(kind: &Kind, teller: &Teller<'_>, columns: &[&'static Field], record: &Value) -> Row {
    Row {
        name: names::name(kind, teller.zone, record),
        href: kind.href_of(&text(record, "id")),
        deleted: !text(record, "deleted_at").is_empty(),
        cells: teller.row(columns, record),
    }
}
