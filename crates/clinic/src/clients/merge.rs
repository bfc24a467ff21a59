//! `clients.merge`

use clinicos_contract::{
    Access, Agents, Body, Category, Field, Problem, RateClass, Reach, Record as _, Reply, Route, Schema, Shape, Spec, Verb,
    problem,
};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};
use serde::Deserialize;

use super::model::Client;
use super::{RESOURCE, events, rows, sample};
use crate::ids::ClientId;
use crate::{external_ids, merging, refusals};

static BODY: Schema = Schema {
    name: "merge_client",
    doc: "Which client stays.",
    fields: &[Field::of(Category::RecordSystem).required().named("into", "The client who stays.", Shape::Id("cli"), false)],
};

/// A body of `clients.merge`.
#[derive(Debug, Deserialize)]
pub struct Into {
    into: ClientId,
}

/// Merges a duplicate into another client.
pub struct Merge;

impl Operation for Merge {
    const SPEC: Spec = Spec {
        id: "clients.merge",
        route: Route::post("/v1/clients/{client_id}/merge"),
        summary: "Merge a client into another one",
        description: "For two records of one client. Whatever refers to the client of the path refers to the one of `into` \
                      afterwards: patients, invoices, payments, refunds and external ids; balance and credit add up. Details of \
                      the client who stays do not change. The other one becomes a tombstone with `merged_into`. `If-Match`, if \
                      it is sent, is about the client of the path. Doing it again changes nothing.",
        access: Access::Action("merge"),
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        agents: Agents::AskFirst,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::one(Client::SCHEMA),
        idempotent: true,
        heeds_if_match: true,
        emits: merging::CLIENTS_EMIT,
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE, &problem::RULE_BROKEN],
        example: sample::MERGE,
        compares: true,
        ..Spec::DEFAULT
    };
    type Body = Into;
    type Output = One<Client<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Into>) -> Result<Self::Output, Problem> {
        let (clinic, now) = (cx.clinic_id()?, cx.now());
        let (from, into) = (input.id("client_id")?, input.body.into);
        let gone = rows::find(cx.conn(), clinic, from).await.or_problem()?.or_not_found()?;
        if from == into {
            return Err(Problem::rule("/into", "same", "must be another client"));
        }
        // Rows are locked in one order everywhere: what refers to clients, then the clients.
        let known = rows::find(cx.conn(), clinic, into).await.or_problem()?;
        let known = known.ok_or_else(|| refusals::unknown_reference("/into", "client"))?;
        if gone.merged_into == Some(into) {
            return Ok(One(known));
        }
        if known.deleted_at.is_some() {
            return Err(refusals::unknown_reference("/into", "client"));
        }
        refusals::check_not_deleted(gone.deleted_at)?;
        input.check_version(gone.version)?;
        merging::clients(cx, from, into, now).await?;
        let mut both = rows::lock_many(cx.conn(), clinic, &[from, into]).await.or_problem()?;
        let mut gone = both.remove(&from).or_not_found()?;
        let mut kept = both.remove(&into).or_not_found()?;
        let external = gone.external_ids.value().unwrap_or_default();
        let changed = kept.take_over(&mut gone, now)?;
        rows::merge(cx.conn(), &gone).await.or_problem()?;
        rows::merge(cx.conn(), &kept).await.or_problem()?;
        external_ids::turn_over(cx.conn(), clinic, into, &external).await?;
        cx.emit(Announcement::new(&events::MERGED, from.any(), gone.version).with("merged_into", into));
        cx.emit(Announcement::new(&events::UPDATED, into.any(), kept.version).with("merged_id", from).changed(changed));
        Ok(One(kept))
    }
}
