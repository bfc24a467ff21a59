//! `GET /v1/sessions`

use clinicos_contract::query::{LIMIT_DEFAULT, Operand};
use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Shown, Spec, Timestamp};
use clinicos_gate::{AnyRecord, Cx, Input, Operation, OrProblem as _, Page};
use clinicos_store::journal::audit::usage::last_uses_of_sessions;
use clinicos_store::page::After;

use super::model::Session;
use super::{RESOURCE, rows};

/// Lists the clinic's sessions, and when each was last used.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "sessions.list",
        route: Route::get("/v1/sessions"),
        summary: "List sessions",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        shown: Shown::Person,
        reply: Reply::list(Session::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Page;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Page, Problem> {
        let clinic = cx.clinic_id()?;
        let limit = usize::try_from(input.query.limit.unwrap_or(LIMIT_DEFAULT)).unwrap_or(1);
        let after = input.after.as_ref().map(|after| after.id.as_str()).unwrap_or_default();
        let user = input.query.filters.iter().find_map(|term| match (term.field, &term.value) {
            ("user_id", Operand::Text(id)) => Some(id.as_str()),
            _ => None,
        });
        let mut sessions = rows::after(cx.conn(), clinic, user, after, limit as i64 + 1).await.or_problem()?;
        let more = sessions.len() > limit;
        sessions.truncate(limit);
        let next = more.then(|| sessions.last().map(|last| After { sort: None, id: last.id.to_string() })).flatten();
        // The journal knows when each called: nothing is written for it.
        let is_wanted = input.query.fields.as_ref().is_none_or(|fields| fields.contains(&"last_used_at"));
        let asked = if is_wanted { sessions.as_slice() } else { &[] };
        let ids: Vec<_> = asked.iter().map(|session| session.id.to_bytes()).collect();
        let services = cx.services();
        let last = last_uses_of_sessions(cx.conn(), &services.tail, clinic.to_bytes(), &ids).await.or_problem()?;
        let used = |session: Session<'static>| {
            let last_used_at = last.get(&session.id.to_bytes()).copied().map(Timestamp::from_micros);
            Box::new(Session { last_used_at, ..session }) as Box<dyn AnyRecord>
        };
        Ok(Page { records: sessions.into_iter().map(used).collect(), next })
    }
}
