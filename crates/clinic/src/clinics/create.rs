//! `clinics.create`

use clinicos_contract::{Access, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrProblem as _};

use super::model::{Clinic, NewClinic};
use super::{CHANGED, RESOURCE, events, rows, sample};
use crate::{organizations, refusals};

/// Creates a clinic.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "clinics.create",
        route: Route::post("/v1/clinics"),
        summary: "Create a clinic",
        description: "Only the operator of the server creates clinics.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Govern,
        reach: Reach::Operator,
        body: Some(Body { schema: Clinic::SCHEMA, verb: Verb::Create }),
        reply: Reply::created(Clinic::SCHEMA),
        idempotent: true,
        security: true,
        emits: &[&events::CREATED],
        problems: &[&problem::OPERATOR_ONLY, &problem::RULE_BROKEN],
        example: sample::CREATE,
        ..Spec::DEFAULT
    };
    type Body = NewClinic;
    type Output = One<Clinic<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewClinic>) -> Result<Self::Output, Problem> {
        let new = input.body.record(cx.mint(), cx.now())?;
        let owner = organizations::rows::lock(cx.conn(), None, new.organization_id).await.or_problem()?;
        if owner.is_none_or(|organization| organization.deleted_at.is_some()) {
            return Err(refusals::unknown_reference("/organization_id", "organization"));
        }
        rows::insert(cx.conn(), &new).await.or_problem()?;
        cx.security_change(CHANGED, Some(new.id), new.id.any());
        cx.emit(Announcement::new(&events::CREATED, new.id.any(), new.version));
        Ok(One(new))
    }
}
