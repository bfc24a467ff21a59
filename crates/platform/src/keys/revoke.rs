//! `POST /v1/keys/{key_id}/revoke`

use clinicos_contract::{Problem, RateClass, Record as _, Reply, Route, Spec, WhenStopped, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, conflict};

use super::model::{Key, KeyState};
use super::{RESOURCE, events, rows};
use crate::connections::history::{self, Details, What};
use crate::connections::rows as connection_rows;

/// Ends a key, for good.
pub struct Revoke;

impl Operation for Revoke {
    const SPEC: Spec = Spec {
        id: "keys.revoke",
        route: Route::post("/v1/keys/{key_id}/revoke"),
        summary: "Revoke a key",
        description: "Final: a revoked key never comes back. Once this is answered, no later call with the key is accepted. Possible also while all writes of the clinic are stopped.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        reply: Reply::one(Key::SCHEMA),
        idempotent: true,
        security: true,
        when_stopped: WhenStopped::Allowed,
        emits: &[&events::REVOKED],
        problems: &[&problem::CONFLICT],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Key<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
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
        history::note(cx, &connection, What::KeyRevoked, Details::default(), None).await?;
        cx.security_change("key.revoked", Some(clinic), key.id.any());
        cx.emit(Announcement::new(&events::REVOKED, key.id.any(), key.version).with("connection_id", key.connection_id));
        Ok(One(key))
    }
}
