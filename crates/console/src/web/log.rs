//! The access log.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use futures_util::future::try_join;
use serde_json::Value;

use super::Web;
use super::ask::{Ask, Person, list, text};
use super::connection::people;
use super::connections::{Named, named};
use super::find_record::{Found, Meant, meant};
use super::names::Names;
use super::respond::{Page, Refused, redirect, render};
use super::say;
use super::visit::Visit;
use crate::frame::Section;
use crate::pages::activity::Line;
use crate::pages::log::{Group, LogSearch, RecordChoice};
use crate::words::{Choice, in_path};

/// Rows of a page.
const ROWS: usize = 50;
/// Asks for every call.
const EVERYBODY: &str = "everybody";
/// Asks for the calls of all connections, and of nobody else.
const CONNECTIONS: &str = "connections";
/// Asks for the calls of all people, and of nobody else.
const PEOPLE: &str = "people";
const FIELDS: [&str; 8] = ["connection", "operation", "outcome", "record", "from", "from_time", "to", "to_time"];

/// `GET /console/log`
pub async fn show(web: Web, visit: Visit) -> Page {
    let listed = try_join(named(&web, &visit), people(&web, &visit));
    let (person, (connections, people)) = web.person_and(&visit, listed).await?;
    let (typed, cursor) = (visit.asked("record"), visit.asked("cursor"));
    let mut page = LogSearch {
        frame: web.frame(&visit, &person, Section::Log),
        who: by_whom(&connections, &people, &whose(&visit, &typed)),
        operations: operations(&web, &visit),
        outcomes: [("allowed", "Allowed"), ("refused", "Refused")]
            .map(|(value, words)| choice(value, words, &visit.asked("outcome")))
            .to_vec(),
        from: visit.asked("from"),
        from_time: visit.asked("from_time"),
        to: visit.asked("to"),
        to_time: visit.asked("to_time"),
        csv: format!("/console/log.csv?{}", given(&visit, &typed)),
        record: typed,
        ..LogSearch::default()
    };
    let record = match meant(&web, &visit, &page.record).await? {
        Meant::Id(record) => record,
        Meant::Choices(Found { choices, gaps, none }) => {
            let asked = |choice: RecordChoice| RecordChoice { href: found_at(&visit, &choice.id), ..choice };
            page.choices = choices.into_iter().map(asked).collect();
            (page.gaps, page.problems) = (gaps, none.into_iter().collect());
            return Ok(render(&web, &visit, 200, &page));
        }
    };
    if record != page.record {
        return Ok(redirect(&found_at(&visit, &record)));
    }
    let mut status = 200;
    match search(&web, &visit, &person, &Part { record: &record, fields: "", limit: ROWS, cursor: &cursor }).await {
        Ok(found) => {
            let names = names(&connections).with(people);
            page.rows = list(&found, "data").iter().map(|entry| line(&web, &person, entry, &names)).collect();
            let next = text(&found, "next_cursor");
            page.older = (!next.is_empty()).then(|| format!("/console/log?{}cursor={next}", given(&visit, &record)));
        }
        Err(refused) if refused.status == 400 => {
            (page.problems, status) = (wrong(&visit, &person, &refused), 400);
        }
        Err(refused) => return Err(refused),
    }
    let looks_are_left_out = whose(&visit, &record).is_empty();
    page.left_out = looks_are_left_out.then(|| format!("/console/log?connection={EVERYBODY}&{}", given(&visit, &record)));
    page.newest = (!cursor.is_empty()).then(|| format!("/console/log?{}", given(&visit, &record)));
    Ok(render(&web, &visit, status, &page))
}

/// Whose calls are searched for. Who saw a record is often a person, so that nobody is left out of
/// that unasked.
fn whose(visit: &Visit, record: &str) -> String {
    let chosen = visit.asked("connection");
    if chosen.is_empty() && !record.is_empty() { EVERYBODY.to_owned() } else { chosen }
}

/// The same search for a record that was found.
fn found_at(visit: &Visit, record: &str) -> String {
    let everybody = if visit.asked("connection").is_empty() { format!("connection={EVERYBODY}&") } else { String::new() };
    let query = given(visit, record);
    format!("/console/log?{everybody}{}", query.trim_end_matches('&'))
}

/// What is wrong with a search, by the names of the form.
fn wrong(visit: &Visit, person: &Person, refused: &Refused) -> Vec<String> {
    let told: Vec<String> = ["from", "to"].iter().filter_map(|name| wrong_edge(visit, person, name)).collect();
    let by_name = |sentence: String| sentence.replace("At[gte]:", "From:").replace("At[lt]:", "To:");
    if told.is_empty() { refused.sentences().into_iter().map(by_name).collect() } else { told }
}

