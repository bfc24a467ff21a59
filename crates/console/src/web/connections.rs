//! `GET /console/connections`

use std::collections::BTreeMap;

use clinicos_contract::{Category, Timestamp};
use futures_util::future::try_join3;
use serde::Deserialize;
use serde_json::Value;

use super::Web;
use super::ask::{Person, is, text};
use super::held_back;
use super::home::Facts;
use super::key_needs;
use super::keys::SECONDS_PER_DAY;
use super::powers::{self, Bounds, Powers};
use super::respond::{Page, Refused, render};
use super::say::US_PER_DAY;
use super::visit::Visit;
use crate::frame::Section;
use crate::pager::Pager;
use crate::pages::connections::{ConnectionState, Connections, Filter, FilterKind, Row, UNUSED_DAYS};
use crate::pages::home::NeedKind;
use crate::words::{Count, When, capital};

/// What tells whether a connection needs a person.
const NEED_FIELDS: &str = "name,state,state_reason,paused_until,created_at,made_by";
/// What its row in the list tells besides.
const ROW_FIELDS: &str = "run_by,reason";

/// How long a connection that a program made is told of.
const NEW_FOR_DAYS: i64 = 7;

/// How a connection was used.
#[derive(Default, Deserialize)]
struct Used {
    id: String,
    calls_24h: u64,
    refused_24h: u64,
    last_used_at: Option<String>,
}

/// A connection, with what is known of its use.
pub struct Known {
    pub id: String,
    pub name: String,
    pub state: ConnectionState,
    pub need: Option<(NeedKind, String)>,
    /// What one of its keys needs.
    pub of_key: Option<key_needs::Need>,
    pub is_unused: bool,
    pub last_used: Option<When>,
    pub calls: u64,
    /// Of these, those that were refused.
    pub refused: u64,
    /// As the API tells it.
    pub record: Value,
}

/// A connection by its name.
pub struct Named {
    pub id: String,
    pub name: String,
}

/// The names of all connections, for pages that tell nothing else of them.
pub async fn named(web: &Web, visit: &Visit) -> Result<Vec<Named>, Box<Refused>> {
    let records = web.all(visit, "connections.list", "&fields=name").await?;
    Ok(records.iter().map(|record| Named { id: text(record, "id"), name: text(record, "name") }).collect())
}

/// Every connection of the clinic, with its use. Of its record only what was asked for is known.
pub async fn known(web: &Web, visit: &Visit, person: &Person, fields: &str) -> Result<Vec<Known>, Box<Refused>> {
    let fields = format!("&fields={NEED_FIELDS}{fields}");
    let records = web.all(visit, "connections.list", &fields);
    let usage = web.rows::<Used>(visit, "usage.list", "&fields=calls_24h,refused_24h,last_used_at");
    let (records, usage, mut keys) = try_join3(records, usage, key_needs::of(web, visit, person)).await?;
    let mut usage: BTreeMap<String, Used> = usage.into_iter().map(|one| (one.id.clone(), one)).collect();
    let mut known: Vec<Known> = records.into_iter().map(|record| know(person, record, &mut usage, &mut keys)).collect();
    held_back::judge(web, visit, person, &mut known).await?;
    Ok(known)
}

fn know(
    person: &Person,
    record: Value,
    usage: &mut BTreeMap<String, Used>,
    keys: &mut BTreeMap<String, key_needs::Need>,
) -> Known {
    let id = text(&record, "id");
    let used = usage.remove(&id).unwrap_or_default();
    let state = state(&record);
    let since = used.last_used_at.clone().unwrap_or_else(|| text(&record, "created_at"));
    let since = since.parse::<jiff::Timestamp>().map(|at| at.as_microsecond()).unwrap_or_default();
    let is_unused = person.zone.now().as_micros() - since > UNUSED_DAYS * US_PER_DAY;
    let (calls, refused) = (used.calls_24h, used.refused_24h);
    let facts = Facts { state_reason: &text(&record, "state_reason"), calls, refused, is_unused };
    let of_key = keys.remove(&id);
    Known {
        need: graver(state, own_need(person, state, &facts, &record), of_key.clone()).or_else(|| made(person, state, &record)),
        of_key,
        name: text(&record, "name"),
        last_used: used.last_used_at.map(|last| person.zone.when(&last)),
        id,
        state,
        is_unused,
        calls,
        refused,
        record,
    }
}

/// A connection that no person made is looked at by one: for a while it is told of.
fn made(person: &Person, state: ConnectionState, record: &Value) -> Option<key_needs::Need> {
    let made_at = Timestamp::parse(&text(record, "created_at"))?;
    let is_new = person.zone.now() < made_at.plus_seconds(NEW_FOR_DAYS * SECONDS_PER_DAY);
    let told = state == ConnectionState::Active && is_new && !text(record, "made_by").is_empty();
    let at = person.zone.maybe(record, "created_at").map_or(String::new(), |at| at.words);
    told.then(|| (NeedKind::Made, format!("A key of another connection made it, {at}. Nobody was asked.")))
}

/// What it needs itself; of a pause with an end it is said when that comes.
fn own_need(person: &Person, state: ConnectionState, facts: &Facts<'_>, record: &Value) -> Option<key_needs::Need> {
    let (kind, detail) = Known::need_of(state, facts)?;
    let end = person.zone.maybe(record, "paused_until").filter(|_| kind == NeedKind::Paused);
    Some((kind, end.map_or_else(|| detail.clone(), |end| format!("{detail} The pause ends by itself: {}.", end.words))))
}

