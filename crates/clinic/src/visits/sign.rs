//! `visits.sign`

use clinicos_contract::{
    Access, Agents, Body, Category, Field, Problem, RateClass, Reach, Record as _, Reply, Route, Schema, Spec, Verb, Wire as _,
    problem,
};
use clinicos_gate::{Cx, Input, One, Operation};
use serde::Deserialize;

use super::model::Visit;
use super::{RESOURCE, events, sample};
use crate::ids::StaffId;
use crate::plain::{Given, references, typed, update};

static BODY: Schema = Schema {
    name: "sign_visit",
    doc: "Who signs a visit.",
    fields: &[Field::of(Category::Clinical).creatable().named(
        "signed_by_id",
        "Who answers for it; unless given, who was in charge (`attending_id`).",
        StaffId::SHAPE,
        true,
    )],
};

/// Signs a visit.
pub struct Sign;

#[derive(Deserialize)]
struct Signature {
    #[serde(default)]
    signed_by_id: Option<StaffId>,
}

impl Operation for Sign {
    const SPEC: Spec = Spec {
        id: "visits.sign",
        route: Route::post("/v1/visits/{visit_id}/sign"),
        summary: "Sign a visit",
        description: "From then on `attending_id`, `triage`, `chief_complaint`, `soap` and `disposition` stay as they are, and \
                      what is to be said is added as an addendum. A visit can be signed once it is `in_progress` and has notes; \
                      its `status` stays as it is.",
        access: Access::Action("sign"),
        agents: Agents::AskFirst,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::one(Visit::SCHEMA),
        idempotent: true,
        emits: &[&events::SIGNED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::RULE_BROKEN],
        example: sample::SIGN,
        ..Spec::DEFAULT
    };
    type Body = Given;
    type Output = One<Visit<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Given>) -> Result<Self::Output, Problem> {
        let (id, now) = (input.id("visit_id")?, cx.now());
        references::check_body(cx, &BODY, &input.body).await?;
        let signature: Signature = typed(input.body)?;
        update::amend(cx, id, move |visit: &mut Visit<'static>| visit.sign(signature.signed_by_id, now)).await.map(One)
    }
}
