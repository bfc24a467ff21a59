//! The access log as a file for a spreadsheet.

use clinicos_contract::problem;
use clinicos_gate::decide::Reason;
use futures_util::future::try_join;
use serde_json::Value;

use super::Web;
use super::ask::{Person, int, list, text, texts};
use super::connection::people;
use super::connections::named;
use super::csv;
use super::log::{Part, line, names, search};
use super::names::Names;
use super::respond::{Page, Refused};
use super::visit::Visit;
use crate::words::capital;

/// Rows of a file: so many pages of so many.
const CSV_PAGE: usize = 200;
const CSV_PAGES_MAX: usize = 50;

/// `GET /console/log.csv`: the whole search, for a spreadsheet.
pub async fn csv(web: Web, visit: Visit) -> Page {
    let listed = try_join(named(&web, &visit), people(&web, &visit));
    let (person, (connections, people)) = web.person_and(&visit, listed).await?;
    let (record, names) = (visit.asked("record"), names(&connections).with(people));
    csv::file("access-log.csv", Export { web, visit, person, record, names, cursor: String::new(), page: 0 }).await
}

/// A search that is written down, and how far it has come.
struct Export {
    web: Web,
    visit: Visit,
    person: Person,
    /// The id of a record, if one was asked for.
    record: String,
    names: Names,
    cursor: String,
    page: usize,
}

impl csv::Pages for Export {
    async fn next(&mut self) -> Result<(String, bool), Box<Refused>> {
        // How long the browser took for the page before is not how long this one takes.
        if self.page > 0 {
            self.visit.origin.arrived_ns = self.web.door.services().clock.monotonic_ns();
        }
        let part =
            Part { record: &self.record, fields: ",reasons,problem,refused_address", limit: CSV_PAGE, cursor: &self.cursor };
        let found = search(&self.web, &self.visit, &self.person, &part).await?;
        let entries = list(&found, "data");
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

const CSV_HEAD: &str = "time_utc,time_at_clinic,time_zone,who,did,outcome,reason,status,operation,records,request_id\r\n";

impl Export {
    fn row(&self, entry: &Value) -> String {
        let line = line(&self.web, &self.person, entry, &self.names);
        let utc = text(entry, "at");
        let (at_clinic, offset) = self.person.zone.for_sheet(&utc);
        csv::line(&[
            utc,
            at_clinic,
            format!("{} (UTC{offset})", self.person.zone.name()),
            line.who,
            line.did,
            text(entry, "outcome"),
            why_refused(entry),
            int(entry, "status").to_string(),
            text(entry, "operation"),
            texts(entry, "record_ids").join(" "),
            text(entry, "request_id"),
        ])
    }
}

/// What refused a call, in sentences; nothing, if it was allowed.
fn why_refused(entry: &Value) -> String {
    if text(entry, "outcome") != "refused" {
        return String::new();
    }
    let refusing = |words: &String| !Reason::from_words(words).is_some_and(Reason::lets_pass);
    let mut sentences: Vec<String> = texts(entry, "reasons").into_iter().filter(refusing).collect();
    let address = text(entry, "refused_address");
    sentences.extend((!address.is_empty()).then(|| format!("it came from {address}")));
    let code = text(entry, "problem");
    sentences.extend(problem::ALL.iter().find(|known| known.name == code).map(|known| known.title.to_owned()));
    sentences.iter().map(|sentence| format!("{}.", capital(sentence))).collect::<Vec<_>>().join(" ")
}
