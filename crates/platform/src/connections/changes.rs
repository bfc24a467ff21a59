//! `GET /v1/connection_changes`

use clinicos_contract::{Access, Agents, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{Cx, Input, Listing, Operation};

use super::history::ConnectionChange;
use super::{RESOURCE, rows};

/// Lists what was changed about connections, oldest first.
pub struct Changes;

impl Operation for Changes {
    const SPEC: Spec = Spec {
        id: "connections.changes",
        route: Route::get("/v1/connection_changes"),
        summary: "List the changes of connections",
        description: "Oldest first: what was changed, when, by whom and why. Filter by `connection_id`. Nothing is ever taken away from it.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::list(ConnectionChange::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Listing, Problem> {
        Ok(Listing { sql: &rows::CHANGES, scope: vec![cx.clinic_param()?], emit: rows::emit_change })
    }
}
