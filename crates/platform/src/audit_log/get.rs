//! `GET /v1/audit_entries/{audit_entry_id}`

use clinicos_contract::{Access, Agents, Explains, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};
use clinicos_store::journal::audit::{self, Search};

use super::RESOURCE;
use super::model::{AuditEntry, EntryId, EntryKind};

/// Reads one entry.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "audit_entries.get",
        route: Route::get("/v1/audit_entries/{audit_entry_id}"),
        summary: "Get an entry of the access log",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        // It says whose records answers held.
        explains: Explains::Disclosures,
        reply: Reply::one(AuditEntry::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<AuditEntry<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let id: EntryId = input.id::<EntryKind>("audit_entry_id")?;
        let search =
            Search { clinic: Some(cx.clinic_id()?.to_bytes()), request_id: Some(id.to_bytes()), limit: 1, ..Search::default() };
        let services = cx.services();
        let found = audit::search(cx.conn(), &services.tail, &search).await.or_problem()?;
        found.into_iter().next().map(AuditEntry::from).or_not_found().map(One)
    }
}
