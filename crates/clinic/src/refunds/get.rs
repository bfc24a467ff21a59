//! `refunds.get`

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::Refund;
use super::rows;
use crate::payments;

/// Gets one refund.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "refunds.get",
        route: Route::get("/v1/refunds/{refund_id}"),
        summary: "Get a refund",
        access: Access::Read,
        resource: &payments::RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Clinic,
        agents: Agents::Allowed,
        reply: Reply::one(Refund::SCHEMA),
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Refund<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let id = input.id("refund_id")?;
        rows::find(cx.conn(), clinic, id).await.or_problem()?.or_not_found().map(One)
    }
}
