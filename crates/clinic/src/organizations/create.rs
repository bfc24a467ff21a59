//! `organizations.create`

use clinicos_contract::{Access, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrProblem as _};

use super::model::{NewOrganization, Organization};
use super::{RESOURCE, events, rows, sample};

/// Creates an organization.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "organizations.create",
        route: Route::post("/v1/organizations"),
        summary: "Create an organization",
        description: "Only the operator of the server creates organizations.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Govern,
        reach: Reach::Operator,
        body: Some(Body { schema: Organization::SCHEMA, verb: Verb::Create }),
        reply: Reply::created(Organization::SCHEMA),
        idempotent: true,
        emits: &[&events::CREATED],
        problems: &[&problem::OPERATOR_ONLY, &problem::RULE_BROKEN],
        example: sample::CREATE,
        ..Spec::DEFAULT
    };
    type Body = NewOrganization;
    type Output = One<Organization<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewOrganization>) -> Result<Self::Output, Problem> {
        let new = input.body.record(cx.mint(), cx.now())?;
        rows::insert(cx.conn(), &new).await.or_problem()?;
        cx.emit(Announcement::new(&events::CREATED, new.id.any(), new.version));
        Ok(One(new))
    }
}
