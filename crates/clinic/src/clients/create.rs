//! `clients.create`

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrProblem as _};

use super::model::{Client, NewClient};
use super::{RESOURCE, events, rows, sample};
use crate::external_ids;

/// Creates a client.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "clients.create",
        route: Route::post("/v1/clients"),
        summary: "Create a client",
        access: Access::Write,
        agents: Agents::AskFirst,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        body: Some(Body { schema: Client::SCHEMA, verb: Verb::Create }),
        reply: Reply::created(Client::SCHEMA),
        idempotent: true,
        emits: &[&events::CREATED],
        problems: &[&problem::RULE_BROKEN],
        example: sample::CREATE,
        ..Spec::DEFAULT
    };
    type Body = NewClient;
    type Output = One<Client<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewClient>) -> Result<Self::Output, Problem> {
        let new = input.body.record(cx.mint(), cx.clinic()?, cx.now())?;
        external_ids::claim(cx.conn(), new.clinic_id, new.id, &new.external_ids.value().unwrap_or_default()).await?;
        rows::insert(cx.conn(), std::slice::from_ref(&new)).await.or_problem()?;
        cx.emit(Announcement::new(&events::CREATED, new.id.any(), new.version));
        Ok(One(new))
    }
}
