//! `GET /v1/connections/{connection_id}`

use clinicos_contract::{Access, Agents, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::Connection;
use super::{RESOURCE, rows};

/// Reads one connection.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "connections.get",
        route: Route::get("/v1/connections/{connection_id}"),
        summary: "Get a connection",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::one(Connection::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Connection<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let (clinic, id, now) = (cx.clinic_id()?, input.id("connection_id")?, cx.now());
        rows::get(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found().map(One)
    }
}
