//! `payments.get`

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::Payment;
use super::{RESOURCE, rows};
use crate::links;

/// Gets one payment.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "payments.get",
        route: Route::get("/v1/payments/{payment_id}"),
        summary: "Get a payment",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Clinic,
        agents: Agents::Allowed,
        reply: Reply::one(Payment::SCHEMA),
        links: links::OF_PAYMENTS,
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Payment<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let id = input.id("payment_id")?;
        rows::find(cx.conn(), clinic, id).await.or_problem()?.or_not_found().map(One)
    }
}
