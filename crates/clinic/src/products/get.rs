//! `products.get`

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::Product;
use super::{RESOURCE, rows};

/// Gets one product.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "products.get",
        route: Route::get("/v1/products/{product_id}"),
        summary: "Get a product or service",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Clinic,
        agents: Agents::Allowed,
        reply: Reply::one(Product::SCHEMA),
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Product<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let id = input.id("product_id")?;
        rows::find(cx.conn(), clinic, id).await.or_problem()?.or_not_found().map(One)
    }
}
