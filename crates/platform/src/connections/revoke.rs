//! `POST /v1/connections/{connection_id}/revoke`

use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, WhenStopped, problem};
use clinicos_gate::{Cx, Input, One, Operation};

use super::model::{Connection, State};
use super::revoke_made::revoke_made;
use super::switch::{self, REVOCATION, Why};
use super::{RESOURCE, events};

/// Ends a connection, for good, with all its keys.
pub struct Revoke;

impl Operation for Revoke {
    const SPEC: Spec = Spec {
        id: "connections.revoke",
        route: Route::post("/v1/connections/{connection_id}/revoke"),
        summary: "Revoke a connection",
        description: "Final: coming back takes a new key. In force before this call is answered. What its keys made lives on until `revoke_made`, or ends with it if `made` says so. Possible also while all writes of the clinic are stopped.",
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
            revoke_made(cx, input.id("connection_id")?, input.body.reason()).await?;
        }
        switch::run(cx, input, &[State::Active, State::Paused, State::Suspended], State::Revoked, &events::REVOKED).await
    }
}
