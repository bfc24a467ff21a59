//! `organizations.get`

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::Organization;
use super::{RESOURCE, rows};
use crate::reach;

/// Gets one organization.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "organizations.get",
        route: Route::get("/v1/organizations/{organization_id}"),
        summary: "Get an organization",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Organization,
        agents: Agents::Allowed,
        reply: Reply::one(Organization::SCHEMA),
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Organization<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let seen = reach::organization(cx)?;
        let id = input.id("organization_id")?;
        rows::find(cx.conn(), seen, id).await.or_problem()?.or_not_found().map(One)
    }
}
