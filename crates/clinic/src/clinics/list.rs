//! `clinics.list`

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Record as _, Reply, Route, Spec};
use clinicos_gate::{Cx, Input, Listing, Operation};

use super::model::Clinic;
use super::{RESOURCE, rows};
use crate::reach;

/// Lists clinics.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "clinics.list",
        route: Route::get("/v1/clinics"),
        summary: "List clinics",
        description: "A connection sees the one clinic that it belongs to.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Organization,
        agents: Agents::Allowed,
        reply: Reply::list(Clinic::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Listing, Problem> {
        let seen = reach::clinic(cx)?;
        let scope = vec![rows::seen_param(seen), reach::tombstones(&input.query)];
        Ok(Listing { sql: &rows::LIST, scope, emit: rows::emit })
    }
}
