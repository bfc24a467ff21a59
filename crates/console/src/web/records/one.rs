//! `GET /console/records/{resource}/{id}`

use clinicos_contract::{Field, Shape};
use futures_util::future::try_join;
use serde_json::Value;

use super::cells::{self, Teller, columns_of_parts, head, is_empty, parts_of};
use super::history::{Told, told};
use super::kinds::{Kind, is_system, link};
use super::words::{label, word};
use super::{asked, columns, names, readable, sharing};
use crate::frame::Section;
use crate::pages::records::{Cell, Entry, Group, Meaning, Parts, RecordPage, Way};
use crate::web::Web;
use crate::web::ask::{Ask, list, text};
use crate::web::respond::{Page, render};
use crate::web::visit::Visit;
use crate::words::{in_path, quoted};

/// The page.
pub async fn show(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let kinds = readable(&web, &person);
    let kind = asked(&kinds, &visit)?;
    let path = vec![(kind.parameter(), visit.part("id"))];
    let record = web.ask(&visit, Ask { operation: kind.get.id, path, ..Ask::default() }).await?;
    let id = text(&record, "id");
    let mut ids = Vec::new();
    cells::ids(&kinds, kind.schema, &record, &mut ids);
    let named = async { Ok(names::read(&web, &visit, &kinds, &person.zone, &ids).await) };
    let told = try_join(told(&web, &visit, &person, &kind, &id), sharing::read(&web, &visit, &person, &kind, &id));
    let (names, (Told { history, seen }, sharing)) = try_join(named, told).await?;
    let teller = Teller { kinds: &kinds, zone: &person.zone, names };
    let shown = Shown { kind: &kind, record: &record, teller: &teller };
    let page = RecordPage {
        frame: web.frame(&visit, &person, Section::Records),
        kind: kind.title(),
        kind_href: kind.href(),
        one: kind.one().to_owned(),
        name: names::full_name(&kind, &person.zone, &record),
        states: shown.states(),
        deleted: person.zone.maybe(&record, "deleted_at"),
        merged: shown.merged(),
        groups: shown.groups(),
        empty: shown.empty(),
        parts: shown.parts(),
        ways: ways(&kinds, &kind, &id),
        system: shown.system(),
        meanings: meanings(&kind),
        sharing,
        history,
        seen,
        log: format!("/console/log?connection=everybody&record={}", in_path(&id)),
        id,
    };
    Ok(render(&web, &visit, 200, &page))
}

/// A record that is told.
struct Shown<'s> {
    kind: &'s Kind,
    record: &'s Value,
    teller: &'s Teller<'s>,
}

impl Shown<'_> {
    fn value(&self, field: &Field) -> &Value {
        self.record.get(field.name).unwrap_or(&Value::Null)
    }

    /// What it records, apart from what stands in tables.
    fn fields(&self) -> impl Iterator<Item = &'static Field> {
        self.kind.schema.fields.iter().filter(|field| !is_system(field) && parts_of(&field.shape).is_none())
    }

    /// Where it stands.
    fn states(&self) -> Vec<String> {
        let state = columns::state(self.kind.schema).map(|field| word(&text(self.record, field.name)));
        state.into_iter().filter(|state| !state.is_empty()).collect()
    }

    /// Where it went, if it was a duplicate.
    fn merged(&self) -> Option<Cell> {
        let into = text(self.record, "merged_into");
        (!into.is_empty()).then(|| self.teller.link(&into))
    }

    fn entry(&self, field: &Field) -> Entry {
        Entry { label: label(field.name, &field.shape), cells: self.teller.cells(&field.shape, self.value(field)) }
    }

    /// What is filled in, by what it is.
    fn groups(&self) -> Vec<Group> {
        let filled: Vec<&'static Field> = self.fields().filter(|field| !is_empty(self.value(field))).collect();
        let is_link = |field: &Field| link(&field.shape).is_some();
        let is_amount = |field: &Field| matches!(field.shape, Shape::Money);
        let group = |name, title, of: &dyn Fn(&Field) -> bool| Group {
            name,
            title,
            entries: filled.iter().filter(|field| of(field)).map(|field| self.entry(field)).collect(),
        };
        let groups = [
            group("about", "What it is", &|field| !is_link(field) && !is_amount(field)),
            group("amounts", "Amounts", &is_amount),
            group("links", "What it belongs to", &is_link),
        ];
        groups.into_iter().filter(|group| !group.entries.is_empty()).collect()
    }

    /// What is not filled in.
    fn empty(&self) -> Vec<String> {
        let fields = self.kind.schema.fields.iter().filter(|field| !is_system(field) && !field.sparse);
        fields.filter(|field| is_empty(self.value(field))).map(|field| label(field.name, &field.shape)).collect()
    }

    /// Its parts, as tables.
    fn parts(&self) -> Vec<Parts> {
        let table = |field: &'static Field| {
            let schema = parts_of(&field.shape).filter(|_| !is_system(field))?;
            let items = list(self.record, field.name);
            let columns = columns_of_parts(schema, items);
            (!items.is_empty() && !columns.is_empty()).then(|| Parts {
                name: field.name.replace('_', "-"),
                title: label(field.name, &field.shape),
                heads: columns.iter().map(|field| head(field)).collect(),
                rows: items.iter().map(|item| self.teller.row(&columns, item)).collect(),
            })
        };
        self.kind.schema.fields.iter().filter_map(table).collect()
    }

    /// What every record has.
    fn system(&self) -> Vec<Entry> {
        let fields = self.kind.schema.fields.iter().filter(|field| is_system(field) && !is_empty(self.value(field)));
        let entry = |field: &'static Field| match field.shape {
            // Not the name of the clinic: who looks for an id reads an id.
            Shape::Id(_) => Entry {
                label: label(field.name, &Shape::Text),
                cells: vec![Cell { text: text(self.record, field.name), ..Cell::default() }],
            },
            _ => self.entry(field),
        };
        fields.map(entry).collect()
    }
}

/// Lists of what belongs to a record.
fn ways(kinds: &[Kind], kind: &Kind, id: &str) -> Vec<Way> {
    let of = |other: &Kind| {
        let fields: Vec<&'static Field> = other.leads_to(kind).collect();
        let (other, one) = (*other, fields.len() == 1);
        let way = move |field: &'static Field| Way {
            words: if one { other.title() } else { format!("{}: {}", other.title(), label(field.name, &field.shape)) },
            href: format!("{}?{}={}", other.href(), field.name, in_path(id)),
        };
        fields.into_iter().map(way).collect::<Vec<_>>()
    };
    let left = (kind.name == "clients")
        .then(|| Way { words: "What left about this client".to_owned(), href: format!("{}/left", kind.href_of(id)) });
    kinds.iter().flat_map(of).chain(left).collect()
}

/// What the fields mean, as the reference says it.
fn meanings(kind: &Kind) -> Vec<Meaning> {
    let fields = kind.schema.fields.iter().filter(|field| !is_system(field));
    fields.map(|field| Meaning { label: label(field.name, &field.shape), doc: quoted(field.doc.trim()) }).collect()
}
