//! `organizations.list`

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Record as _, Reply, Route, Spec};
use clinicos_gate::{Cx, Input, Listing, Operation};

use super::model::Organization;
use super::{RESOURCE, rows};
use crate::reach;

/// Lists organizations.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "organizations.list",
        route: Route::get("/v1/organizations"),
        summary: "List organizations",
        description: "A connection sees the organization that its clinic belongs to.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Organization,
        agents: Agents::Allowed,
        reply: Reply::list(Organization::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Listing, Problem> {
        let seen = reach::organization(cx)?;
        let scope = vec![rows::seen_param(seen), reach::tombstones(&input.query)];
        Ok(Listing { sql: &rows::LIST, scope, emit: rows::emit })
    }
}
