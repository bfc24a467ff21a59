//! The access log.

use std::fmt::Write as _;

use clinicos_contract::Problem;
use futures_util::future::join;
use serde_json::Value;

use super::Web;
use super::ask::{Ask, Person, int, list, text, texts};
use super::connections::{Named, named};
use super::csv;
use super::names::{Names, names_people};
use super::respond::{Page, Refused, render};
use super::say;
use super::visit::Visit;
use super::why::{self, Why};
use crate::frame::Section;
use crate::pages::activity::Line;
use crate::pages::log::{Group, LogEntry, LogSearch, RecordRef};
use crate::words::{Choice, Fact, capital, counted, in_path};

/// Rows of a page.
const ROWS: usize = 50;
/// Rows of a CSV file: so many pages of so many.
const CSV_PAGE: usize = 200;
const CSV_PAGES_MAX: usize = 50;
/// Records that one entry's page lists.
const RECORDS_SHOWN: usize = 50;
/// Asks for the calls of people as well.
const EVERYBODY: &str = "everybody";
const FIELDS: [&str; 6] = ["connection", "operation", "outcome", "record", "from", "to"];

/// `GET /console/log`
pub async fn show(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let (connections, found) = join(named(&web, &visit), search(&web, &visit, &person, ROWS)).await;
    let connections = connections?;
    let (mut rows, mut older, mut problems, mut status) = (Vec::new(), None, Vec::new(), 200);
    match found {
        Ok(found) => {
            let names = names(&connections).with_people_of(&web, &visit, list(&found, "data")).await?;
            rows = list(&found, "data").iter().map(|entry| line(&web, &person, entry, &names)).collect();
            let next = text(&found, "next_cursor");
            older = (!next.is_empty()).then(|| format!("/console/log?{}cursor={next}", given(&visit)));
        }
        Err(refused) if refused.status == 400 => {
            (problems, status) = (wrong(&visit, &person, &refused), 400);
        }
        Err(refused) => return Err(refused),
    }
    let page = LogSearch {
        frame: web.frame(&visit, &person, Section::Log),
        connections: by_whom(&connections, &visit.asked("connection")),
        operations: operations(&web, &visit),
        outcomes: [("allowed", "Allowed"), ("refused", "Refused")]
            .map(|(value, words)| choice(value, words, &visit.asked("outcome")))
            .to_vec(),
        record: visit.asked("record"),
        from: visit.asked("from"),
        to: visit.asked("to"),
        problems,
        rows,
        newest: (!visit.asked("cursor").is_empty()).then(|| format!("/console/log?{}", given(&visit))),
        older,
        csv: format!("/console/log.csv?{}", given(&visit)),
    };
    Ok(render(&web, &visit, status, &page))
}

/// What is wrong with a search, by the names of the form.
fn wrong(visit: &Visit, person: &Person, refused: &Refused) -> Vec<String> {
    let days = ["from", "to"].map(|name| visit.asked(name));
    let no_day = |text: &&String| !text.is_empty() && person.zone.day(text, 0).is_none();
    let told: Vec<String> =
        days.iter().filter(no_day).map(|text| format!("“{text}” is no day. Write a day like 2026-11-23.")).collect();
    let by_name = |sentence: String| sentence.replace("At[gte]:", "From:").replace("At[lt]:", "To:");
    if told.is_empty() { refused.sentences().into_iter().map(by_name).collect() } else { told }
}

/// The time at which a day begins, some days later. What is no day is handed on as it is, for the door
/// to refuse: left out, it would widen the search.
fn begin_of(person: &Person, text: &str, later: i64) -> String {
    person.zone.day(text, later).unwrap_or_else(|| text.to_owned())
}

/// A call, with the second that it came in: here people look for one among many.
fn line(web: &Web, person: &Person, entry: &Value, names: &Names) -> Line {
    let mut line = say::line(web.door.catalogue(), &person.zone, entry, names.who(entry));
    line.at = person.zone.second(&line.at.exact);
    line
}

