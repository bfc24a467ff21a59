//! `GET /v1/changes`

use clinicos_contract::query::{LIMIT_DEFAULT, Operand};
use clinicos_contract::{Access, Agents, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::follow::FollowedClinic;
use clinicos_gate::followers::Followed;
use clinicos_gate::{Cx, Feed, Input, Operation, OrProblem as _};
use clinicos_store::journal::outbox;

use super::RESOURCE;
use super::model::Change;
use super::place::Seen;
use super::walk::Walk;

/// Tells what changed.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "changes.list",
        route: Route::get("/v1/changes"),
        summary: "Follow changes",
        description: "What happened to the clinic's records since `cursor`, in commit order, with each record as it is now. Without \
                      a cursor the answer is empty and its `next_cursor` stands for now: take it first, then read the lists, then \
                      go on from it. `next_cursor` is always there. Only records are told of that the caller may read directly. \
                      A key for an organization follows every clinic that allows it, unless `clinic_id` names one.",
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
        let seen = Seen::now(cx);
        let latest = outbox::latest(cx.conn()).await.or_problem()?;
        let Some(after) = &input.after else {
            return Ok(Feed { changes: Vec::new(), next: seen.at(cx, latest), more: false });
        };
        let from = match after.sort {
            Some(Operand::Int(position)) => position,
            Some(Operand::Text(_)) | None => 0,
        };
        for connection in cx.followed().iter().filter_map(FollowedClinic::connection) {
            cx.services().followers.note(connection, Followed { position: from, at: cx.now() });
        }
        if !is_kept(cx, from, latest).await? {
            let clinic = if cx.follows_all() { None } else { Some(cx.clinic_id()?) };
            let gap = Change::gap(cx.mint(), clinic, cx.now()).told();
            return Ok(Feed { changes: vec![gap], next: seen.at(cx, latest), more: false });
        }
        let differing = seen.differing(cx, after);
        if !differing.is_empty() {
            let changes = differing.iter().map(|clinic| Change::gap(cx.mint(), Some(*clinic), cx.now()).told()).collect();
            // Clinics without a gap are followed from where they were.
            let position = if seen.are_all_in(&differing) { latest } else { from };
            return Ok(Feed { changes, next: seen.at(cx, position), more: position < latest });
        }
        let mut walk = Walk::begin(cx.followed(), from, limit);
        let more = walk.go(cx).await?;
        Ok(Feed { changes: walk.changes, next: seen.at(cx, walk.position), more })
    }
}

/// Whether every event after a position is still there. A position that was never given comes from
/// a database that went back to an earlier state.
async fn is_kept(cx: &mut Cx<'_>, from: i64, latest: i64) -> Result<bool, Problem> {
    let earliest = outbox::earliest(cx.conn()).await.or_problem()?;
    Ok(from <= latest && earliest.is_none_or(|earliest| from >= earliest - 1))
}
