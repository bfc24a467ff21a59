//! `GET /v1/clients/{client_id}/disclosures`

use clinicos_contract::query::{LIMIT_DEFAULT, Query};
use clinicos_contract::{Access, Agents, Explains, Problem, RateClass, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{AnyRecord, Cx, Input, Operation, OrNotFound as _, OrProblem as _, Page};
use clinicos_store::journal::audit::{self, ABOUT_MAX, Found, Search};
use clinicos_store::page::After;

use super::model::{ClientId, Disclosure, Subjects};
use super::{RESOURCE, rows};
use crate::audit_log::search::conditions;

/// Tells what left about a client.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "disclosures.list",
        route: Route::get("/v1/clients/{client_id}/disclosures"),
        summary: "List what left about a client",
        description: "Newest first: every answer that held data of the client or of the client's animals while they were the client's: to \
                      whom, which categories, when, and under which consents. `actor=connection` leaves out people of the clinic. Also of \
                      clients that were deleted. Of whoever has more than 100 animals, such as a shelter, the 100 newest count: ask the log for others by `subject_id`. \
                      Programs that are bound by clients' consents may not ask.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::list(Disclosure::SCHEMA),
        problems: &[&problem::NOT_FOUND],
        explains: Explains::Disclosures,
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Page;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Page, Problem> {
        let (clinic, client): (_, ClientId) = (cx.clinic()?, input.id("client_id")?);
        let limit = usize::try_from(input.query.limit.unwrap_or(LIMIT_DEFAULT)).unwrap_or(1);
        let subjects = rows::subjects(cx.conn(), clinic.id, client).await.or_problem()?.or_not_found()?;
        let own = rows::consents(cx.conn(), clinic.id, client).await.or_problem()?;
        let before = input.after.as_ref().and_then(|after| after.id.parse().ok());
        let mut found = search(cx, &input.query, &subjects, before, limit + 1).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = more.then(|| found.last().map(|last| After { sort: None, id: last.position.to_string() })).flatten();
        // What an animal's former owner was told of is left out here, so that a page may be short.
        let theirs = found.into_iter().filter_map(|mut found| {
            // An answer about many names what each of them decided.
            found.entry.consents.retain(|consent| own.contains(consent));
            let at = clinicos_contract::Timestamp::from_micros(found.entry.at);
            let (categories, whose) = subjects.told(&found.entry, at.day_in(&clinic.zone))?;
            Some(Box::new(Disclosure::new(client, found, categories, &whose)) as Box<dyn AnyRecord>)
        });
        Ok(Page { records: theirs.collect(), next })
    }
}

/// The newest entries that told of any of them.
async fn search(
    cx: &mut Cx<'_>,
    query: &Query,
    subjects: &Subjects,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<Found>, Problem> {
    let (clinic, services) = (cx.clinic_id()?, cx.services());
    let all: Vec<_> = subjects.0.keys().copied().collect();
    let mut found: Vec<Found> = Vec::new();
    for about in all.chunks(ABOUT_MAX) {
        let search = Search { clinic: Some(clinic.to_bytes()), about: about.to_vec(), before, limit, ..conditions(query) };
        found.extend(audit::search(cx.conn(), &services.tail, &search).await.or_problem()?);
    }
    found.sort_unstable_by_key(|found| std::cmp::Reverse(found.position));
    found.dedup_by_key(|found| found.position);
    found.truncate(limit);
    Ok(found)
}
