//! `products.create`

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrProblem as _};

use super::model::{NewProduct, Product};
use super::{RESOURCE, events, rows, sample};
use crate::external_ids;

/// Creates a product.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "products.create",
        route: Route::post("/v1/products"),
        summary: "Create a product or service",
        description: "A `sku` is unique among the clinic's products; one is not needed. Money is in the clinic's currency.",
        access: Access::Write,
        agents: Agents::AskFirst,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        body: Some(Body { schema: Product::SCHEMA, verb: Verb::Create }),
        reply: Reply::created(Product::SCHEMA),
        idempotent: true,
        emits: &[&events::CREATED],
        problems: &[&problem::RULE_BROKEN],
        example: sample::CREATE,
        ..Spec::DEFAULT
    };
    type Body = NewProduct;
    type Output = One<Product<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewProduct>) -> Result<Self::Output, Problem> {
        let new = input.body.record(cx.mint(), cx.clinic()?, cx.now())?;
        check_sku(cx, &new).await?;
        external_ids::claim(cx.conn(), new.clinic_id, new.id, &new.external_ids.value().unwrap_or_default()).await?;
        rows::insert(cx.conn(), std::slice::from_ref(&new)).await.or_problem()?;
        cx.emit(Announcement::new(&events::CREATED, new.id.any(), new.version));
        Ok(One(new))
    }
}

/// Refuses a SKU that another product has.
pub(super) async fn check_sku(cx: &mut Cx<'_>, product: &Product<'_>) -> Result<(), Problem> {
    let Some(sku) = &product.sku else { return Ok(()) };
    let other = rows::with_sku(cx.conn(), product.clinic_id, sku).await.or_problem()?;
    if other.is_some_and(|other| other != product.id) {
        return Err(Problem::rule("/sku", "already_exists", "another product of the clinic has this SKU"));
    }
    Ok(())
}
