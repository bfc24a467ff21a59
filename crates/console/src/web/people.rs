//! `/console/people`

use std::collections::BTreeMap;

use clinicos_contract::Problem;
use clinicos_gate::people::Role;
use serde_json::{Value, json};

use super::Web;
use super::amend::{self, Field};
use super::ask::{Ask, Person, int, is, text};
use super::key::some;
use super::once;
use super::respond::{Page, Refused, render, told};
use super::visit::Visit;
use crate::faults::Faults;
use crate::frame::Section;
use crate::pager::Pager;
use crate::pages::people::{EndAccess, InvitedPage, People, PersonRow, PersonState};
use crate::words::{Choice, in_path};

const HERE: &str = "/console/people";
const FIELDS: [Field; 3] = [NAME, EMAIL, Field::new("/role", "role", "Role")];
const NAME: Field = Field::new("/name", "name", "Name");
const EMAIL: Field = Field::new("/email", "email", "E-mail address");

/// `GET /console/people`
pub async fn show(web: Web, visit: Visit) -> Page {
    let page = page(&web, &visit, Faults::default()).await?;
    Ok(render(&web, &visit, 200, &page))
}

async fn page(web: &Web, visit: &Visit, faults: Faults) -> Result<People, Box<Refused>> {
    let person = web.person(visit).await?;
    let users = web.all(visit, "users.list", "").await?;
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    for session in web.all(visit, "sessions.list", "&fields=user_id,created_at").await? {
        // All times have one length, so they compare as text.
        let at = last.entry(text(&session, "user_id")).or_default();
        *at = text(&session, "created_at").max(std::mem::take(at));
    }
    let mut rows: Vec<PersonRow> = users.iter().map(|user| row(&person, user, last.get(&text(user, "id")))).collect();
    rows.sort_by_key(|row| (!row.state.has_access(), row.name.to_lowercase()));
    let (rows, pager) = Pager::cut(rows, &visit.asked("page"), |part| format!("{HERE}?page={part}"));
    Ok(People {
        frame: web.frame(visit, &person, Section::Other),
        faults,
        nonce: once::nonce(web, visit),
        rows,
        pager,
        name: visit.again("name"),
        email: visit.again("email"),
        roles: roles(&visit.field("role")),
    })
}

fn row(person: &Person, user: &Value, last: Option<&String>) -> PersonRow {
    let state = match text(user, "state").as_str() {
        "invited" => PersonState::Invited,
        "active" => PersonState::Active,
        _ => PersonState::Disabled,
    };
    PersonRow {
        id: text(user, "id"),
        name: text(user, "name"),
        email: text(user, "email"),
        roles: roles(&text(user, "role")),
        role: text(user, "role"),
        state,
        why: some(user, "state_reason"),
        last_sign_in: last.map(|at| person.zone.when(at)),
        second_factor: is(user, "second_factor"),
        is_self: text(user, "id") == text(&person.user, "id"),
        version: int(user, "version"),
    }
}

fn roles(chosen: &str) -> Vec<Choice> {
    let choice = |role: &&str| Choice { value: (*role).to_owned(), words: (*role).to_owned(), selected: *role == chosen };
    Role::NAMES.iter().map(choice).collect()
}

/// `POST /console/people`
pub async fn invite(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let body = json!({"email": visit.filled("email"), "name": visit.filled("name"), "role": visit.field("role")});
    let ask = Ask { operation: "users.invite", body: Some(body), once: once::sent(&visit), ..Ask::default() };
    match web.ask(&visit, ask).await {
        Ok(user) => Ok(invited(&web, &visit, &person, &user)),
        Err(refused) if refused.is_of_form() => {
            let own = amend::empty(&visit, &[("name", NAME), ("email", EMAIL)]);
            let faults = once::faults(&visit, &refused, &FIELDS, own, &once::INVITATION);
            let page = page(&web, &visit, faults).await?;
            Ok(render(&web, &visit, refused.status, &page))
        }
        Err(refused) => Err(refused),
    }
}

/// `POST /console/people/{id}/{control}`
pub async fn turn(web: Web, visit: Visit) -> Page {
    match visit.part("control").as_str() {
        "role" => update(&web, &visit, json!({"role": visit.field("role")}), "The role was changed.").await,
        "reinvite" => reinvite(&web, &visit, vec![("user_id", visit.part("id"))]).await,
        _ => Err(Refused::by(visit.origin, Problem::not_found())),
    }
}

async fn update(web: &Web, visit: &Visit, body: Value, well: &'static str) -> Page {
    let (path, version) = (vec![("user_id", visit.part("id"))], visit.field("version").parse().ok());
    let ask = Ask { operation: "users.update", path, body: Some(body), version, ..Ask::default() };
    let result = web.ask(visit, ask).await;
    let well = result.as_ref().map_or(well, |user| amend::came_of(version, user, well));
    told(web, visit, HERE, result.map(drop), well).await
}

/// `GET /console/people/{id}/disable`
pub async fn ask_disable(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let path = vec![("user_id", visit.part("id"))];
    let user = web.ask(&visit, Ask { operation: "users.get", path, ..Ask::default() }).await?;
    let page = EndAccess {
        frame: web.frame(&visit, &person, Section::Other),
        name: text(&user, "name"),
        path: format!("{HERE}/{}", in_path(&text(&user, "id"))),
        is_self: text(&user, "id") == text(&person.user, "id"),
        version: int(&user, "version"),
    };
    Ok(render(&web, &visit, 200, &page))
}

/// `POST /console/people/{id}/disable`
pub async fn disable(web: Web, visit: Visit) -> Page {
    let mut body = json!({"state": "disabled"});
    // Null would take away what was said before.
    if let (Some(reason), Some(members)) = (visit.filled("reason"), body.as_object_mut()) {
        members.insert("state_reason".to_owned(), Value::String(reason));
    }
    update(&web, &visit, body, "They may not sign in any more.").await
}

async fn reinvite(web: &Web, visit: &Visit, path: Vec<(&'static str, String)>) -> Page {
    // What the page needs is read before the write, so that the link is never lost.
    let person = web.person(visit).await?;
    match web.ask(visit, Ask { operation: "users.reinvite", path, once: once::sent(visit), ..Ask::default() }).await {
        Ok(user) => Ok(invited(web, visit, &person, &user)),
        Err(refused) => told(web, visit, HERE, Err(refused), "").await,
    }
}

/// The only page that ever shows the link.
fn invited(web: &Web, visit: &Visit, person: &Person, user: &Value) -> super::respond::Response {
    let base_url = web.door.services().base_url.trim_end_matches('/').to_owned();
    let page = InvitedPage {
        frame: web.frame(visit, person, Section::Other),
        name: text(user, "name"),
        email: text(user, "email"),
        link: format!("{base_url}/console/welcome?token={}", in_path(&text(user, "invitation"))),
    };
    render(web, visit, 200, &page)
}
