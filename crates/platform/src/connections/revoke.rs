//! `POST /v1/connections/{connection_id}/revoke`

use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, WhenStopped, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::bounds::Holder;
use super::model::{Connection, State};
use super::revoke_made::{RevokeMade, revoke_made};
use super::switch::{self, REVOCATION, Why};
use super::{RESOURCE, events, rows};

/// Ends a connection, for good, with all its keys.
pub struct Revoke;

impl Operation for Revoke {
    const SPEC: Spec = Spec {
        id: "connections.revoke",
        route: Route::post("/v1/connections/{connection_id}/revoke"),
        summary: "Revoke a connection",
        description: "Final: coming back takes a new key. In force before this call is answered. What its keys made lives on until `revoke_made`, or ends with it if `made` says so and the caller may call that. Possible also while all writes of the clinic are stopped.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: &REVOCATION, verb: Verb::Create }),
        reply: Reply::one(Connection::SCHEMA),
        idempotent: true,
        security: true,
        when_stopped: WhenStopped::Allowed,
        emits: &[&events::REVOKED],
        problems: &[&problem::CONFLICT],
        example: r#"{"reason": "No longer used"}"#,
        ..Spec::DEFAULT
    };
    type Body = Why;
    type Output = One<Connection<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Why>) -> Result<Self::Output, Problem> {
        if input.body.takes_made_along() {
            let (clinic, id, now) = (cx.clinic_id()?, input.id("connection_id")?, cx.now());
            may_take_made_along(cx).await?;
            // The maker first, as in `revoke_made`: who ends the same one waits, and nobody for each other.
            rows::lock(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found()?;
            revoke_made(cx, id, input.body.reason()).await?;
        }
        switch::run(cx, input, &[State::Active, State::Paused, State::Suspended], State::Revoked, &events::REVOKED).await
    }
}

/// An admin who excluded the one way to end what a connection made excluded the other, too.
async fn may_take_made_along(cx: &mut Cx<'_>) -> Result<(), Problem> {
    let excluded = RevokeMade::SPEC.id;
    match Holder::of(cx).await? {
        Some(own) if own.excluded().0.iter().any(|name| name == excluded) => {
            let detail = format!("an admin of the clinic excluded `{excluded}` for this connection; leave `made` out");
            Err(Problem::new(&problem::OPERATION_EXCLUDED, detail))
        }
        _ => Ok(()),
    }
}
