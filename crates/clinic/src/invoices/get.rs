//! `invoices.get`

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::Invoice;
use super::{RESOURCE, rows};
use crate::links;

/// Gets one invoice.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "invoices.get",
        route: Route::get("/v1/invoices/{invoice_id}"),
        summary: "Get an invoice",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Clinic,
        agents: Agents::Allowed,
        reply: Reply::one(Invoice::SCHEMA),
        links: links::OF_INVOICES,
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Invoice<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let id = input.id("invoice_id")?;
        let today = cx.today()?;
        rows::find(cx.conn(), clinic, today, id).await.or_problem()?.or_not_found().map(One)
    }
}
