//! What was done to a record, and who saw it: what the access log has of it.

use clinicos_contract::Spec;
use futures_util::future::{try_join, try_join_all};
use serde_json::Value;

use super::kinds::Kind;
use crate::pages::activity::{Line, folded};
use crate::web::Web;
use crate::web::ask::{Ask, Person, list, text, texts};
use crate::web::connection::people;
use crate::web::connections::named;
use crate::web::log::names;
use crate::web::respond::Refused;
use crate::web::say;
use crate::web::visit::Visit;
use crate::words::in_path;

/// Lines of each.
const LINES: usize = 10;
/// Calls that the lines of who saw it are told from.
const CALLS: usize = 40;

/// What the log has of a record.
#[derive(Default)]
pub struct Told {
    /// What was done to it, newest first.
    pub history: Vec<Line>,
    /// Who saw it, newest first.
    pub seen: Vec<Line>,
}

/// Reads it, as whoever is signed in.
pub async fn told(web: &Web, visit: &Visit, person: &Person, kind: &Kind, id: &str) -> Result<Told, Box<Refused>> {
    let writing: Vec<&'static Spec> = writing(web, kind).collect();
    let of_each = try_join_all(writing.iter().map(|spec| {
        let of_it = format!("&outcome=allowed&operation={}", spec.id);
        calls(web, visit, id, LINES, of_it)
    }));
    let told = try_join(of_each, calls(web, visit, id, CALLS, "&outcome=allowed".to_owned()));
    let ((written, seen), (connections, people)) = try_join(told, try_join(named(web, visit), people(web, visit))).await?;
    let names = names(&connections).with(people);
    let line = |entry: &Value| say::line(web.door.catalogue(), &person.zone, entry, names.who(entry));
    let mut written: Vec<Value> = written.into_iter().flatten().collect();
    written.sort_by_key(|entry| std::cmp::Reverse(text(entry, "at")));
    written.truncate(LINES);
    // Who changed it saw it, too; that is told above.
    let told: Vec<String> = written.iter().map(|entry| text(entry, "request_id")).collect();
    let is_told = |entry: &Value| told.contains(&text(entry, "request_id"));
    let written = once_merged(written);
    let seen: Vec<&Value> = seen.iter().filter(|entry| !is_told(entry)).collect();
    Ok(Told { history: written.iter().map(line).collect(), seen: folded(seen.into_iter().map(line), LINES) })
}

/// Without merges of the same two records after the first: they changed nothing. Newest first.
fn once_merged(mut entries: Vec<Value>) -> Vec<Value> {
    let mut merged: Vec<Vec<String>> = Vec::new();
    entries.reverse();
    entries.retain(|entry| {
        let mut both = texts(entry, "record_ids");
        both.sort_unstable();
        let is_merge = text(entry, "operation").ends_with(".merge");
        let is_again = is_merge && merged.contains(&both);
        merged.extend(is_merge.then_some(both));
        !is_again
    });
    entries.reverse();
    entries
}

/// What can be done to records of a kind.
fn writing(web: &Web, kind: &Kind) -> impl Iterator<Item = &'static Spec> {
    let name = kind.name;
    let is_of_it = move |spec: &&'static Spec| spec.writes() && spec.id.split('.').next() == Some(name);
    web.door.catalogue().specs().filter(is_of_it)
}

/// Calls that showed a record, newest first.
async fn calls(web: &Web, visit: &Visit, id: &str, limit: usize, of_it: String) -> Result<Vec<Value>, Box<Refused>> {
    let query = format!("limit={limit}&fields={}&record_id={}{of_it}", say::LINE_FIELDS, in_path(id));
    let found = web.ask(visit, Ask { operation: "audit_entries.list", query, ..Ask::default() }).await?;
    Ok(list(&found, "data").to_vec())
}
