//! `products.update`

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::create::check_sku;
use super::model::{Product, ProductPatch};
use super::{RESOURCE, events, rows, sample};
use crate::external_ids;

/// Changes a product.
pub struct Update;

impl Operation for Update {
    const SPEC: Spec = Spec {
        id: "products.update",
        route: Route::patch("/v1/products/{product_id}"),
        summary: "Change a product or service",
        description: "Invoices that were made keep the price that they were made with.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        agents: Agents::AskFirst,
        body: Some(Body { schema: Product::SCHEMA, verb: Verb::Update }),
        reply: Reply::one(Product::SCHEMA),
        if_match: true,
        emits: &[&events::UPDATED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE, &problem::RULE_BROKEN],
        example: sample::UPDATE,
        ..Spec::DEFAULT
    };
    type Body = ProductPatch;
    type Output = One<Product<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<ProductPatch>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic()?;
        let mut product = rows::lock(cx.conn(), clinic.id, input.id("product_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(product.version)?;
        let known = product.external_ids.value().unwrap_or_default();
        let changes = product.apply(input.body, clinic.currency)?;
        if changes.is_empty() {
            return Ok(One(product));
        }
        if changes.has("sku") {
            check_sku(cx, &product).await?;
        }
        external_ids::replace(cx.conn(), clinic.id, product.id, &known, &product.external_ids.value().unwrap_or_default())
            .await?;
        product.touch(cx.now());
        rows::update(cx.conn(), &product).await.or_problem()?;
        let about = Announcement::new(&events::UPDATED, product.id.any(), product.version);
        cx.emit(about.changed(changes.names()));
        Ok(One(product))
    }
}
