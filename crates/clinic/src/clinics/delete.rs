//! `clinics.delete`

use clinicos_contract::{Access, Problem, RateClass, Reach, Reply, Route, Spec, problem};
use clinicos_gate::{Announcement, Cx, Input, Nothing, Operation, OrNotFound as _, OrProblem as _};

use super::model::ClinicStatus;
use super::{CHANGED, RESOURCE, events, rows};
use crate::{reach, refusals};

/// Deletes a clinic; its data stays until it is erased.
pub struct Delete;

impl Operation for Delete {
    const SPEC: Spec = Spec {
        id: "clinics.delete",
        route: Route::delete("/v1/clinics/{clinic_id}"),
        summary: "Delete a clinic",
        description: "Only the operator of the server deletes clinics, which then no longer take calls. Their records stay until they are erased.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Govern,
        reach: Reach::Operator,
        reply: Reply::Empty,
        if_match: true,
        security: true,
        emits: &[&events::DELETED],
        problems: &[&problem::OPERATOR_ONLY, &problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Nothing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Nothing, Problem> {
        let seen = reach::clinic(cx)?;
        let mut clinic = rows::lock(cx.conn(), seen, input.id("clinic_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(clinic.version)?;
        refusals::check_not_deleted(clinic.deleted_at)?;
        clinic.touch(cx.now());
        clinic.status = ClinicStatus::Closed;
        clinic.deleted_at = Some(clinic.updated_at);
        rows::update(cx.conn(), &clinic).await.or_problem()?;
        cx.security_change(CHANGED, Some(clinic.id), clinic.id.any());
        cx.emit(Announcement::new(&events::DELETED, clinic.id.any(), clinic.version));
        Ok(Nothing)
    }
}
