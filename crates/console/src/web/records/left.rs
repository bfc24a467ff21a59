//! `GET /console/records/clients/{id}/left`

use std::collections::BTreeMap;

use clinicos_contract::Category;
use futures_util::future::try_join;
use serde_json::Value;

use super::kinds::{Kind, of_id};
use super::words::word;
use super::{names as of_records, readable};
use crate::frame::Section;
use crate::pages::left::{Data, Left, Recipient, Subject};
use crate::web::Web;
use crate::web::ask::{Ask, Person, list, text, texts};
use crate::web::names::Names;
use crate::web::respond::{Page, Refused, render};
use crate::web::say;
use crate::web::visit::Visit;
use crate::words::{Count, capital, in_path};

/// Answers of one call of the list, and most calls of it for one page.
const PAGE: usize = 200;
const PAGES_MAX: usize = 10;
const RECORD_SYSTEM: &str = Category::RecordSystem.name();

/// The page.
pub async fn show(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let kinds = readable(&web, &person);
    let path = vec![("client_id", visit.part("id"))];
    let client = web.ask(&visit, Ask { operation: "clients.get", path, ..Ask::default() }).await?;
    let id = text(&client, "id");
    let (disclosures, more) = disclosures(&web, &visit, &id).await?;
    let connections = web.all(&visit, "connections.list", "&fields=name,recipient,purpose");
    let (connections, people) = try_join(connections, Names::of_people(&web, &visit)).await?;
    let known = connections.iter().map(|one| (text(one, "id"), text(one, "name"))).collect();
    let mut subjects: Vec<String> = disclosures.iter().flat_map(|one| texts(one, "subject_ids")).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let records = of_records::read(&web, &visit, &kinds, &person.zone, &subjects).await;
    let teller = Teller { person: &person, kinds: &kinds, connections: &connections, names: people.with(known), records };
    // Whoever asks what left is told of the client, too; that is not what this is about.
    let is_asking = |one: &&Value| text(one, "operation") == "disclosures.list";
    let is_program = |one: &&Value| text(one, "actor") == "connection";
    let (programs, others): (Vec<&Value>, Vec<&Value>) = disclosures.iter().filter(|one| !is_asking(one)).partition(is_program);
    let page = Left {
        frame: web.frame(&visit, &person, Section::Records),
        name: kinds
            .iter()
            .find(|kind| kind.name == "clients")
            .map(|kind| of_records::full_name(kind, &person.zone, &client))
            .unwrap_or_default(),
        href: format!("/console/records/clients/{}", in_path(&id)),
        clinic: text(&person.clinic, "name"),
        now: person.zone.when(&person.zone.now().to_string()),
        programs: teller.recipients(&programs),
        people: teller.recipients(&others),
        only_newest: more.then_some(Count(disclosures.len() as u64)),
    };
    Ok(render(&web, &visit, 200, &page))
}

/// What left, newest first, and whether there is more.
async fn disclosures(web: &Web, visit: &Visit, id: &str) -> Result<(Vec<Value>, bool), Box<Refused>> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    for _ in 0..PAGES_MAX {
        let (path, query) = (vec![("client_id", id.to_owned())], format!("limit={PAGE}{cursor}"));
        let page = web.ask(visit, Ask { operation: "disclosures.list", path, query, ..Ask::default() }).await?;
        all.extend_from_slice(list(&page, "data"));
        let next = text(&page, "next_cursor");
        if next.is_empty() {
            return Ok((all, false));
        }
        cursor = format!("&cursor={next}");
    }
    Ok((all, true))
}

/// What sort of recipient a connection is, and what for.
fn about(connection: &Value) -> String {
    let sort = match text(connection, "recipient").as_str() {
        "clinic" => "A program of the clinic's own".to_owned(),
        "anyone" => "A program outside the clinic".to_owned(),
        other => word(other),
    };
    format!("{sort}, for {}", word(&text(connection, "purpose")).to_lowercase())
}

/// The data in words. Ids and times go with everything: they are told where nothing else went.
fn told(data: BTreeMap<String, Data>) -> Vec<Data> {
    if data.len() > 1 {
        return data.into_iter().filter(|(name, _)| name != RECORD_SYSTEM).map(|(_, data)| data).collect();
    }
    let only = |(name, data): (String, Data)| match name.as_str() {
        RECORD_SYSTEM => Data { words: "Only that there is a record, and not what it says".to_owned(), ..data },
        _ => data,
    };
    data.into_iter().map(only).collect()
}

/// Tells them by recipient.
struct Teller<'t> {
    person: &'t Person,
    kinds: &'t [Kind],
    connections: &'t [Value],
    names: Names,
    records: BTreeMap<String, String>,
}

impl Teller<'_> {
    /// The last one first.
    fn recipients(&self, disclosures: &[&Value]) -> Vec<Recipient> {
        let mut by: Vec<(String, Vec<&Value>)> = Vec::new();
        for one in disclosures {
            let who = [text(one, "connection_id"), text(one, "user_id"), text(one, "actor")].concat();
            match by.iter_mut().find(|(known, _)| *known == who) {
                Some((_, own)) => own.push(one),
                None => by.push((who, vec![one])),
            }
        }
        by.iter().filter_map(|(_, own)| self.recipient(own)).collect()
    }

    /// Of those of one recipient, newest first.
    fn recipient(&self, own: &[&Value]) -> Option<Recipient> {
        let (last, first) = (own.first()?, own.last()?);
        let connection = text(last, "connection_id");
        let facts = self.connections.iter().find(|one| text(one, "id") == connection);
        let mut data: BTreeMap<String, Data> = BTreeMap::new();
        for (one, category) in own.iter().flat_map(|one| texts(one, "categories").into_iter().map(move |name| (one, name))) {
            let at = || self.person.zone.when(&text(one, "at"));
            let known = data.entry(category).or_insert_with_key(|name| Data {
                words: capital(&say::category(name)),
                answers: Count(0),
                last: at(),
            });
            known.answers.0 += 1;
        }
        Some(Recipient {
            name: self.names.who(last),
            href: facts.map(|_| format!("/console/connections/{}", in_path(&connection))),
            about: facts.map(about),
            answers: Count(own.len() as u64),
            first: self.person.zone.when(&text(first, "at")),
            last: self.person.zone.when(&text(last, "at")),
            data: told(data),
            of: self.each(own, "subject_ids", |id| self.records.get(id).cloned().unwrap_or_else(|| id.to_owned())),
            consents: self.each(own, "consent_ids", str::to_owned),
            last_entry: text(last, "request_id"),
        })
    }

    /// Records that they name, each once.
    fn each(&self, own: &[&Value], field: &str, name: impl Fn(&str) -> String) -> Vec<Subject> {
        let mut ids: Vec<String> = own.iter().flat_map(|one| texts(one, field)).collect();
        ids.sort_unstable();
        ids.dedup();
        let subject = |id: &String| Some(Subject { name: name(id), href: of_id(self.kinds, id)?.href_of(id) });
        ids.iter().filter_map(subject).collect()
    }
}
