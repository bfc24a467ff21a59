//! A record as a connection sees it: read by the very operation that the connection would call, and written by the one
//! serializer, as far as both the connection and whoever asks may see it.

use clinicos_contract::wire::Embedded;
use clinicos_contract::{AnyId, Problem, Writer, id};
use clinicos_store::Conn;
use serde_json::Value;

use crate::call::{Ask, Found, Inner};
use crate::consents::{Holds, Sees};
use crate::cx::Cx;
use crate::decide::{CallerFacts, Gathered, granted};
use crate::facts::Snapshot;
use crate::follow::Direct;
use crate::ids::ConnectionId;
use crate::operation::Outcome;
use crate::permit::Permit;
use crate::services::Services;
use crate::trail::Trail;

/// A record that is to be shown as a connection sees it, and what was decided about that.
#[derive(Debug)]
pub struct Preview {
    id: AnyId,
    direct: Direct,
    /// What lets the caller read the record.
    permit: Permit,
    /// What both of them may see, or why the connection may not.
    sees: Result<Sees, Refused>,
}

/// Why a connection sees nothing of a kind of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The code of the refusal that it would be answered with.
    pub code: &'static str,
    /// In words.
    pub detail: String,
}

/// What of a record is left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it would stand, as a JSON pointer into the record.
    pub path: String,
    /// The category of data.
    pub category: String,
    /// `not_opted_in` or `client_consent`.
    pub reason: String,
}

/// A record as a connection sees it.
#[derive(Debug)]
pub struct Previewed {
    /// Its id.
    pub id: AnyId,
    /// The kind of record.
    pub kind: &'static str,
    /// The record and what is left out of it, or why nothing of it is seen.
    pub seen: Result<(Embedded, Vec<LeftOut>), Refused>,
}

impl Inner {
    /// Decides what whoever asks, and the connection that the path names, may see of a record that it names, too.
    pub(crate) fn preview(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        found: &Found,
        permit: &Permit,
        path: &[(&'static str, String)],
        trail: &mut Trail,
    ) -> Result<Preview, Problem> {
        let part = |name: &str| path.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text.as_str());
        let (prefix, bytes) = id::parse_any(part("record_id")).ok_or_else(Problem::not_found)?;
        let direct = self.catalogue.followed().iter().find(|direct| direct.prefix == prefix).copied();
        let direct = direct.ok_or_else(Problem::not_found)?;
        let id = AnyId { prefix: direct.prefix, bytes };
        // The entry keeps the reasons of the call itself, unless it is this that refuses.
        let reasons = std::mem::take(&mut trail.reasons);
        let spec = direct.operation.spec();
        let own = self.decide(snapshot, &Ask { spec, ..ask.clone() }, found, trail).map_err(|mut problem| {
            problem.detail = format!("to preview `{}`: {}", direct.schema.name, problem.detail);
            problem
        })?;
        trail.reasons = reasons;
        let clinic = permit.clinic().ok_or_else(Problem::not_found)?;
        let connection = ConnectionId::parse(part("connection_id")).and_then(|id| snapshot.connection(id));
        let connection = connection.filter(|connection| connection.clinic == clinic.id).ok_or_else(Problem::not_found)?;
        let facts = Gathered {
            spec,
            scope: self.catalogue.scope_of(spec),
            now: self.services.clock.now(),
            caller: CallerFacts::Operator,
            clinic: Some(clinic),
            consents: snapshot.consents(Some(clinic.id)),
            of_record: false,
            page: None,
            address: None,
            seq: snapshot.seq,
        };
        let seen = granted::seen_by(&facts, connection);
        let seen = seen.map_err(|problem| Refused { code: problem.code.name, detail: problem.detail.replace("this key", "it") });
        // Whoever asks is bound by no client, so what clients hide is what they hide from the connection.
        let both = seen.map(|seen| Sees { visible: seen.visible.and(own.visible), ..seen });
        Ok(Preview { id, direct, permit: own, sees: both })
    }
}

impl Preview {
    /// Whether another one shows the same.
    pub(crate) fn holds(&self, now: &Self) -> Holds {
        match (&self.sees, &now.sees) {
            (Ok(before), Ok(now)) if before.visible == now.visible => before.holds(now),
            (Err(before), Err(now)) if before == now => Holds::Yes,
            _ => Holds::Anew,
        }
    }

    /// Reads it.
    pub(crate) async fn read(&self, services: &Services, conn: &mut dyn Conn) -> Result<Previewed, Problem> {
        let input = self.direct.input(self.id);
        let mut cx = Cx::new(&self.permit, services, conn);
        // Who may read it is told that there is none even if the connection may not.
        let Outcome::One(record) = self.direct.operation.run(&mut cx, &input, None).await? else {
            return Err(Problem::unavailable(format!("{:?} answered with no record", self.direct)));
        };
        let seen = self.sees.as_ref().map_err(Clone::clone).map(|sees| {
            let mut out = Writer::with_capacity(1024);
            record.write(&mut out, &sees.view(self.direct.schema, None));
            let written = out.finish();
            let mut left_out = Vec::new();
            collect(&serde_json::from_slice(&written.bytes).unwrap_or_default(), "", &mut left_out);
            (written.into(), left_out)
        });
        Ok(Previewed { id: self.id, kind: self.direct.schema.name, seen })
    }
}

/// Finds what was left out of a record and of those within it.
fn collect(json: &Value, at: &str, found: &mut Vec<LeftOut>) {
    match json {
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| collect(item, &format!("{at}/{index}"), found)),
        Value::Object(members) => {
            for one in members.get("_redactions").and_then(Value::as_array).into_iter().flatten() {
                let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
                let path = format!("{at}{}", text("path"));
                found.push(LeftOut { path, category: text("category").to_owned(), reason: text("reason").to_owned() });
            }
            let others = members.iter().filter(|(name, _)| *name != "_redactions");
            others.for_each(|(name, member)| collect(member, &format!("{at}/{name}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
