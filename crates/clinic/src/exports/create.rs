//! `exports.create`

use std::sync::Arc;

use clinicos_contract::{Access, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Cx, Input, One, Operation};

use super::model::{Export, NewExport, chosen};
use super::plan::{Asked, shown};
use super::{RESOURCE, sample};
use crate::ids::ExportId;

/// Begins an export.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "exports.create",
        route: Route::post("/v1/exports"),
        summary: "Begin an export",
        description: "Everything in it shows one point in time, which is taken when it is first read. It ends when it was not \
                      read for 10 minutes, after 4 hours, and when the server is started again; then begin another one.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Heavy,
        reach: Reach::Clinic,
        operator_only: true,
        body: Some(Body { schema: Export::SCHEMA, verb: Verb::Create }),
        reply: Reply::created(Export::SCHEMA),
        idempotent: true,
        problems: &[&problem::CONFLICT, &problem::RULE_BROKEN],
        example: sample::CREATE,
        ..Spec::DEFAULT
    };
    type Body = NewExport;
    type Output = One<Export<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewExport>) -> Result<Self::Output, Problem> {
        let asked = Asked { kinds: chosen(input.body.resources.as_deref())?, at: cx.now() };
        let id: ExportId = cx.mint();
        let export = shown(id, cx, &asked, None)?;
        let services = cx.services();
        services.held.reserve(id.any(), cx.permit(), Arc::new(asked), services.clock.monotonic_ns())?;
        Ok(One(export))
    }
}
