//! `GET /v1/emergency`

use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Shown, Spec};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::Emergency;
use super::{RESOURCE, rows};

/// Tells whether the clinic's writes are stopped.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "emergency.get",
        route: Route::get("/v1/emergency"),
        summary: "Get the emergency switch",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        shown: Shown::Person,
        reply: Reply::one(Emergency::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Emergency<'static>>;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        rows::get(cx.conn(), clinic).await.or_problem()?.or_not_found().map(One)
    }
}
