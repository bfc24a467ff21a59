//! `GET /console/connections/{id}`

use std::collections::BTreeMap;

use clinicos_contract::{Purpose, RateClass};
use clinicos_gate::limits::{Policy, QUOTA_MAX};
use futures_util::future::{try_join, try_join5};
use serde_json::{Value, json};

use super::Web;
use super::ask::{Ask, Person, count, int, is, list, text, texts};
use super::connections::{run_by, state};
use super::history;
use super::names::Names;
use super::powers::{Bounds, Kind, Power, Powers, callable};
use super::respond::{Page, Refused, Response, render};
use super::say;
use super::visit::Visit;
use super::why;
use crate::faults::Faults;
use crate::frame::Section;
use crate::pager::Pager;
use crate::pages::activity::{Activity, Line, SignedOut, folded};
use crate::pages::connection::{
    CategoryUse, Change, ConnectionPage, Limits, Made, OperationChoice, RefusedForm, ResourceChoice, ScopeOption,
};
use crate::pages::connections::ConnectionState;
use crate::words::{Count, Fact, capital, counted, in_path};

/// Lines of what it did, and the calls that they are told from.
const LINES: usize = 15;
const CALLS: usize = 60;

/// One connection, as the API tells it.
pub async fn read(web: &Web, visit: &Visit) -> Result<Value, Box<Refused>> {
    let path = vec![("connection_id", visit.part("id"))];
    web.ask(visit, Ask { operation: "connections.get", path, ..Ask::default() }).await
}

/// The page.
pub async fn show(web: Web, visit: Visit) -> Page {
    let page = page(&web, &visit).await?;
    Ok(render(&web, &visit, 200, &page))
}

/// The page of a form that was refused, with what was typed in it.
pub async fn again(web: &Web, visit: &Visit, status: u16, faults: Faults) -> Page {
    let mut page = page(web, visit).await?;
    let control = visit.part("control");
    match control.as_str() {
        "limits" => (page.limits.read, page.limits.write) = (visit.again("read"), visit.again("write")),
        "addresses" => page.addresses = visit.lines("addresses"),
        "origins" => page.browser_origins = visit.lines("origins").lines().map(str::to_owned).collect(),
        "scopes" => {
            page.resources = choices(&Powers::of(web.door.catalogue()), &visit.ticked("scope"), &Bounds::default());
        }
        _ => {
            let ticked = visit.ticked("excluded");
            page.operations.iter_mut().for_each(|operation| operation.excluded = ticked.contains(&operation.id));
        }
    }
    // What was typed is about the record as it was, not as it may be by now.
    page.version = visit.field("version").parse().unwrap_or(page.version);
    page.refused = Some(RefusedForm { control, reason: visit.again("reason") });
    page.faults = faults;
    Ok(render(web, visit, status, &page))
}

async fn page(web: &Web, visit: &Visit) -> Result<ConnectionPage, Box<Refused>> {
    let (person, record) = web.person_and(visit, read(web, visit)).await?;
    let (id, path) = (text(&record, "id"), vec![("connection_id", visit.part("id"))]);
    let usage = web.ask(visit, Ask { operation: "usage.get", path, ..Ask::default() });
    let of_it = format!("&connection_id={id}");
    let told = try_join(usage, web.all(visit, "connections.changes", &of_it));
    let keys = super::key::of_connection(web, visit, &person, &record);
    let (lines, people) = (lines(web, visit, &person, &record), Names::of_people(web, visit));
    let (told, lines, made, keys, people) = try_join5(told, lines, made(web, visit), keys, people).await?;
    let (usage, mut changes) = told;
    changes.sort_by_key(|change| int(change, "version"));
    let (names, living) = try_join(people.with_keys_of(web, visit, &changes), living_made(web, visit, &made)).await?;
    let state = state(&record);
    let history: Vec<Change> = changes.iter().rev().map(|change| history::changed(web, &person, change, &names)).collect();
    let state_note = why::of_state(state, &changes, &history);
    let made_lives = living > 0;
    let part = |name: &'static str, place: &'static str| {
        move |part: usize| format!("/console/connections/{}?{name}={part}#{place}", in_path(&visit.part("id")))
    };
    let (keys, more_keys) = Pager::cut(keys, &visit.asked("keys"), part("keys", "keys"));
    let (history, more_history) = Pager::cut(history, &visit.asked("changes"), part("changes", "history"));
    let (made, more_made) = Pager::cut(made, &visit.asked("made"), part("made", "made"));
    let (scopes, powers) = (texts(&record, "scopes"), Powers::of(web.door.catalogue()));
    let bounds = Bounds::of(&record, &person.zone.now().to_string());
    let sentences = |parts: Vec<String>| parts.iter().map(|words| format!("{}.", capital(words))).collect::<Vec<_>>();
    Ok(ConnectionPage {
        frame: web.frame(visit, &person, Section::Connections),
        connection_id: text(&record, "id"),
        version: int(&record, "version"),
        name: text(&record, "name"),
        run_by: run_by(&record),
        reason: text(&record, "reason"),
        purpose: Purpose::parse(&text(&record, "purpose")).map_or(String::new(), |purpose| purpose.words().to_owned()),
        state,
        state_note,
        writes_enabled: is(&record, "writes_enabled"),
        sees: sentences(powers.sees(&bounds)),
        changes: sentences(powers.changes(&bounds)),
        sees_at_most: at_most(&web.door.services().limits, &record, RateClass::Read),
        changes_at_most: at_most(&web.door.services().limits, &record, RateClass::Write),
        usage: used(&person, &record, &usage, &names),
        keys,
        more_keys,
        addresses: texts(&record, "allowed_addresses").join("\n"),
        lines,
        live: visit.asked("live") != "off" && !state.is_over(),
        history,
        more_history,
        made,
        more_made,
        made_lives,
        facts: facts(&record).into_iter().chain(follower(&person, &usage)).collect(),
        limits: limits(&web.door.services().limits, &record),
        browser_origins: texts(&record, "browser_origins"),
        operations: operations(web, &record, &scopes),
        resources: choices(&powers, &scopes, &bounds),
        refused: None,
        faults: Faults::default(),
    })
}

