//! `POST /v1/connections/{connection_id}/resume`

use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Cx, Input, One, Operation};

use super::model::{Connection, State};
use super::switch::{self, STATE_CHANGE, Why};
use super::{RESOURCE, events};

/// Lets a paused connection call again.
pub struct Resume;

impl Operation for Resume {
    const SPEC: Spec = Spec {
        id: "connections.resume",
        route: Route::post("/v1/connections/{connection_id}/resume"),
        summary: "Resume a connection",
        description: "Only a paused connection can be resumed; a revoked one never comes back.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: &STATE_CHANGE, verb: Verb::Create }),
        reply: Reply::one(Connection::SCHEMA),
        idempotent: true,
        heeds_if_match: true,
        security: true,
        emits: &[&events::RESUMED],
        problems: &[&problem::CONFLICT],
        example: r#"{"reason": "All is well"}"#,
        ..Spec::DEFAULT
    };
    type Body = Why;
    type Output = One<Connection<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Why>) -> Result<Self::Output, Problem> {
        switch::run(cx, input, &[State::Paused], State::Active, &events::RESUMED).await
    }
}
