//! `GET /v1/clients/{client_id}/consent_decisions`

use clinicos_contract::query::{LIMIT_DEFAULT, Operand, Query};
use clinicos_contract::{Access, Agents, AnyId, Explains, Problem, RateClass, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{AnyRecord, ConnectionId, Cx, Input, Operation, OrNotFound as _, OrProblem as _, Page};
use clinicos_store::page::After;

use super::RESOURCE;
use super::decision::ConsentDecision;
use crate::ids::{ClientId, PatientId};
use crate::{clients, patients};

/// Tells what of a client's data may leave to each connection of the clinic, and why.
pub struct Explain;

impl Operation for Explain {
    const SPEC: Spec = Spec {
        id: "consents.explain",
        route: Route::get("/v1/clients/{client_id}/consent_decisions"),
        summary: "Explain what may leave about a client",
        description: "For each connection of the clinic, which categories of the client's data may leave to it, and what decides \
                      that: what the clinic opted in to, what the client said, or a rule of the clinic's jurisdiction with its \
                      source. Filter by `connection_id`; with `patient_id` it is about the records of that patient, whose owners' \
                      words all count. It is decided by what writes each answer. Needs `connections:read` and `clients:read`, \
                      too, and is refused to a connection that clients' words bind.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::list(ConsentDecision::SCHEMA),
        explains: Explains::Decisions,
        also: &["clients.get", "connections.get"],
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Page;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Page, Problem> {
        let (clinic, client): (_, ClientId) = (cx.clinic_id()?, input.id("client_id")?);
        clients::rows::find(cx.conn(), clinic, client).await.or_problem()?.or_not_found()?;
        let asked = Asked::of(&input.query);
        let patient = match asked.patient {
            Some(patient) if patients::rows::find(cx.conn(), clinic, patient).await.or_problem()?.is_some() => Some(patient),
            // As every filter by what is not there, it finds nothing.
            Some(_) => return Ok(Page { records: Vec::new(), next: None }),
            None => None,
        };
        let explaining = cx.why()?;
        let subjects: Vec<AnyId> = [Some(client.any()), patient.map(|patient| patient.any())].into_iter().flatten().collect();
        let limit = usize::try_from(input.query.limit.unwrap_or(LIMIT_DEFAULT)).unwrap_or(1);
        let after = input.after.as_ref().map(|after| after.id.as_str()).unwrap_or_default();
        let mut left = explaining.connections().iter().filter(|one| asked.takes(one.id) && *one.id.to_string() > *after);
        let shown: Vec<_> = left.by_ref().take(limit).collect();
        let more = left.next().is_some();
        let next = shown.last().filter(|_| more).map(|last| After { sort: None, id: last.id.to_string() });
        let decision = |connection: &&_| {
            let why = explaining.why(connection, &subjects);
            Box::new(ConsentDecision::of(connection, client, patient, &why)) as Box<dyn AnyRecord>
        };
        Ok(Page { records: shown.iter().map(|connection| decision(&&***connection)).collect(), next })
    }
}

/// What a query asks about.
#[derive(Default)]
struct Asked {
    connection: Option<String>,
    patient: Option<PatientId>,
}

impl Asked {
    fn of(query: &Query) -> Self {
        let mut asked = Self::default();
        for term in &query.filters {
            match (term.field, &term.value) {
                ("connection_id", Operand::Text(id)) => asked.connection = Some(id.clone()),
                ("patient_id", Operand::Text(id)) => asked.patient = PatientId::parse(id),
                _ => {}
            }
        }
        asked
    }

    fn takes(&self, connection: ConnectionId) -> bool {
        self.connection.as_ref().is_none_or(|asked| *asked == connection.to_string())
    }
}
