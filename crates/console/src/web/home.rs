//! `GET /console`

use std::sync::atomic::Ordering;

use futures_util::future::try_join3;
use serde_json::Value;

use super::Web;
use super::ask::{Ask, Person, count, is, list, text};
use super::connections::{Known, known};
use super::history::PAUSED_WITHOUT_WORDS;
use super::names::Names;
use super::respond::{Page, render};
use super::say;
use super::visit::Visit;
use crate::chart::{Chart, Hour};
use crate::frame::Section;
use crate::pager::ROWS;
use crate::pages::activity::{Line, folded};
use crate::pages::connections::ConnectionState;
use crate::pages::home::{Home, Need, NeedKind};
use crate::words::Count;

/// Lines of the latest activity, and the calls that they are told from.
const LINES: usize = 8;
const CALLS: usize = 30;

/// The first page.
pub async fn show(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let activity = web.ask(&visit, Ask { operation: "usage.activity", ..Ask::default() });
    let latest = web.ask(&visit, latest());
    let (connections, activity, found) = try_join3(known(&web, &visit, &person, ""), activity, latest).await?;
    let hours = list(&activity, "hours");
    let sum = |name: &str| Count(hours.iter().map(|hour| count(hour, name)).sum());
    let mut needs: Vec<Need> = connections.iter().filter_map(need).collect();
    needs.sort_by_key(|need| (need.kind.rank(), need.name.to_lowercase()));
    let all_needs = needs.len();
    needs.truncate(ROWS);
    let page = Home {
        frame: web.frame(&visit, &person, Section::Home),
        offers_second_factor: !is(&person.user, "second_factor"),
        faults: if person.only_looks.is_none() { faults(&web) } else { 0 },
        more_needs: all_needs - needs.len(),
        needs,
        is_empty: connections.iter().all(|one| one.state.is_over()),
        connections: Count(connections.iter().filter(|one| one.state == ConnectionState::Active).count() as u64),
        calls: sum("calls"),
        refused: sum("refused"),
        records_read: sum("records"),
        chart: Chart { hours: hours.iter().map(|hour| bar(&person, hour)).collect() },
        activity: lines(&web, &person, &connections, &found),
    };
    Ok(render(&web, &visit, 200, &page))
}

/// How many calls ended in a fault of the program. Whoever only looks could do nothing about it.
fn faults(web: &Web) -> u64 {
    web.door.services().panics.load(Ordering::Relaxed)
}

fn bar(person: &Person, hour: &Value) -> Hour {
    let words = person.zone.when(&text(hour, "begins_at")).words;
    let label = words.rsplit(", ").next().unwrap_or_default().to_owned();
    Hour { label, calls: Count(count(hour, "calls")), refused: Count(count(hour, "refused")) }
}

fn need(one: &Known) -> Option<Need> {
    let (kind, detail) = one.need.clone()?;
    Some(Need { kind, connection_id: one.id.clone(), name: one.name.clone(), detail })
}

/// Asks for the newest calls of connections.
fn latest() -> Ask<'static> {
    let query = format!("limit={CALLS}&fields={}&actor=connection", say::LINE_FIELDS);
    Ask { operation: "audit_entries.list", query, ..Ask::default() }
}

/// They, as sentences.
fn lines(web: &Web, person: &Person, connections: &[Known], found: &Value) -> Vec<Line> {
    let names = Names::of(connections.iter().map(|one| (one.id.clone(), one.name.clone())));
    let catalogue = web.door.catalogue();
    let line = |entry| say::line(catalogue, &person.zone, entry, names.who(entry));
    folded(list(found, "data").iter().map(line), LINES)
}

impl Known {
    /// Why it needs a person, if it does.
    pub fn need_of(state: ConnectionState, name: &Facts<'_>) -> Option<(NeedKind, String)> {
        match state {
            ConnectionState::Suspended => {
                Some((NeedKind::Suspended, "It was suspended for what it did. Look, then decide.".to_owned()))
            }
            ConnectionState::Paused => Some((NeedKind::Paused, paused(name.state_reason))),
            ConnectionState::Active if name.refused * 5 > name.calls && name.refused >= 20 => {
                Some((NeedKind::Refused, format!("{} of its {} calls were refused in 24 hours.", name.refused, name.calls)))
            }
            ConnectionState::Active if name.is_unused => {
                Some((NeedKind::Unused, "Nobody used it in the last 60 days.".to_owned()))
            }
            ConnectionState::Active | ConnectionState::Expired | ConnectionState::Revoked => None,
        }
    }
}

fn paused(reason: &str) -> String {
    match reason {
        "" | PAUSED_WITHOUT_WORDS => "It cannot call.".to_owned(),
        reason => format!("It cannot call. “{reason}”"),
    }
}

/// What decides whether a connection needs a person.
pub struct Facts<'f> {
    pub state_reason: &'f str,
    pub calls: u64,
    pub refused: u64,
    pub is_unused: bool,
}