/// With this status htmx takes the list and stops asking for it.
const LAST_ONE: u16 = 286;

/// `GET /console/connections/{id}/activity`
pub async fn activity(web: Web, visit: Visit) -> Page {
    let person = match web.person(&visit).await {
        Err(refused) if refused.status == 401 => return Ok(signed_out(&web, &visit)),
        other => other?,
    };
    let found = async {
        let record = read(&web, &visit).await?;
        let lines = lines(&web, &visit, &person, &record).await?;
        Ok::<_, Box<Refused>>((record, lines))
    };
    let (record, lines) = match found.await {
        Err(refused) if refused.status == 401 => return Ok(signed_out(&web, &visit)),
        other => other?,
    };
    let live = state(&record) != ConnectionState::Revoked;
    let page = Activity { connection_id: text(&record, "id"), lines, live };
    Ok(render(&web, &visit, if live { 200 } else { LAST_ONE }, &page))
}

/// In the place of the list: a page for signing in would not fit there.
fn signed_out(web: &Web, visit: &Visit) -> Response {
    render(web, visit, LAST_ONE, &SignedOut { connection_id: visit.part("id") })
}

async fn lines(web: &Web, visit: &Visit, person: &Person, record: &Value) -> Result<Vec<Line>, Box<Refused>> {
    let query = format!("limit={CALLS}&fields={}&connection_id={}", say::LINE_FIELDS, text(record, "id"));
    let found = web.ask(visit, Ask { operation: "audit_entries.list", query, ..Ask::default() }).await?;
    let names = Names::of([(text(record, "id"), text(record, "name"))]);
    let line = |entry| say::line(web.door.catalogue(), &person.zone, entry, names.who(entry));
    Ok(folded(list(&found, "data").iter().map(line), LINES))
}

/// The names of the clinic's people, by their ids.
pub async fn people(web: &Web, visit: &Visit) -> Result<BTreeMap<String, String>, Box<Refused>> {
    let users = web.all(visit, "users.list", "&fields=name").await?;
    Ok(users.iter().map(|user| (text(user, "id"), text(user, "name"))).collect())
}

/// What was allowed, beside what was used of it.
fn used(person: &Person, record: &Value, usage: &Value, names: &Names) -> Vec<CategoryUse> {
    let uses: BTreeMap<String, &Value> = list(usage, "categories").iter().map(|one| (text(one, "category"), one)).collect();
    let none = Value::Null;
    let granted = list(record, "opt_ins");
    granted
        .iter()
        .map(|opt_in| {
            let category = text(opt_in, "category");
            let found = uses.get(&category).copied().unwrap_or(&none);
            CategoryUse {
                words: say::category(&category),
                granted_at: person.zone.maybe(opt_in, "granted_at"),
                granted_by: Some(text(opt_in, "granted_by"))
                    .filter(|by| !by.is_empty())
                    .map(|by| names.actor(&json!({"actor": by}))),
                until: person.zone.maybe(opt_in, "expires_at"),
                shown_text: Some(text(opt_in, "shown_text")).filter(|text| !text.is_empty()),
                calls: Count(count(found, "calls")),
                records: Count(count(found, "records")),
                last_use: person.zone.maybe(found, "last_used_at"),
                removable: granted.len() > 1 && text(record, "state") != "revoked",
                category,
            }
        })
        .collect()
}

/// The connections that its keys made.
pub async fn made(web: &Web, visit: &Visit) -> Result<Vec<Made>, Box<Refused>> {
    let found = web.all(visit, "connections.list", &format!("&fields=name,state&made_by={}", in_path(&visit.part("id")))).await?;
    let made = |record: &Value| {
        let state = state(record);
        Made { id: text(record, "id"), name: text(record, "name"), words: state.words(), is_over: state.is_over() }
    };
    Ok(found.iter().map(made).collect())
}

