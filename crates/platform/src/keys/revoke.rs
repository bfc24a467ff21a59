//! `POST /v1/keys/{key_id}/revoke`

use clinicos_contract::schema::Schema;
use clinicos_contract::{
    Body, Category, Field, Problem, RateClass, Record as _, Reply, Route, Shape, Spec, Verb, WhenStopped, problem,
};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, conflict};
use serde::Deserialize;

use super::model::{Key, KeyState};
use super::{RESOURCE, events, rows};
use crate::connections::history::{self, Details, What};
use crate::connections::rows as connection_rows;

/// Ends a key, for good.
pub struct Revoke;

static REVOCATION: Schema = Schema {
    name: "key_revocation",
    doc: "Why a key ends. Who ends one in a hurry need not say.",
    fields: &[Field::of(Category::Practice).creatable().max(500).filled().named(
        "reason",
        "Why; stands in the connection's history.",
        Shape::Text,
        true,
    )],
};

/// Why a key ends.
#[derive(Debug, Deserialize)]
pub struct Revocation {
    #[serde(default)]
    reason: Option<String>,
}

impl Operation for Revoke {
    const SPEC: Spec = Spec {
        id: "keys.revoke",
        route: Route::post("/v1/keys/{key_id}/revoke"),
        summary: "Revoke a key",
        description: "Final: a revoked key never comes back. Once this is answered, no later call with the key is accepted. Possible also while all writes of the clinic are stopped.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: &REVOCATION, verb: Verb::Create }),
        reply: Reply::one(Key::SCHEMA),
        idempotent: true,
        security: true,
        when_stopped: WhenStopped::Allowed,
        emits: &[&events::REVOKED],
        problems: &[&problem::CONFLICT],
        example: r#"{"reason": "The server that used it is gone"}"#,
        ..Spec::DEFAULT
    };
    type Body = Revocation;
    type Output = One<Key<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Revocation>) -> Result<Self::Output, Problem> {
        let (clinic, id, now) = (cx.clinic_id()?, input.id("key_id")?, cx.now());
        let mut key = rows::lock(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found()?;
        if key.revoked_at.is_some() {
            return Err(conflict("the key is revoked already"));
        }
        key.revoked_at = Some(now);
        key.state = KeyState::Revoked;
        key.updated_at = now;
        key.version += 1;
        rows::update(cx.conn(), &key).await.or_problem()?;
        let connection = connection_rows::get(cx.conn(), clinic, key.connection_id, now).await.or_problem()?.or_not_found()?;
        history::note(cx, &connection, What::KeyRevoked, Details::default(), input.body.reason.as_deref()).await?;
        cx.security_change("key.revoked", Some(clinic), key.id.any());
        cx.emit(Announcement::new(&events::REVOKED, key.id.any(), key.version).with("connection_id", key.connection_id));
        Ok(One(key))
    }
}
