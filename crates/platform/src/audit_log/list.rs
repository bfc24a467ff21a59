//! `GET /v1/audit_entries`

use clinicos_contract::query::LIMIT_DEFAULT;
use clinicos_contract::{Access, Agents, Explains, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{AnyRecord, Cx, Input, Operation, OrProblem as _, Page};
use clinicos_store::journal::audit;
use clinicos_store::page::After;

use super::RESOURCE;
use super::model::AuditEntry;
use super::search::conditions;

/// Reads the log, newest first.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "audit_entries.list",
        route: Route::get("/v1/audit_entries"),
        summary: "Search the access log",
        description: "Newest first: every answer that left, refusals included, with the id of every record that it showed. \
                      Filter by `credential_id`, `connection_id`, `user_id`, `request_id`, `actor`, `only_looked`, `record_id`, `subject_id`, `operation`, \
                      `outcome` and `at[gte]`, `at[lt]`.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        // It says whose records answers held.
        explains: Explains::Disclosures,
        reply: Reply::list(AuditEntry::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Page;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Page, Problem> {
        let limit = usize::try_from(input.query.limit.unwrap_or(LIMIT_DEFAULT)).unwrap_or(1);
        let mut search = conditions(&input.query);
        search.clinic = Some(cx.clinic_id()?.to_bytes());
        search.before = input.after.as_ref().and_then(|after| after.id.parse().ok());
        search.limit = limit + 1;
        let services = cx.services();
        let mut found = audit::search(cx.conn(), &services.tail, &search).await.or_problem()?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = more.then(|| found.last().map(|last| After { sort: None, id: last.position.to_string() })).flatten();
        let records = found.into_iter().map(|found| Box::new(AuditEntry::from(found)) as Box<dyn AnyRecord>).collect();
        Ok(Page { records, next })
    }
}
