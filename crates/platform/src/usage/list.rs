//! `GET /v1/connection_usage`

use clinicos_contract::query::LIMIT_DEFAULT;
use clinicos_contract::{Access, Agents, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{AnyRecord, Cx, Input, Operation, OrProblem as _, Page};
use clinicos_store::journal::audit::usage::{self, Wanted};
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
        let wanted = Wanted { clinic: clinic.to_bytes(), connection: None, since: used::since(now, 24) };
        let sums = usage::usage(cx.conn(), &wanted).await.or_problem()?;
        let mut found = used::of(&sums, now);
        let usage = |id| Box::new(found.remove(&id).unwrap_or_else(|| ConnectionUsage::unused(id))) as Box<dyn AnyRecord>;
        Ok(Page { records: ids.into_iter().map(usage).collect(), next })
    }
}
