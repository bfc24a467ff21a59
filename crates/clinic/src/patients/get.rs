//! `patients.get`

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::Patient;
use super::{RESOURCE, rows};
use crate::links;

/// Gets one patient.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "patients.get",
        route: Route::get("/v1/patients/{patient_id}"),
        summary: "Get a patient",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Clinic,
        agents: Agents::Allowed,
        reply: Reply::one(Patient::SCHEMA),
        links: links::OF_PATIENTS,
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Patient<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let id = input.id("patient_id")?;
        rows::find(cx.conn(), clinic, id).await.or_problem()?.or_not_found().map(One)
    }
}
