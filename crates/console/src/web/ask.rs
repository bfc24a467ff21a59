//! Calls of the door, as the person who is signed in.

use bytes::Bytes;
use clinicos_contract::{Problem, source};
use clinicos_gate::people::Role;
use clinicos_gate::{Body, Credential, Environment, Origin, Request, keyring};
use futures_util::future::{try_join, try_join3};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Web;
use super::history::said;
use super::names::OPERATOR;
use super::respond::{Refused, flash};
use super::say::Zone;
use super::visit::Visit;
use crate::frame::{Frame, Section, User, WritesStopped};

/// Rows that one call of a list gives.
const PAGE: usize = 200;
/// Pages of a list that one page of the console reads at most: more than any clinic has.
const PAGES_MAX: usize = 500;

/// A page of a list.
#[derive(Deserialize)]
struct Listed<T> {
    data: Vec<T>,
    next_cursor: Option<String>,
}

/// A call that is about to be made.
#[derive(Default)]
pub struct Ask<'a> {
    pub operation: &'a str,
    pub path: Vec<(&'static str, String)>,
    pub query: String,
    pub body: Option<Value>,
    /// The version that a change is based on.
    pub version: Option<i64>,
    /// Set if the same form sent twice must happen once.
    pub once: Option<String>,
}

/// Who is signed in, and where.
pub struct Person {
    pub user: Value,
    pub clinic: Value,
    pub emergency: Value,
    pub zone: Zone,
    /// Who can change things, in a sentence, if this person cannot.
    pub only_looks: Option<String>,
}

impl Web {
    /// Whether the data is synthetic.
    pub fn is_sandbox(&self) -> bool {
        self.door.services().environment == Environment::Sandbox
    }

    /// Whether browsers reach the server through TLS.
    pub fn is_encrypted(&self) -> bool {
        self.door.services().base_url.starts_with("https://")
    }

    /// A value that nobody can guess, for a form that must happen once.
    pub fn nonce(&self) -> String {
        keyring::to_hex(&source::random::<16>(&*self.door.services().entropy))
    }

    /// Calls an operation as the person who is signed in.
    pub async fn ask(&self, visit: &Visit, ask: Ask<'_>) -> Result<Value, Box<Refused>> {
        self.ask_as(visit, visit.credential(), ask).await
    }

    /// Calls an operation with another credential.
    pub async fn ask_as(&self, visit: &Visit, credential: Credential, ask: Ask<'_>) -> Result<Value, Box<Refused>> {
        Ok(serde_json::from_slice(&self.answer(visit, credential, ask).await?).unwrap_or_default())
    }

    /// What an operation answers, as it is sent.
    pub async fn answer(&self, visit: &Visit, credential: Credential, ask: Ask<'_>) -> Result<Bytes, Box<Refused>> {
        self.ask_from(visit.origin.clone(), credential, ask).await
    }

    async fn ask_from(&self, origin: Origin, credential: Credential, ask: Ask<'_>) -> Result<Bytes, Box<Refused>> {
        let Some(operation) = self.door.catalogue().find(ask.operation) else {
            return Err(Refused::by(origin, Problem::unavailable("a page asks for what does not exist")));
        };
        let body = ask.body.map(|body| Body {
            bytes: Bytes::from(body.to_string()),
            content_type: Some("application/json".to_owned()),
            content_encoding: None,
        });
        let request = Request {
            operation,
            credential,
            path: ask.path,
            query: ask.query,
            body: body.unwrap_or_default(),
            idempotency_key: operation.spec().idempotent.then(|| ask.once.unwrap_or_else(|| self.nonce())),
            if_match: ask.version.map(|version| format!("\"{version}-00000000\"")),
            version: None,
            caused_by: None,
            as_events: false,
            origin,
        };
        let answer = self.door.call(request).await;
        let (status, request_id) = (answer.status(), answer.request_id().to_string());
        let (headers, bytes) = answer.into_parts();
        if status < 400 {
            return Ok(bytes);
        }
        Err(Refused::of_door(status, &serde_json::from_slice(&bytes).unwrap_or_default(), request_id).with(headers))
    }

