//! `products.delete`

use clinicos_contract::{Access, Problem, RateClass, Reach, Reply, Route, Spec, problem};
use clinicos_gate::{Announcement, Cx, Input, Nothing, Operation, OrNotFound as _, OrProblem as _};

use super::{RESOURCE, events, rows};
use crate::refusals;

/// Deletes a product.
pub struct Delete;

impl Operation for Delete {
    const SPEC: Spec = Spec {
        id: "products.delete",
        route: Route::delete("/v1/products/{product_id}"),
        summary: "Delete a product or service",
        description: "For a record made by mistake; its SKU can be used again. What is no longer sold gets `active: false`.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        reply: Reply::Empty,
        if_match: true,
        emits: &[&events::DELETED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Nothing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Nothing, Problem> {
        let clinic = cx.clinic_id()?;
        let mut product = rows::lock(cx.conn(), clinic, input.id("product_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(product.version)?;
        refusals::check_not_deleted(product.deleted_at)?;
        product.touch(cx.now());
        product.deleted_at = Some(product.updated_at);
        rows::update(cx.conn(), &product).await.or_problem()?;
        cx.emit(Announcement::new(&events::DELETED, product.id.any(), product.version));
        Ok(Nothing)
    }
}
