//! `clinics.get`

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::Clinic;
use super::{RESOURCE, rows};
use crate::reach;

/// Gets one clinic.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "clinics.get",
        route: Route::get("/v1/clinics/{clinic_id}"),
        summary: "Get a clinic",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Organization,
        agents: Agents::Allowed,
        reply: Reply::one(Clinic::SCHEMA),
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Clinic<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let seen = reach::clinic(cx)?;
        let id = input.id("clinic_id")?;
        rows::find(cx.conn(), seen, id).await.or_problem()?.or_not_found().map(One)
    }
}
