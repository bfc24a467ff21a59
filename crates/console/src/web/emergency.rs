//! `/console/emergency`

use serde_json::json;

use super::Web;
use super::ask::{Ask, int, list, text};
use super::connection::people;
use super::connections::{can_write, state};
use super::controls::unclear;
use super::names::OPERATOR;
use super::respond::{Page, render, told};
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
    let connections = web.all(&visit, "connections.list", "&fields=state,scopes,writes_enabled").await?;
    let names = people(&web, &visit).await?;
    let mut history = Vec::new();
    for (operation, what) in
        [("emergency.stop_writes", "stopped all changes"), ("emergency.allow_writes", "allowed changes again")]
    {
        let query = format!("limit={TURNS}&operation={operation}&outcome=allowed");
        let found = web.ask(&visit, Ask { operation: "audit_entries.list", query, ..Ask::default() }).await?;
        history.extend(list(&found, "data").iter().map(|entry| Change {
            at: person.zone.when(&text(entry, "at")),
            who: names.get(&text(entry, "user_id")).cloned().unwrap_or_else(|| OPERATOR.to_owned()),
            what: what.to_owned(),
            why: None,
        }));
    }
    history.sort_by(|one, other| other.at.exact.cmp(&one.at.exact));
    // Of each turn the log keeps who and when; why is kept of the last one.
    if let Some(last) = history.first_mut() {
        last.why = Some(text(&person.emergency, "reason")).filter(|why| !why.is_empty());
    }
    let writers = connections.iter().filter(|one| can_write(one) && state(one) == ConnectionState::Active).count();
    let page = Emergency {
        frame: web.frame(&visit, &person, Section::Other),
        version: int(&person.emergency, "version"),
        writers: Count(writers as u64),
        history,
    };
    Ok(render(&web, &visit, 200, &page))
}

/// Turns the switch.
pub async fn turn(web: Web, visit: Visit) -> Page {
    // A form that does not say what it wants lets nothing through.
    let stops = match visit.field("writes").as_str() {
        "stop" => true,
        "allow" => false,
        _ => return Err(unclear(&visit, "say whether changes are to stop or to be allowed")),
    };
    let operation = if stops { "emergency.stop_writes" } else { "emergency.allow_writes" };
    let reason = Some(visit.field("reason")).filter(|reason| !reason.is_empty());
    let reason = reason.unwrap_or_else(|| if stops { "An emergency".to_owned() } else { "The emergency is over".to_owned() });
    // Whoever looked before the last stop does not undo it; stopping never waits for a second look.
    let version = if stops { None } else { visit.field("version").parse().ok() };
    let well = if stops { "All changes by connections are stopped." } else { "Connections may change again what they were allowed." };
    let ask = Ask { operation, body: Some(json!({"reason": reason})), version, ..Ask::default() };
    let turned = web.ask(&visit, ask).await.map(drop);
    told(&web, &visit, "/console/emergency", turned, well).await
}
