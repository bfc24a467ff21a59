//! `POST /v1/connections/{connection_id}/pause`

use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, WhenStopped, problem};
use clinicos_gate::{Cx, Input, One, Operation};

use super::model::{Connection, State};
use super::switch::{self, PAUSE, Why};
use super::{RESOURCE, events};

/// Stops a connection until somebody resumes it, or for a time.
pub struct Pause;

impl Operation for Pause {
    const SPEC: Spec = Spec {
        id: "connections.pause",
        route: Route::post("/v1/connections/{connection_id}/pause"),
        summary: "Pause a connection",
        description: "Its next call is refused. Nothing is lost: resuming brings it back as it was, and so does the end of `until`. Possible also while all writes of the clinic are stopped.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: &PAUSE, verb: Verb::Create }),
        reply: Reply::one(Connection::SCHEMA),
        idempotent: true,
        security: true,
        when_stopped: WhenStopped::Allowed,
        emits: &[&events::PAUSED],
        problems: &[&problem::CONFLICT],
        example: r#"{"reason": "Looking into last night"}"#,
        ..Spec::DEFAULT
    };
    type Body = Why;
    type Output = One<Connection<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Why>) -> Result<Self::Output, Problem> {
        switch::run(cx, input, &[State::Active], State::Paused, &events::PAUSED).await
    }
}
