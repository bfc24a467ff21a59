//! `GET /v1/changes`

use std::collections::HashMap;

use clinicos_contract::query::{LIMIT_DEFAULT, Operand};
use clinicos_contract::{Access, Agents, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::follow::Reading;
use clinicos_gate::followers::Followed;
use clinicos_gate::{Caller, Cx, Feed, Input, Operation, OrProblem as _, Telling};
use clinicos_store::journal::outbox;
use clinicos_store::page::{After, EXAMINED_MAX};

use super::RESOURCE;
use super::model::Change;

/// Events that are looked at with one statement.
const CHUNK: i64 = 500;

/// Tells what changed.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "changes.list",
        route: Route::get("/v1/changes"),
        summary: "Follow changes",
        description: "What happened to the clinic's records since `cursor`, in commit order, with each record as it is now. Without \
                      a cursor the answer is empty and its `next_cursor` stands for now: take it first, then read the lists, then \
                      go on from it. `next_cursor` is always there. Only records are told of that the caller may read directly.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::list(Change::SCHEMA),
        follows: true,
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Feed;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Feed, Problem> {
        let limit = usize::try_from(input.query.limit.unwrap_or(LIMIT_DEFAULT)).unwrap_or(1);
        let digest = cx.following_digest();
        let latest = outbox::latest(cx.conn()).await.or_problem()?;
        let next = |position| After { sort: Some(Operand::Int(position)), id: digest.clone() };
        let Some(after) = &input.after else {
            return Ok(Feed { changes: Vec::new(), next: next(latest), more: false });
        };
        let from = match after.sort {
            Some(Operand::Int(position)) => position,
            Some(Operand::Text(_)) | None => 0,
        };
        if let Caller::Connection { connection, .. } = cx.permit().caller() {
            cx.services().followers.note(*connection, Followed { position: from, at: cx.now() });
        }
        if after.id != digest || !is_kept(cx, from, latest).await? {
            let gap = Change::gap(cx.mint(), cx.now());
            return Ok(Feed { changes: vec![gap.told()], next: next(latest), more: false });
        }
        let mut walk = Walk { limit, position: from, examined: 0, known: HashMap::new(), changes: Vec::new() };
        let more = walk.go(cx).await?;
        Ok(Feed { changes: walk.changes, next: next(walk.position), more })
    }
}

/// Whether every event after a position is still there. A position that was never given comes from
/// a database that went back to an earlier state.
async fn is_kept(cx: &mut Cx<'_>, from: i64, latest: i64) -> Result<bool, Problem> {
    let earliest = outbox::earliest(cx.conn()).await.or_problem()?;
    Ok(from <= latest && earliest.is_none_or(|earliest| from >= earliest - 1))
}

/// A walk along a clinic's events.
struct Walk {
    limit: usize,
    /// The last event that was looked at.
    position: i64,
    examined: i64,
    /// Records that were read already: each change of one shows the same.
    known: HashMap<String, Option<Reading>>,
    changes: Vec<Telling>,
}

impl Walk {
    /// Goes on until the page is full, enough was looked at, or nothing is left. Tells whether there
    /// is more.
    async fn go(&mut self, cx: &mut Cx<'_>) -> Result<bool, Problem> {
        let clinic = cx.clinic_id()?.to_string();
        loop {
            let found = outbox::of_clinic(cx.conn(), &clinic, self.position, CHUNK).await.or_problem()?;
            let is_last = (found.len() as i64) < CHUNK;
            for told in found {
                if self.changes.len() == self.limit || self.examined == EXAMINED_MAX {
                    return Ok(true);
                }
                self.examined += 1;
                self.position = told.position;
                self.tell(cx, told).await?;
            }
            if is_last {
                return Ok(false);
            }
        }
    }

    /// Tells of an event, if the caller may read its record. What it may not read leaves no trace.
    async fn tell(&mut self, cx: &mut Cx<'_>, told: outbox::Told) -> Result<(), Problem> {
        let Some(kind) = cx.followed_type(&told.record_id) else { return Ok(()) };
        let now = match self.known.get(&told.record_id) {
            Some(known) => known.clone(),
            None => {
                let read = cx.read_followed(&told.record_id).await?;
                self.known.insert(told.record_id.clone(), read.clone());
                read
            }
        };
        if let Some(change) = now.and_then(|now| Change::of(told, kind, now)) {
            self.changes.push(change.told());
        }
        Ok(())
    }
}