fn by_whom(connections: &[Named], chosen: &str) -> Vec<Choice> {
    let everybody = choice(EVERYBODY, "All connections and people", chosen);
    std::iter::once(everybody).chain(connections.iter().map(|one| choice(&one.id, &one.name, chosen))).collect()
}

fn choice(value: &str, words: &str, chosen: &str) -> Choice {
    Choice { value: value.to_owned(), words: words.to_owned(), selected: value == chosen }
}

/// What can be done, by what it is done to.
fn operations(web: &Web, visit: &Visit) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for spec in web.door.catalogue().specs().filter(|spec| !spec.is_operators()) {
        let chosen = choice(spec.id, spec.summary, &visit.asked("operation"));
        match groups.iter_mut().find(|group| group.title == spec.resource.title) {
            Some(group) => group.choices.push(chosen),
            None => groups.push(Group { title: spec.resource.title.to_owned(), choices: vec![chosen] }),
        }
    }
    groups
}

fn names(connections: &[Named]) -> Names {
    Names::of(connections.iter().map(|one| (one.id.clone(), one.name.clone())))
}

/// What was searched for, to be carried on.
fn given(visit: &Visit) -> String {
    let mut query = String::new();
    for name in FIELDS {
        let value = visit.asked(name);
        if !value.is_empty() {
            let _ = write!(query, "{name}={}&", in_path(&value));
        }
    }
    query
}

async fn search(web: &Web, visit: &Visit, person: &Person, limit: usize) -> Result<Value, Box<Refused>> {
    search_from(web, visit, person, limit, &visit.asked("cursor")).await
}

async fn search_from(web: &Web, visit: &Visit, person: &Person, limit: usize, cursor: &str) -> Result<Value, Box<Refused>> {
    let mut query = format!("limit={limit}&fields={}", say::LINE_FIELDS);
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = write!(query, "&{name}={}", in_path(value));
        }
    };
    // What colleagues look at is in the log, too, and there is much of it: it is shown when asked for.
    match visit.asked("connection").as_str() {
        "" => add("actor", "connection"),
        EVERYBODY => {}
        connection => add("connection_id", connection),
    }
    add("operation", &visit.asked("operation"));
    add("outcome", &visit.asked("outcome"));
    add("record_id", &visit.asked("record"));
    add("at[gte]", &begin_of(person, &visit.asked("from"), 0));
    add("at[lt]", &begin_of(person, &visit.asked("to"), 1));
    add("cursor", cursor);
    web.ask(visit, Ask { operation: "audit_entries.list", query, ..Ask::default() }).await
}

/// `GET /console/log.csv`: the whole search, for a spreadsheet.
pub async fn csv(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let names = names(&named(&web, &visit).await?);
    csv::file("access-log.csv", Export { web, visit, person, names, knows_people: false, cursor: String::new(), page: 0 }).await
}

/// A search that is written down, and how far it has come.
struct Export {
    web: Web,
    visit: Visit,
    person: Person,
    names: Names,
    /// Whether the names of people were read: they are, when the first of them acted.
    knows_people: bool,
    cursor: String,
    page: usize,
}

impl csv::Pages for Export {
    async fn next(&mut self) -> Result<(String, bool), Box<Refused>> {
        // How long the browser took for the page before is not how long this one takes.
        if self.page > 0 {
            self.visit.origin.arrived_ns = self.web.door.services().clock.monotonic_ns();
        }
        let found = search_from(&self.web, &self.visit, &self.person, CSV_PAGE, &self.cursor).await?;
        let entries = list(&found, "data");
        if !self.knows_people && names_people(entries) {
            self.names = std::mem::take(&mut self.names).with_people_of(&self.web, &self.visit, entries).await?;
            self.knows_people = true;
        }
        let mut lines = if self.page == 0 { CSV_HEAD.to_owned() } else { String::new() };
        lines.extend(entries.iter().map(|entry| self.row(entry)));
        self.page += 1;
        self.cursor = text(&found, "next_cursor");
        if self.page == CSV_PAGES_MAX && !self.cursor.is_empty() {
            lines.push_str("\"There is more. Search for fewer days to take along the rest.\"\r\n");
            return Ok((lines, false));
        }
        Ok((lines, !self.cursor.is_empty()))
    }
}

