//! `clients.update`

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::{Client, ClientPatch};
use super::{RESOURCE, events, rows, sample};
use crate::external_ids;

/// Changes a client.
pub struct Update;

impl Operation for Update {
    const SPEC: Spec = Spec {
        id: "clients.update",
        route: Route::patch("/v1/clients/{client_id}"),
        summary: "Change a client",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        agents: Agents::AskFirst,
        body: Some(Body { schema: Client::SCHEMA, verb: Verb::Update }),
        reply: Reply::one(Client::SCHEMA),
        if_match: true,
        emits: &[&events::UPDATED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE, &problem::RULE_BROKEN],
        example: sample::UPDATE,
        ..Spec::DEFAULT
    };
    type Body = ClientPatch;
    type Output = One<Client<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<ClientPatch>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let mut client = rows::lock(cx.conn(), clinic, input.id("client_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(client.version)?;
        let known = client.external_ids.value().unwrap_or_default();
        let changes = client.apply(input.body)?;
        if changes.is_empty() {
            return Ok(One(client));
        }
        let wanted = client.external_ids.value().unwrap_or_default();
        external_ids::replace(cx.conn(), clinic, client.id, &known, &wanted).await?;
        client.touch(cx.now());
        rows::update(cx.conn(), &client).await.or_problem()?;
        let announcement = Announcement::new(&events::UPDATED, client.id.any(), client.version);
        cx.emit(announcement.changed(changes.names()));
        Ok(One(client))
    }
}
