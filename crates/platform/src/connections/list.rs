//! `GET /v1/connections`

use clinicos_contract::{Access, Agents, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{Cx, Input, Listing, Operation};

use super::model::Connection;
use super::{RESOURCE, rows};

/// Lists what is connected to the clinic.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "connections.list",
        route: Route::get("/v1/connections"),
        summary: "List connections",
        description: "Everything that can touch the clinic's data: who it is, why, and what it may do. A connection whose pause has ended is `active`, here and in the filter.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::list(Connection::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Listing, Problem> {
        Ok(Listing { sql: &rows::LIST, scope: vec![cx.clinic_param()?, cx.now().into()], emit: rows::emit })
    }
}
