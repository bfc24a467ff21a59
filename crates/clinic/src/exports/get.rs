//! `exports.get`

use clinicos_contract::{Access, Problem, RateClass, Reach, Record as _, Reply, Route, Spec};
use clinicos_gate::{Cx, Input, One, Operation};

use super::RESOURCE;
use super::model::Export;
use super::plan::{Asked, Plan, shown};

/// Shows an export.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "exports.get",
        route: Route::get("/v1/exports/{export_id}"),
        summary: "Get an export",
        description: "Takes the point in time, unless it is taken.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Clinic,
        reply: Reply::one(Export::SCHEMA),
        held: Some("export_id"),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Export<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let (id, held) = (input.id("export_id")?, cx.held()?);
        let asked = held.asked::<Asked>().ok_or_else(Problem::not_found)?;
        let plan = Plan::of(cx, &asked, &held).await?;
        Ok(One(shown(id, cx, &asked, Some((&plan, held.as_of())))?))
    }
}