const CSV_HEAD: &str = "at,who,did,outcome,status,operation,records,request_id\r\n";

impl Export {
    fn row(&self, entry: &Value) -> String {
        let line = line(&self.web, &self.person, entry, &self.names);
        csv::line(&[
            text(entry, "at"),
            line.who,
            line.did,
            text(entry, "outcome"),
            int(entry, "status").to_string(),
            text(entry, "operation"),
            texts(entry, "record_ids").join(" "),
            text(entry, "request_id"),
        ])
    }
}

/// `GET /console/log/{request_id}`
pub async fn one(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let query = format!("limit=1&request_id={}", in_path(&visit.part("request_id")));
    let found = web.ask(&visit, Ask { operation: "audit_entries.list", query, ..Ask::default() }).await;
    // An id that is none is as good as one that does not exist.
    let found = found.map_err(|refused| if refused.status == 400 { missing(&visit) } else { refused })?;
    let Some(entry) = list(&found, "data").first() else { return Err(missing(&visit)) };
    let connections = named(&web, &visit).await?;
    let names = names(&connections).with_people_of(&web, &visit, std::slice::from_ref(entry)).await?;
    let line = line(&web, &person, entry, &names);
    let Why { decided, in_order } = why::of(&web, &visit, &person, entry).await?;
    let ids = texts(entry, "record_ids");
    let categories = |name: &str| texts(entry, name).iter().map(|category| capital(&say::category(category))).collect();
    let records = ids.iter().take(RECORDS_SHOWN).map(|id| RecordRef { kind: kind(id), id: id.clone() }).collect();
    let page = LogEntry {
        frame: web.frame(&visit, &person, Section::Log),
        at: line.at,
        who: line.who,
        did: line.did,
        connection_id: Some(text(entry, "connection_id")).filter(|id| !id.is_empty()),
        key_id: Some(text(entry, "credential_id")).filter(|id| id.starts_with("key_")),
        outcome: line.outcome,
        reasons: decided,
        in_order,
        records,
        records_words: shown(ids.len()),
        disclosed: categories("categories_disclosed"),
        left_out: categories("categories_redacted"),
        facts: facts(entry),
    };
    Ok(render(&web, &visit, 200, &page))
}

fn missing(visit: &Visit) -> Box<Refused> {
    Refused::by(visit.origin.clone(), Problem::not_found())
}

fn shown(count: usize) -> String {
    let all = counted(count as u64, "record", "records");
    if count > RECORDS_SHOWN { format!("{all}, the first {RECORDS_SHOWN} are listed.") } else { format!("{all}.") }
}

/// What an id is of, by its prefix.
fn kind(id: &str) -> String {
    let kinds = [
        ("inv", "Invoice"),
        ("pay", "Payment"),
        ("cli", "Client"),
        ("cln", "Clinic"),
        ("org", "Organization"),
        ("con", "Connection"),
        ("key", "Key"),
        ("usr", "Person"),
        ("ses", "Session"),
        ("aud", "Log entry"),
        ("chg", "Change"),
    ];
    let prefix = id.split('_').next().unwrap_or_default();
    kinds.iter().find(|(known, _)| *known == prefix).map_or(prefix, |(_, words)| words).to_owned()
}

fn facts(entry: &Value) -> Vec<Fact> {
    let fact = |name: &str, value: String| Fact { name: name.to_owned(), value };
    let mut facts: Vec<Fact> = ["operation", "route", "problem", "request_id", "decision_id", "credential_id"]
        .into_iter()
        .map(|name| fact(&capital(&name.replace('_', " ")), text(entry, name)))
        .filter(|fact| !fact.value.is_empty())
        .collect();
    for name in ["status", "sequence", "bytes", "latency_us"] {
        facts.push(fact(&capital(&name.replace('_', " ")), int(entry, name).to_string()));
    }
    facts
}
