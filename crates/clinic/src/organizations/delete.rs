//! `organizations.delete`

use clinicos_contract::{Access, Problem, RateClass, Reach, Reply, Route, Spec, problem};
use clinicos_gate::{Announcement, Cx, Input, Nothing, Operation, OrNotFound as _, OrProblem as _, conflict};

use super::{RESOURCE, events, rows};
use crate::{reach, refusals};

/// Deletes an organization that has no clinics.
pub struct Delete;

impl Operation for Delete {
    const SPEC: Spec = Spec {
        id: "organizations.delete",
        route: Route::delete("/v1/organizations/{organization_id}"),
        summary: "Delete an organization",
        description: "Only the operator of the server deletes organizations, and only once they have no clinics.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Govern,
        reach: Reach::Operator,
        reply: Reply::Empty,
        if_match: true,
        emits: &[&events::DELETED],
        problems: &[&problem::OPERATOR_ONLY, &problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Nothing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Nothing, Problem> {
        let seen = reach::organization(cx)?;
        let mut organization = rows::lock(cx.conn(), seen, input.id("organization_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(organization.version)?;
        refusals::check_not_deleted(organization.deleted_at)?;
        if rows::count_clinics(cx.conn(), organization.id).await.or_problem()? > 0 {
            return Err(conflict("the organization still has clinics; delete or move them first"));
        }
        organization.touch(cx.now());
        organization.deleted_at = Some(organization.updated_at);
        rows::update(cx.conn(), &organization).await.or_problem()?;
        cx.emit(Announcement::new(&events::DELETED, organization.id.any(), organization.version));
        Ok(Nothing)
    }
}