/// What matters most: a leak, then what the connection itself needs, then its keys.
fn graver(state: ConnectionState, own: Option<key_needs::Need>, of_key: Option<key_needs::Need>) -> Option<key_needs::Need> {
    let of_key = of_key.filter(|_| !state.is_over());
    let leaked = of_key.as_ref().is_some_and(|(kind, _)| *kind == NeedKind::Leaked);
    if leaked && state != ConnectionState::Suspended { of_key } else { own.or(of_key) }
}

/// Whether it may call now, as the API tells it.
pub fn state(record: &Value) -> ConnectionState {
    match text(record, "state").as_str() {
        "paused" => ConnectionState::Paused,
        "suspended" => ConnectionState::Suspended,
        "revoked" => ConnectionState::Revoked,
        _ => ConnectionState::Active,
    }
}

/// The list.
pub async fn show(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let connections = known(&web, &visit, &person, &format!(",{ROW_FIELDS},{}", powers::FIELDS)).await?;
    let selected = FilterKind::parse(&visit.asked("filter")).unwrap_or(FilterKind::All);
    let (powers, now) = (Powers::of(web.door.catalogue()), person.zone.now().to_string());
    let fits = |one: &Known, kind: FilterKind| fits(one, kind, &powers, &now);
    let number = |kind: FilterKind| Count(connections.iter().filter(|one| fits(one, kind)).count() as u64);
    let filters = FilterKind::ALL.into_iter().map(|kind| Filter { kind, count: number(kind) }).collect();
    let mut shown: Vec<&Known> = connections.iter().filter(|one| fits(one, selected)).collect();
    shown.sort_by_key(|one| (one.need.as_ref().map_or(u8::MAX, |(kind, _)| kind.rank()), one.name.to_lowercase()));
    let all = Count(shown.len() as u64);
    let address = |part| format!("/console/connections?filter={}&page={part}", selected.name());
    let (shown, pager) = Pager::cut(shown, &visit.asked("page"), address);
    let rows = shown.into_iter().map(|one| row(one, &powers, &now)).collect();
    let page = Connections { frame: web.frame(&visit, &person, Section::Connections), filters, selected, rows, all, pager };
    Ok(render(&web, &visit, 200, &page))
}

fn fits(one: &Known, kind: FilterKind, powers: &Powers, now: &str) -> bool {
    let bounds = || Bounds::of(&one.record, now);
    let lives = one.state != ConnectionState::Revoked;
    lives != (kind == FilterKind::Over)
        && match kind {
            FilterKind::Over => true,
            FilterKind::All => true,
            FilterKind::NeedsYou => one.need.is_some(),
            FilterKind::CanWrite => powers.can_change(&bounds()),
            FilterKind::SeesOwnerContact => bounds().shows(Category::OwnerContact),
            FilterKind::Unused => one.is_unused,
        }
}

fn row(one: &Known, powers: &Powers, now: &str) -> Row {
    let bounds = Bounds::of(&one.record, now);
    let changes = if is(&one.record, "writes_enabled") { powers.changes(&bounds) } else { Vec::new() };
    Row {
        id: one.id.clone(),
        name: one.name.clone(),
        run_by: run_by(&one.record),
        reason: text(&one.record, "reason"),
        sees: sentence("It can see ", &powers.sees(&bounds), "It sees nothing."),
        changes: sentence("It can ", &changes, "It changes nothing."),
        last_used: one.last_used.clone(),
        calls: Count(one.calls),
        state: one.state,
        needs_you: one.need.as_ref().filter(|(kind, _)| !kind.is_state()).map(|(kind, _)| capital(kind.headline())),
    }
}

/// Who runs it, in words.
pub fn run_by(record: &Value) -> String {
    let run_by = text(record, "run_by");
    match (run_by.is_empty(), text(record, "made_by").is_empty()) {
        (false, _) => run_by,
        // The console asks for it; keys that are made elsewhere need not say it.
        (true, true) => "whoever it was made for by the person who runs the server".to_owned(),
        (true, false) => "whoever it was made for by another connection".to_owned(),
    }
}

/// So many things are named in a list; the connection's own page has them all.
const NAMED_MAX: usize = 3;

fn sentence(begin: &str, parts: &[String], none: &str) -> String {
    match parts {
        [] => none.to_owned(),
        [named @ .., _, _] if named.len() >= NAMED_MAX => {
            let named = named.get(..NAMED_MAX).unwrap_or_default();
            format!("{begin}{}, and {} more.", named.join(", "), parts.len() - NAMED_MAX)
        }
        [one] => format!("{begin}{one}."),
        [most @ .., last] => format!("{begin}{}, and {last}.", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_sentence_names_the_first_and_counts_the_rest() {
        let parts: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        let say = |count: usize| sentence("It can see ", parts.get(..count).unwrap_or_default(), "It sees nothing.");
        assert_eq!(say(0), "It sees nothing.");
        assert_eq!(say(1), "It can see a.");
        assert_eq!(say(4), "It can see a, b, c, and d.");
        assert_eq!(say(5), "It can see a, b, c, and 2 more.");
    }
}
