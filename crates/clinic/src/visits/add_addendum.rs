//! `visits.add_addendum`

use clinicos_contract::{
    Access, Agents, Body, Category, Field, Problem, RateClass, Reach, Record as _, Reply, Route, Schema, Shape, Spec, Verb,
    Wire as _, problem,
};
use clinicos_gate::{Cx, Input, One, Operation};
use serde::Deserialize;

use super::model::Visit;
use super::parts::{Addendum, NOTE_MAX};
use super::{RESOURCE, sample};
use crate::ids::StaffId;
use crate::plain::{Declared as _, Given, references, typed, update};

const CLINICAL: Field = Field::of(Category::Clinical);

static BODY: Schema = Schema {
    name: "add_addendum",
    doc: "What is added to a signed visit.",
    fields: &[
        CLINICAL.required().named("added_by_id", "Who adds it.", StaffId::SHAPE, false),
        CLINICAL.required().filled().max(NOTE_MAX).named("text", "What is added.", Shape::Text, false),
    ],
};

/// Adds to a signed visit.
pub struct AddAddendum;

#[derive(Deserialize)]
struct NewAddendum {
    added_by_id: StaffId,
    text: String,
}

impl Operation for AddAddendum {
    const SPEC: Spec = Spec {
        id: "visits.add_addendum",
        route: Route::post("/v1/visits/{visit_id}/addenda"),
        summary: "Add an addendum to a visit",
        description: "For a visit that was signed; the notes of another one are changed themselves. A `completed` visit is \
                      `amended` from then on. An addendum is neither changed nor taken back.",
        access: Access::Write,
        agents: Agents::AskFirst,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::one(Visit::SCHEMA),
        idempotent: true,
        emits: &[Visit::UPDATED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::RULE_BROKEN],
        example: sample::ADD_ADDENDUM,
        ..Spec::DEFAULT
    };
    type Body = Given;
    type Output = One<Visit<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Given>) -> Result<Self::Output, Problem> {
        let (id, added_at) = (input.id("visit_id")?, cx.now());
        references::check_body(cx, &BODY, &input.body).await?;
        let NewAddendum { added_by_id, text } = typed(input.body)?;
        let addendum = Addendum { added_at, added_by_id, text };
        update::amend(cx, id, move |visit: &mut Visit<'static>| visit.add(addendum)).await.map(One)
    }
}