    /// Every row of a list.
    pub async fn all(&self, visit: &Visit, operation: &str, query: &str) -> Result<Vec<Value>, Box<Refused>> {
        self.rows(visit, operation, query).await
    }

    /// The same, read into what the page needs of them. A list that is longer than the bound is refused:
    /// a part of it would pass for all.
    pub async fn rows<T: DeserializeOwned>(&self, visit: &Visit, operation: &str, query: &str) -> Result<Vec<T>, Box<Refused>> {
        let mut rows = Vec::new();
        let mut cursor = String::new();
        for _ in 0..PAGES_MAX {
            let query = format!("limit={PAGE}{query}{cursor}");
            let page = self.answer(visit, visit.credential(), Ask { operation, query, ..Ask::default() }).await?;
            let Ok(page) = serde_json::from_slice::<Listed<T>>(&page) else {
                let problem = Problem::unavailable(format!("a page does not understand the answer of `{operation}`"));
                return Err(Refused::by(visit.origin.clone(), problem));
            };
            rows.extend(page.data);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(rows),
            }
        }
        let problem = Problem::unavailable(format!("`{operation}` lists more than a page can show"));
        Err(Refused::by(visit.origin.clone(), problem))
    }

    /// Who is signed in; 401 if nobody is.
    pub async fn person(&self, visit: &Visit) -> Result<Person, Box<Refused>> {
        let (user, clinic, mut emergency) = self.surroundings(visit).await?;
        let by = text(&emergency, "stopped_by");
        let named = if by.starts_with("usr_") {
            let ask = Ask { operation: "users.get", path: vec![("user_id", by)], ..Ask::default() };
            Some(text(&self.ask(visit, ask).await?, "name"))
        } else {
            (by == "operator").then(|| OPERATOR.to_owned())
        };
        if let (Some(name), Some(stopped_by)) = (named, emergency.get_mut("stopped_by")) {
            *stopped_by = Value::String(name);
        }
        let zone = Zone::of(&text(&clinic, "timezone"), self.door.services().clock.now());
        let only_looks = self.only_looks(visit, &user).await?;
        Ok(Person { user, clinic, emergency, zone, only_looks })
    }

    /// Who is signed in, and what a page asks for whoever that is.
    pub async fn person_and<T>(
        &self,
        visit: &Visit,
        other: impl Future<Output = Result<T, Box<Refused>>>,
    ) -> Result<(Person, T), Box<Refused>> {
        if self.is_signed_in(visit) {
            return try_join(self.person(visit), other).await;
        }
        Ok((self.person(visit).await?, other.await?))
    }

    /// The person, the clinic and its emergency.
    async fn surroundings(&self, visit: &Visit) -> Result<(Value, Value, Value), Box<Refused>> {
        let user = self.ask(visit, Ask { operation: "users.me", ..Ask::default() });
        let clinics = self.all(visit, "clinics.list", "");
        // Not with all that was said of it before, which one page shows.
        let query = "fields=writes_stopped_at,reason,stopped_by,version".to_owned();
        let emergency = self.ask(visit, Ask { operation: "emergency.get", query, ..Ask::default() });
        let (user, mut clinics, emergency) = if self.is_signed_in(visit) {
            try_join3(user, clinics, emergency).await?
        } else {
            (user.await?, clinics.await?, emergency.await?)
        };
        let own = clinics.iter().position(|clinic| text(clinic, "id") == text(&user, "clinic_id"));
        match own.map(|at| clinics.swap_remove(at)) {
            Some(clinic) => Ok((user, clinic, emergency)),
            None => Err(Refused::by(visit.origin.clone(), Problem::unavailable("a person's clinic is missing"))),
        }
    }

    /// Whether it is worth asking for several things at once: of somebody who is not signed in the log
    /// would then tell as many refusals. It decides nothing.
    fn is_signed_in(&self, visit: &Visit) -> bool {
        self.door.knows(&visit.credential())
    }

    /// Who can change things, if this person's role only looks.
    async fn only_looks(&self, visit: &Visit, user: &Value) -> Result<Option<String>, Box<Refused>> {
        let role_of = |user: &Value| Role::parse(&text(user, "role"));
        let Some(role) = role_of(user).filter(|role| !role.may_change()) else { return Ok(None) };
        let users = self.all(visit, "users.list", "").await?;
        let decides = |user: &&Value| role_of(user).is_some_and(Role::may_change) && text(user, "state") == "active";
        let mut names: Vec<String> = users.iter().filter(decides).map(|user| text(user, "name")).collect();
        let who = match (names.pop(), names.as_slice()) {
            (None, _) => "An admin of the clinic".to_owned(),
            (Some(one), []) => one,
            (Some(last), others) => format!("{} or {last}", others.join(", ")),
        };
        Ok(Some(format!("Your role, {}, looks and does not change. {who} can change this.", role.name())))
    }

    /// The name of who is signed in, for a page that is nobody's own: such a page keeps nobody signed in.
    pub async fn known_as(&self, session: Option<String>, origin: Origin) -> Option<String> {
        let origin = Origin { unattended: true, ..origin };
        let credential = Credential::Session(session?);
        // A session that is over is not asked about: that would stand in the log as a refusal.
        if !self.door.knows(&credential) {
            return None;
        }
        let user = self.ask_from(origin, credential, Ask { operation: "users.me", ..Ask::default() }).await.ok()?;
        Some(text(&serde_json::from_slice(&user).unwrap_or_default(), "name"))
    }

    /// What surrounds a page.
    pub fn frame(&self, visit: &Visit, person: &Person, section: Section) -> Frame {
        let stopped = text(&person.emergency, "writes_stopped_at");
        let writes_stopped = (!stopped.is_empty()).then(|| WritesStopped {
            by: text(&person.emergency, "stopped_by"),
            at: person.zone.when(&stopped),
            reason: said(text(&person.emergency, "reason")).unwrap_or_default(),
        });
        Frame {
            clinic: text(&person.clinic, "name"),
            sandbox: self.is_sandbox(),
            user: Some(User { name: text(&person.user, "name"), role: text(&person.user, "role") }),
            section,
            csrf: visit.csrf(self),
            flash: flash(visit),
            writes_stopped,
            only_looks: person.only_looks.clone(),
            known_as: None,
            zone: Some(person.zone.name().to_owned()),
            theme: None,
        }
    }

    /// What surrounds a page before sign-in.
    pub fn open_frame(&self, visit: &Visit) -> Frame {
        Frame { sandbox: self.is_sandbox(), csrf: visit.csrf(self), flash: flash(visit), ..Frame::default() }
    }
}

/// A text member; empty if there is none.
pub fn text(json: &Value, name: &str) -> String {
    json.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A whole number; 0 if there is none.
pub fn int(json: &Value, name: &str) -> i64 {
    json.get(name).and_then(Value::as_i64).unwrap_or_default()
}

/// A count; 0 if there is none.
pub fn count(json: &Value, name: &str) -> u64 {
    json.get(name).and_then(Value::as_u64).unwrap_or_default()
}

/// Whether a member is true.
pub fn is(json: &Value, name: &str) -> bool {
    json.get(name).and_then(Value::as_bool).unwrap_or_default()
}

/// A list; empty if there is none.
pub fn list<'j>(json: &'j Value, name: &str) -> &'j [Value] {
    json.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A list of texts.
pub fn texts(json: &Value, name: &str) -> Vec<String> {
    list(json, name).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
