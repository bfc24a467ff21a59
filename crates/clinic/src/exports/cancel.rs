//! `exports.cancel`

use clinicos_contract::{Access, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Schema, Shape, Spec, Verb};
use clinicos_gate::{Cx, Input, One, Operation};
use serde::Deserialize;

use super::model::Export;
use super::plan::{Asked, shown};
use super::{RESOURCE, sample};

static BODY: Schema = Schema {
    name: "export_cancel",
    doc: "Why an export is cancelled.",
    fields: &[clinicos_contract::Field::of(clinicos_contract::Category::RecordSystem).creatable().max(500).named(
        "reason",
        "Why.",
        Shape::Text,
        false,
    )],
};

/// A body of `exports.cancel`.
#[derive(Debug, Default, Deserialize)]
pub struct Cancelling {}

/// Ends an export.
pub struct Cancel;

impl Operation for Cancel {
    const SPEC: Spec = Spec {
        id: "exports.cancel",
        route: Route::post("/v1/exports/{export_id}/cancel"),
        summary: "Cancel an export",
        description: "It cannot be read any more. One that was read to its end is ended by this, too.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::one(Export::SCHEMA),
        idempotent: true,
        example: sample::CANCEL,
        ..Spec::DEFAULT
    };
    type Body = Cancelling;
    type Output = One<Export<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Cancelling>) -> Result<Self::Output, Problem> {
        let id = input.id::<crate::ids::ExportKind>("export_id")?;
        let held = cx.let_go(id.any())?;
        let asked = held.asked::<Asked>().ok_or_else(Problem::not_found)?;
        let plan = held.kept::<super::plan::Plan>();
        Ok(One(shown(id, cx, &asked, plan.as_deref().map(|plan| (plan, held.as_of())))?))
    }
}
