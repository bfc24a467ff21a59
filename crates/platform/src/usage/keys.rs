//! `GET /v1/key_usage`

use std::borrow::Cow;

use clinicos_contract::query::{LIMIT_DEFAULT, Operand};
use clinicos_contract::{
    Access, Agents, Category, Field, Problem, RateClass, Record as _, Reply, Route, Spec, Timestamp, record,
};
use clinicos_gate::{AnyRecord, Caller, ConnectionId, Cx, Input, KeyId, Operation, OrProblem as _, Page};
use clinicos_store::journal::audit::usage::last_uses;
use clinicos_store::page::After;

use super::RESOURCE;
use crate::keys::model::KeyState;
use crate::keys::{self, rows};

record! {
    /// When, and from where, a key was used.
    pub struct KeyUsage<'a> as "key_usage" {
        /// The key.
        id: KeyId = Field::of(Category::RecordSystem),
        /// The connection that it belongs to.
        connection_id: ConnectionId = Field::of(Category::RecordSystem).equal(),
        /// Whether it may be used.
        state: KeyState = Field::of(Category::Practice).equal(),
        /// Its last call, a refused one included; null if it never called.
        last_used_at: Option<Timestamp> = Field::of(Category::Practice),
        /// Where its last call came from, since the server was started. Only for who may change keys.
        last_address: Option<Cow<'a, str>> = Field::of(Category::Practice),
        /// Distinct addresses of its calls in the last 24 hours, since the server was started, counted
        /// up to 64. Only for who may change keys.
        addresses_24h: Option<i64> = Field::of(Category::Practice),
        /// Always 1.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

/// Tells how each key was used.
pub struct Keys;

impl Operation for Keys {
    const SPEC: Spec = Spec {
        id: "usage.keys",
        route: Route::get("/v1/key_usage"),
        summary: "List the usage of keys",
        description: "For each key its last use. Where calls came from is told to admins, and to what may change keys; the \
                      server remembers that until it stops.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::list(KeyUsage::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Page;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Page, Problem> {
        let (clinic, now) = (cx.clinic_id()?, cx.now());
        let limit = usize::try_from(input.query.limit.unwrap_or(LIMIT_DEFAULT)).unwrap_or(1);
        let after = input.after.as_ref().map(|after| after.id.as_str()).unwrap_or_default();
        let equal = |name: &str| {
            input.query.filters.iter().find_map(|term| match &term.value {
                Operand::Text(value) if term.field == name => Some(value.as_str()),
                _ => None,
            })
        };
        let wanted = rows::Wanted { connection: equal("connection_id"), state: equal("state"), after, limit: limit as i64 + 1 };
        let mut ids = rows::ids_after(cx.conn(), clinic, &wanted, now).await.or_problem()?;
        let more = ids.len() > limit;
        ids.truncate(limit);
        let next = more.then(|| ids.last().map(|(last, ..)| After { sort: None, id: last.to_string() })).flatten();
        let services = cx.services();
        let is_wanted = input.query.fields.as_ref().is_none_or(|fields| fields.contains(&"last_used_at"));
        let asked: Vec<_> = ids.iter().filter(|_| is_wanted).map(|(id, ..)| id.to_bytes()).collect();
        let last = last_uses(cx.conn(), &services.tail, clinic.to_bytes(), &asked).await.or_problem()?;
        let told = may_change_keys(cx);
        let usage = |(id, connection_id, state): (KeyId, ConnectionId, KeyState)| {
            let seen = told.then(|| cx.services().seen.sighting(connection_id, id, now)).flatten();
            Box::new(KeyUsage {
                id,
                connection_id,
                state,
                last_used_at: last.get(&id.to_bytes()).copied().map(Timestamp::from_micros),
                last_address: seen.map(|seen| Cow::Owned(seen.last.to_string())),
                addresses_24h: seen.map(|seen| seen.recent as i64),
                version: 1,
            }) as Box<dyn AnyRecord>
        };
        Ok(Page { records: ids.into_iter().map(usage).collect(), next })
    }
}

/// Admins, whoever runs the server, and connections that an admin let change keys.
fn may_change_keys(cx: &Cx<'_>) -> bool {
    match cx.permit().caller() {
        Caller::Operator => true,
        Caller::Stranger => false,
        Caller::User { role, .. } => role.may_change(),
        Caller::Connection { .. } => {
            let scope = format!("{}:write", keys::RESOURCE.name);
            cx.services().scopes.position(&scope).is_some_and(|position| cx.permit().grant().scopes.contains(position))
        }
    }
}
