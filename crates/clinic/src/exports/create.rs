//! `exports.create`

use std::sync::Arc;

use clinicos_contract::{Access, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Caller, Cx, Input, One, Operation};

use super::model::{Export, NewExport, chosen};
use super::plan::{Asked, shown};
use super::{RESOURCE, sample};
use crate::ids::ExportId;
use crate::standing::AnyStanding;

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
        let named = input.body.resources;
        let mut kinds = chosen(named.as_deref())?;
        match named {
            // What is named and may not be read is refused here; each chunk is decided again.
            Some(_) => kinds.iter().try_for_each(|kind| may_read(cx, *kind))?,
            None => kinds.retain(|kind| may_read(cx, *kind).is_ok()),
        }
        let asked = Asked { kinds, at: cx.now() };
        let id: ExportId = cx.mint();
        let export = shown(id, cx, &asked, None)?;
        let services = cx.services();
        services.held.reserve(id.any(), cx.permit(), Arc::new(asked), services.clock.monotonic_ns())?;
        Ok(One(export))
    }
}

/// Refuses what the caller could not read directly.
fn may_read(cx: &Cx<'_>, kind: &'static dyn AnyStanding) -> Result<(), Problem> {
    let (services, grant) = (cx.services(), cx.permit().grant());
    let Some(spec) = services.specs.get(kind.reads()).filter(|_| *cx.permit().caller() != Caller::Operator) else {
        return Ok(());
    };
    let scope = spec.scope();
    if !services.scopes.position(&scope).is_some_and(|at| grant.scopes.contains(at)) {
        let mut problem =
            Problem::new(&problem::MISSING_SCOPE, format!("to export `{}`, the scope `{scope}` is needed", kind.name()));
        problem.missing_scope = Some(scope);
        return Err(problem);
    }
    if !cx.permit().visible().contains(spec.resource.primary) {
        let detail = format!("to export `{}`, the clinic must opt in to `{}`", kind.name(), spec.resource.primary.name());
        let mut problem = Problem::new(&problem::MISSING_OPT_IN, detail);
        problem.missing_consent = Some(spec.resource.primary);
        return Err(problem);
    }
    Ok(())
}