fn wrong_edge(visit: &Visit, person: &Person, name: &str) -> Option<String> {
    let (day, time) = (visit.asked(name), visit.asked(&format!("{name}_time")));
    if day.is_empty() {
        return (!time.is_empty()).then(|| format!("“{time}” of which day? Say the day, too."));
    }
    if person.zone.day(&day, 0).is_none() {
        return Some(format!("“{day}” is no day. Write a day like 2026-11-23."));
    }
    let is_wrong = !time.is_empty() && person.zone.moment(&day, &time).is_none();
    is_wrong.then(|| format!("“{time}” is no time. Write a time like 14:30."))
}

/// The time at which a search begins or ends: that which is given, or the begin of the day, some days
/// later. What is neither is handed on as it is, for the door to refuse: left out, it would widen the
/// search.
fn edge(person: &Person, visit: &Visit, name: &str, later: i64) -> String {
    let (day, time) = (visit.asked(name), visit.asked(&format!("{name}_time")));
    let found = if time.is_empty() { person.zone.day(&day, later) } else { person.zone.moment(&day, &time) };
    found.unwrap_or_else(|| format!("{day} {time}").trim().to_owned())
}

/// A call, with the second that it came in: here people look for one among many.
pub fn line(web: &Web, person: &Person, entry: &Value, names: &Names) -> Line {
    let mut line = say::line(web.door.catalogue(), &person.zone, entry, names.who(entry));
    line.at = person.zone.second(&line.at.exact);
    line
}

/// Whose calls can be looked for: those of several, of one person, of one connection.
fn by_whom(connections: &[Named], people: &BTreeMap<String, String>, chosen: &str) -> Vec<Group> {
    let several =
        [("", "Connections and changes"), (CONNECTIONS, "All connections"), (PEOPLE, "All people"), (EVERYBODY, "Everything")];
    let several = several.map(|(value, words)| choice(value, words, chosen)).to_vec();
    let mut people: Vec<Choice> = people.iter().map(|(id, name)| choice(id, name, chosen)).collect();
    people.sort_by(|one, other| one.words.cmp(&other.words));
    let connections: Vec<Choice> = connections.iter().map(|one| choice(&one.id, &one.name, chosen)).collect();
    let groups = [("Several", several), ("One person", people), ("One connection", connections)];
    let groups = groups.map(|(title, choices)| Group { title: title.to_owned(), choices });
    groups.into_iter().filter(|group| !group.choices.is_empty()).collect()
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

/// The names of these connections.
pub fn names(connections: &[Named]) -> Names {
    Names::of(connections.iter().map(|one| (one.id.clone(), one.name.clone())))
}

/// What was searched for, to be carried on.
fn given(visit: &Visit, record: &str) -> String {
    let mut query = String::new();
    for name in FIELDS {
        let value = if name == "record" { record.to_owned() } else { visit.asked(name) };
        if !value.is_empty() {
            let _ = write!(query, "{name}={}&", in_path(&value));
        }
    }
    query
}

/// Which part of a search, and what of each entry.
pub struct Part<'p> {
    /// The id of a record, if one was asked for.
    pub record: &'p str,
    /// Fields beside those that a line is told from, each behind a comma.
    pub fields: &'p str,
    pub limit: usize,
    pub cursor: &'p str,
}

/// A part of the search that was asked for.
pub async fn search(web: &Web, visit: &Visit, person: &Person, part: &Part<'_>) -> Result<Value, Box<Refused>> {
    let mut query = format!("limit={}&fields={}{}", part.limit, say::LINE_FIELDS, part.fields);
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = write!(query, "&{name}={}", in_path(value));
        }
    };
    // What colleagues look at is in the log, too, and there is much of it, this page included: it is
    // shown when asked for.
    match whose(visit, part.record).as_str() {
        "" => add("only_looked", "false"),
        CONNECTIONS => add("actor", "connection"),
        PEOPLE => add("actor", "user"),
        EVERYBODY => {}
        person if person.starts_with("usr_") => add("user_id", person),
        connection => add("connection_id", connection),
    }
    add("operation", &visit.asked("operation"));
    add("outcome", &visit.asked("outcome"));
    add("record_id", part.record);
    add("at[gte]", &edge(person, visit, "from", 0));
    add("at[lt]", &edge(person, visit, "to", 1));
    add("cursor", part.cursor);
    web.ask(visit, Ask { operation: "audit_entries.list", query, ..Ask::default() }).await
}
