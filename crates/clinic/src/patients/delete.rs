//! `patients.delete`

use clinicos_contract::{Access, Problem, RateClass, Reach, Reply, Route, Spec, problem};
use clinicos_gate::{Cx, Input, Nothing, Operation, OrNotFound as _, OrProblem as _};

use super::{RESOURCE, events, rows};
use crate::refusals;

/// Deletes a patient.
pub struct Delete;

impl Operation for Delete {
    const SPEC: Spec = Spec {
        id: "patients.delete",
        route: Route::delete("/v1/patients/{patient_id}"),
        summary: "Delete a patient",
        description: "For a record made by mistake. A patient that died, moved or no longer comes keeps its record and gets \
                      another `status`.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        reply: Reply::Empty,
        if_match: true,
        emits: &[&events::DELETED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Nothing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Nothing, Problem> {
        let clinic = cx.clinic_id()?;
        let mut patient = rows::lock(cx.conn(), clinic, input.id("patient_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(patient.version)?;
        refusals::check_not_deleted(patient.deleted_at)?;
        patient.touch(cx.now());
        patient.deleted_at = Some(patient.updated_at);
        rows::update(cx.conn(), &patient).await.or_problem()?;
        cx.emit(patient.announce(&events::DELETED));
        Ok(Nothing)
    }
}
