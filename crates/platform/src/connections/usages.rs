//! `GET /v1/connection_usage`

use clinicos_contract::{Access, Agents, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{AnyRecord, Cx, Input, Operation, OrProblem as _, Page};
use clinicos_store::journal::audit::usage::{self, Wanted};

use super::RESOURCE;
use super::used::{self, ConnectionUsage};

/// Tells how each connection was used that ever called.
pub struct Usages;

impl Operation for Usages {
    const SPEC: Spec = Spec {
        id: "connections.list_usage",
        route: Route::get("/v1/connection_usage"),
        summary: "List the usage of connections",
        description: "Every connection that ever called, on one page, with its calls of the last 24 hours and its last use.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::list(ConnectionUsage::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Page;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Page, Problem> {
        let (clinic, now) = (cx.clinic_id()?, cx.now());
        let wanted = Wanted { clinic: clinic.to_bytes(), connection: None, since: used::since(now, 24) };
        let sums = usage::usage(cx.conn(), &wanted).await.or_problem()?;
        let records = used::of(&sums, now).into_values().map(|usage| Box::new(usage) as Box<dyn AnyRecord>).collect();
        Ok(Page { records, next: None })
    }
}
