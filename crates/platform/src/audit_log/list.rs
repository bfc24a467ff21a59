//! `GET /v1/audit_entries`

use clinicos_contract::query::{LIMIT_DEFAULT, Op, Operand, Query};
use clinicos_contract::{Access, Agents, Problem, RateClass, Record as _, Reply, Route, Spec, id};
use clinicos_gate::{AnyRecord, Cx, Input, Operation, OrProblem as _, Page};
use clinicos_store::journal::audit::{self, Bytes16, Outcome, Search};
use clinicos_store::page::After;

use super::RESOURCE;
use super::model::{self, AuditEntry};

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

/// What is no id is in no answer.
const NO_RECORD: Bytes16 = [0; 16];

/// What a query string asks for.
pub(crate) fn conditions(query: &Query) -> Search {
    let mut search = Search::default();
    for term in &query.filters {
        match (term.field, &term.value) {
            ("credential_id", Operand::Text(text)) => search.credential = bytes(text),
            ("connection_id", Operand::Text(text)) => search.connection = bytes(text),
            ("request_id", Operand::Text(text)) => search.request_id = bytes(text),
            ("actor", Operand::Text(text)) => search.actor = model::Actor::parse(text).map(model::kind),
            ("user_id", Operand::Text(text)) => search.person = bytes(text),
            ("only_looked", Operand::Int(looked)) => search.only_looked = Some(*looked != 0),
            ("subject_id", Operand::Text(text)) => search.about = vec![bytes(text).unwrap_or(NO_RECORD)],
            ("record_id", Operand::Text(text)) => search.record = Some(bytes(text).unwrap_or(NO_RECORD)),
            ("operation", Operand::Text(text)) => search.operation = Some(text.clone()),
            ("outcome", Operand::Text(text)) => {
                search.outcome = Some(match model::Outcome::parse(text) {
                    Some(model::Outcome::Allowed) => Outcome::Allowed,
                    Some(model::Outcome::Refused) | None => Outcome::Refused,
                });
            }
            ("at", Operand::Int(at)) => time(&mut search, term.op, *at),
            _ => {}
        }
    }
    search
}

/// Times are whole microseconds, so "after" is "not before the next one".
fn time(search: &mut Search, op: Op, at: i64) {
    let from = |search: &mut Search, at: i64| search.from = Some(search.from.map_or(at, |known| known.max(at)));
    let until = |search: &mut Search, at: i64| search.until = Some(search.until.map_or(at, |known| known.min(at)));
    match op {
        Op::Equal => {
            from(search, at);
            until(search, at.saturating_add(1));
        }
        Op::GreaterOrEqual => from(search, at),
        Op::Greater => from(search, at.saturating_add(1)),
        Op::Less => until(search, at),
        Op::LessOrEqual => until(search, at.saturating_add(1)),
    }
}

fn bytes(text: &str) -> Option<Bytes16> {
    id::parse_any(text).map(|(_, bytes)| bytes)
}