/// How many of what its keys made, and of what those made in turn, are not over. What is over itself
/// may have made what lives.
pub async fn living_made(web: &Web, visit: &Visit, made: &[Made]) -> Result<usize, Box<Refused>> {
    if made.is_empty() {
        return Ok(0);
    }
    let all = web.all(visit, "connections.list", "&fields=state,made_by").await?;
    let mut made_by: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for record in &all {
        made_by.entry(text(record, "made_by")).or_default().push(record);
    }
    let (mut living, mut makers) = (0, vec![visit.part("id")]);
    while let Some(maker) = makers.pop() {
        let children = made_by.remove(&maker).unwrap_or_default();
        living += children.iter().filter(|record| !state(record).is_over()).count();
        makers.extend(children.iter().map(|record| text(record, "id")));
    }
    Ok(living)
}

fn facts(record: &Value) -> Vec<Fact> {
    let named = ["id", "app_id", "purpose", "recipient", "pinned_version", "catalogue_version", "created_at", "updated_at"];
    let mut facts: Vec<Fact> =
        named.into_iter().map(|name| Fact { name: capital(&name.replace('_', " ")), value: text(record, name) }).collect();
    facts.push(Fact { name: "Scopes".to_owned(), value: texts(record, "scopes").join(" ") });
    facts.push(Fact { name: "Browser origins".to_owned(), value: texts(record, "browser_origins").join(" ") });
    facts
}

/// How far its copy is behind, if it follows changes.
fn follower(person: &Person, usage: &Value) -> Option<Fact> {
    let at = person.zone.maybe(usage, "followed_at")?;
    let behind = match u64::try_from(int(usage, "behind")).unwrap_or_default() {
        0 => "holds everything".to_owned(),
        events => format!("{} behind", counted(events, "event", "events")),
    };
    Some(Fact { name: "Following changes".to_owned(), value: format!("{behind}; last came {}", at.words) })
}

/// The calls a minute that were set for it.
fn limit_of(record: &Value, class: RateClass) -> Option<u64> {
    record.get("limits").and_then(|limits| limits.get(class.name())).and_then(Value::as_u64)
}

/// How often it may call, if that is less than usual.
fn at_most(policy: &Policy, record: &Value, class: RateClass) -> Option<String> {
    let usual = u64::from(policy.quota(class).0);
    let calls = limit_of(record, class).filter(|calls| *calls < usual)?;
    let kind = if class == RateClass::Read { "reading" } else { "changing" };
    Some(format!(
        "At most {} a minute; {} is usual.",
        counted(calls, &format!("{kind} call"), &format!("{kind} calls")),
        Count(usual)
    ))
}

fn limits(policy: &Policy, record: &Value) -> Limits {
    let set = |class| limit_of(record, class).map(|calls| calls.to_string()).unwrap_or_default();
    let usual = |class: RateClass| Count(u64::from(policy.quota(class).0));
    Limits {
        read: set(RateClass::Read),
        write: set(RateClass::Write),
        read_usual: usual(RateClass::Read),
        write_usual: usual(RateClass::Write),
        max: u64::from(QUOTA_MAX),
    }
}

/// The calls that its scopes cover, and those that were forbidden.
fn operations(web: &Web, record: &Value, scopes: &[String]) -> Vec<OperationChoice> {
    let excluded = texts(record, "excluded_operations");
    let covers = |scope: &str| scopes.iter().any(|held| held == scope || held.replace(":write", ":read") == scope);
    let listed = callable(web.door.catalogue()).filter(|spec| covers(&spec.scope()) || excluded.iter().any(|id| id == spec.id));
    listed
        .map(|spec| OperationChoice {
            id: spec.id.to_owned(),
            words: spec.summary.to_owned(),
            excluded: excluded.iter().any(|id| id == spec.id),
        })
        .collect()
}

/// What can be allowed, as boxes to tick: scopes that some call of a key needs, and those that are
/// held, so that they can be taken away. A box says what was taken away of it since it was ticked.
pub fn choices(powers: &Powers, scopes: &[String], bounds: &Bounds) -> Vec<ResourceChoice> {
    let mut choices: Vec<ResourceChoice> = Vec::new();
    for power in powers.iter() {
        let checked = scopes.contains(&power.scope);
        if !(checked || power.is_needed()) {
            continue;
        }
        let title = power.resource.title;
        if choices.last().is_none_or(|choice| choice.title != title) {
            choices.push(ResourceChoice { title: title.to_owned(), see: None, change: None, acts: Vec::new() });
        }
        let option = option(power, checked, bounds);
        let Some(choice) = choices.last_mut() else { continue };
        match power.kind {
            Kind::See => choice.see = Some(option),
            Kind::Change => choice.change = Some(option),
            Kind::Act => choice.acts.push(option),
        }
    }
    choices
}

fn option(power: &Power, checked: bool, bounds: &Bounds) -> ScopeOption {
    ScopeOption { scope: power.scope.clone(), words: capital(&power.words), note: power.taken(bounds), checked }
}
