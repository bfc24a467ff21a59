//! One entry of the access log.

use clinicos_contract::Problem;
use serde_json::Value;

use super::Web;
use super::ask::{Ask, int, list, text, texts};
use super::connections::named;
use super::log::{line, names};
use super::records::{Kind, of_id, readable};
use super::respond::{Page, Refused, render};
use super::say;
use super::visit::Visit;
use super::why::{self, Why};
use crate::frame::Section;
use crate::pages::log::{LogEntry, RecordRef};
use crate::words::{Fact, capital, counted, in_path};

/// Records that one entry's page lists.
const RECORDS_SHOWN: usize = 50;

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
    let Why { mut decided, in_order } = why::of(&web, &visit, &person, entry).await?;
    decided.extend(came_from(entry));
    let ids = texts(entry, "record_ids");
    let categories = |name: &str| texts(entry, name).iter().map(|category| capital(&say::category(category))).collect();
    let kinds = readable(&web, &person);
    let records = ids
        .iter()
        .take(RECORDS_SHOWN)
        .map(|id| RecordRef { kind: kind(&kinds, id), id: id.clone(), href: of_id(&kinds, id).map(|kind| kind.href_of(id)) })
        .collect();
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

/// Where a call came from that was refused for that.
fn came_from(entry: &Value) -> Option<String> {
    let address = text(entry, "refused_address");
    (!address.is_empty()).then(|| {
        format!(
            "It came from {address}. If that is where the program runs, add it to the addresses from which the key may be used."
        )
    })
}

fn missing(visit: &Visit) -> Box<Refused> {
    Refused::by(visit.origin.clone(), Problem::not_found())
}

fn shown(count: usize) -> String {
    let all = counted(count as u64, "record", "records");
    if count > RECORDS_SHOWN { format!("{all}, the first {RECORDS_SHOWN} are listed.") } else { format!("{all}.") }
}

/// What an id is of, by its prefix.
fn kind(kinds: &[Kind], id: &str) -> String {
    if let Some(kind) = of_id(kinds, id) {
        return capital(kind.one());
    }
    let others = [
        ("lin", "Invoice line"),
        ("con", "Connection"),
        ("key", "Key"),
        ("usr", "Person"),
        ("ses", "Session"),
        ("aud", "Log entry"),
        ("chg", "Change"),
    ];
    let prefix = id.split('_').next().unwrap_or_default();
    others.iter().find(|(known, _)| *known == prefix).map_or(prefix, |(_, words)| words).to_owned()
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
