//! `/console/emergency`

use serde_json::{Value, json};

use super::Web;
use super::ask::{Ask, Person, int, is, list, text};
use super::changed::{self, stale};
use super::connection::people;
use super::connections::state;
use super::controls::unclear;
use super::history::{ALLOWED_WITHOUT_WORDS, STOPPED_WITHOUT_WORDS, said};
use super::names::OPERATOR;
use super::powers::{self, Bounds, Powers};
use super::respond::{Page, Refused, render, told};
use super::visit::Visit;
use crate::frame::Section;
use crate::pages::connection::Change;
use crate::pages::connections::ConnectionState;
use crate::pages::emergency::Emergency;
use crate::words::Count;

/// How often the switch was used is read from the log, this many at most.
const TURNS: usize = 10;

/// The switch.
pub async fn show(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let connections = web.all(&visit, "connections.list", &format!("&fields=state,{}", powers::FIELDS)).await?;
    let history = history(&web, &visit, &person).await?;
    let (powers, now) = (Powers::of(web.door.catalogue()), person.zone.now().to_string());
    let can_change = |one: &&Value| state(one) == ConnectionState::Active && powers.can_change(&Bounds::of(one, &now));
    let writers = connections.iter().filter(can_change).count();
    let page = Emergency {
        frame: web.frame(&visit, &person, Section::Other),
        version: int(&person.emergency, "version"),
        writers: Count(writers as u64),
        history,
    };
    Ok(render(&web, &visit, 200, &page))
}

/// How the switch was turned, the newest first. Why is kept of the last turns; of those before, the
/// log has who and when.
async fn history(web: &Web, visit: &Visit, person: &Person) -> Result<Vec<Change>, Box<Refused>> {
    let names = people(web, visit).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| OPERATOR.to_owned());
    let query = "fields=turns".to_owned();
    let switch = web.ask(visit, Ask { operation: "emergency.get", query, ..Ask::default() }).await?;
    let told = |turn: &Value| Change {
        at: person.zone.when(&text(turn, "at")),
        who: name(&text(turn, "by")),
        what: if is(turn, "stopped") { STOPPED } else { ALLOWED }.to_owned(),
        why: said(text(turn, "reason")),
    };
    let mut history: Vec<Change> = list(&switch, "turns").iter().map(told).collect();
    let mut logged = Vec::new();
    for (operation, what) in [("emergency.stop_writes", STOPPED), ("emergency.allow_writes", ALLOWED)] {
        let query = format!("limit={TURNS}&operation={operation}&outcome=allowed");
        let found = web.ask(visit, Ask { operation: "audit_entries.list", query, ..Ask::default() }).await?;
        logged.extend(list(&found, "data").iter().map(|entry| Change {
            at: person.zone.when(&text(entry, "at")),
            who: name(&text(entry, "user_id")),
            what: what.to_owned(),
            why: None,
        }));
    }
    logged.sort_by(|one, other| other.at.exact.cmp(&one.at.exact));
    history.extend(logged.into_iter().skip(history.len()));
    Ok(history)
}

const STOPPED: &str = "stopped all changes";
const ALLOWED: &str = "allowed changes again";

/// Turns the switch.
pub async fn turn(web: Web, visit: Visit) -> Page {
    // A form that does not say what it wants lets nothing through.
    let stops = match visit.field("writes").as_str() {
        "stop" => true,
        "allow" => false,
        _ => return Err(unclear(&visit, "say whether changes are to stop or to be allowed")),
    };
    let operation = if stops { "emergency.stop_writes" } else { "emergency.allow_writes" };
    let without_words = if stops { STOPPED_WITHOUT_WORDS } else { ALLOWED_WITHOUT_WORDS };
    let reason = visit.filled("reason").unwrap_or_else(|| without_words.to_owned());
    // Whoever looked before the last stop does not undo it; stopping never waits for a second look.
    let version = if stops { None } else { visit.field("version").parse().ok() };
    let well =
        if stops { "All changes by connections are stopped." } else { "Connections may change again what they were allowed." };
    let ask = Ask { operation, body: Some(json!({"reason": reason})), version, ..Ask::default() };
    let turned = web.ask(&visit, ask).await.map(drop);
    if let Err(refused) = &turned
        && let Some(kept) = stale(&visit, refused)
    {
        return changed::of_emergency(&web, &visit, kept).await;
    }
    told(&web, &visit, "/console/emergency", turned, well).await
}
