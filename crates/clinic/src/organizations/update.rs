//! `organizations.update`

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::{Organization, OrganizationPatch};
use super::{RESOURCE, events, rows, sample};
use crate::reach;

/// Changes an organization.
pub struct Update;

impl Operation for Update {
    const SPEC: Spec = Spec {
        id: "organizations.update",
        route: Route::patch("/v1/organizations/{organization_id}"),
        summary: "Change an organization",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Organization,
        // A clinic's key speaks for that clinic, not for the others of its group.
        operator_only: true,
        agents: Agents::AskFirst,
        body: Some(Body { schema: Organization::SCHEMA, verb: Verb::Update }),
        reply: Reply::one(Organization::SCHEMA),
        if_match: true,
        emits: &[&events::UPDATED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE, &problem::RULE_BROKEN],
        example: sample::UPDATE,
        ..Spec::DEFAULT
    };
    type Body = OrganizationPatch;
    type Output = One<Organization<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<OrganizationPatch>) -> Result<Self::Output, Problem> {
        let seen = reach::organization(cx)?;
        let mut organization = rows::lock(cx.conn(), seen, input.id("organization_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(organization.version)?;
        let changes = organization.apply(input.body)?;
        if changes.is_empty() {
            return Ok(One(organization));
        }
        organization.touch(cx.now());
        rows::update(cx.conn(), &organization).await.or_problem()?;
        let announcement = Announcement::new(&events::UPDATED, organization.id.any(), organization.version);
        cx.emit(announcement.changed(changes.names()));
        Ok(One(organization))
    }
}
