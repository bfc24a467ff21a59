//! `GET /v1/connection_usage`

use clinicos_contract::query::LIMIT_DEFAULT;
use clinicos_contract::{Access, Agents, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{AnyRecord, ConnectionId, Cx, Input, Operation, OrProblem as _, Page};
use clinicos_store::journal::audit::usage::by_connection;
use clinicos_store::page::After;

use super::RESOURCE;
use super::model::{self as used, ConnectionUsage};
use crate::connections::rows;

/// Tells how each connection was used.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "usage.list",
        route: Route::get("/v1/connection_usage"),
        summary: "List the usage of connections",
        description: "For each connection its calls of the last 24 hours and its last use.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::list(ConnectionUsage::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Page;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Page, Problem> {
        let (clinic, now) = (cx.clinic_id()?, cx.now());
        let limit = usize::try_from(input.query.limit.unwrap_or(LIMIT_DEFAULT)).unwrap_or(1);
        let after = input.after.as_ref().map(|after| after.id.as_str()).unwrap_or_default();
        let mut ids = rows::ids_after(cx.conn(), clinic, after, limit as i64 + 1).await.or_problem()?;
        let more = ids.len() > limit;
        ids.truncate(limit);
        let next = more.then(|| ids.last().map(|last| After { sort: None, id: last.to_string() })).flatten();
        let (services, since) = (cx.services(), used::since(now, 24));
        let found = by_connection(cx.conn(), &services.tail, clinic.to_bytes(), since).await.or_problem()?;
        let used = |id: ConnectionId| found.get(&id.to_bytes()).copied().unwrap_or_default();
        let usage = |id| Box::new(ConnectionUsage::of(id, used(id))) as Box<dyn AnyRecord>;
        Ok(Page { records: ids.into_iter().map(usage).collect(), next })
    }
}
