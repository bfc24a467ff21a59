//! `GET /v1/decisions/{decision_id}`

use clinicos_contract::wire::Doc;
use clinicos_contract::{Access, Agents, Problem, RateClass, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{Caller, Cx, DecisionId, Input, One, Operation, OrNotFound as _, OrProblem as _};
use clinicos_store::journal::audit::{self, Entry};

use super::RESOURCE;
use super::model::Decision;
use crate::audit_log::model::Texts;

/// The scope of those who may see everybody's decisions.
const OF_OTHERS: &str = "audit_entries:read";

/// Explains a decision.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "decisions.get",
        route: Route::get("/v1/decisions/{decision_id}"),
        summary: "Explain a decision",
        description: "Why a call was allowed or refused, step by step, by the `decision_id` of its problem or of its entry in the \
                      access log. A connection sees the decisions about its own calls; whoever may read the access log, all of the \
                      clinic's. A connection that clients' consents bind is not told which of them counted. A call that showed \
                      no valid key belongs to no clinic, and its decision is told to nobody.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::one(Decision::SCHEMA),
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Decision<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let (clinic, id): (_, DecisionId) = (cx.clinic_id()?, input.id("decision_id")?);
        let found = audit::by_request(cx.conn(), Some(clinic.to_bytes()), id.to_bytes()).await.or_problem()?;
        let entry = found.filter(|found| may_see(cx, &found.entry)).or_not_found()?.entry;
        let services = cx.services();
        let what = services.specs.get(&*entry.operation).map(|spec| spec.summary);
        let decision = Decision::new(entry, id, what, &services.base_url);
        // Consents that two answers have in common would tell that they are of one client.
        let is_bound = cx.permit().asks_clients();
        Ok(One(if is_bound { Decision { consent_ids: Doc::of(&Texts(Vec::new())), ..decision } } else { decision }))
    }
}

/// Whether the call was the caller's own, or the caller may see everybody's.
fn may_see(cx: &Cx<'_>, entry: &Entry) -> bool {
    let Caller::Connection { connection, .. } = cx.permit().caller() else { return true };
    let own = entry.actor.connection == Some(connection.to_bytes());
    // Whoever is bound by clients' words learns nothing of what others were told.
    own || !cx.permit().asks_clients() && cx.permit().grant().scopes.covers(&cx.services().scopes.set([OF_OTHERS]))
}
