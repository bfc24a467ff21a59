//! `GET /v1/connections/{connection_id}/changes`

use clinicos_contract::{Access, Agents, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{ConnectionId, Cx, Input, Listing, Operation, OrNotFound as _, OrProblem as _};

use super::history::ConnectionChange;
use super::{RESOURCE, rows};

/// Lists what was changed about a connection, oldest first.
pub struct Changes;

impl Operation for Changes {
    const SPEC: Spec = Spec {
        id: "connections.changes",
        route: Route::get("/v1/connections/{connection_id}/changes"),
        summary: "List the changes of a connection",
        description: "Oldest first: what was changed, when, by whom and why. Nothing is ever taken away from it.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::list(ConnectionChange::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Listing, Problem> {
        let (clinic, id): (_, ConnectionId) = (cx.clinic_id()?, input.id("connection_id")?);
        rows::get(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
        Ok(Listing { sql: &rows::CHANGES, scope: vec![clinic.into(), id.into()], emit: rows::emit_change })
    }
}
