//! `clients.delete`

use clinicos_contract::{Access, Problem, RateClass, Reach, Reply, Route, Spec, problem};
use clinicos_gate::{Announcement, Cx, Input, Nothing, Operation, OrNotFound as _, OrProblem as _, conflict};

use super::{RESOURCE, events, rows};
use crate::refusals;

/// Deletes a client who owes nothing, is owed nothing and owns no patient.
pub struct Delete;

impl Operation for Delete {
    const SPEC: Spec = Spec {
        id: "clients.delete",
        route: Route::delete("/v1/clients/{client_id}"),
        summary: "Delete a client",
        description: "A client who owes something, has credit or draft invoices, or owns a patient cannot be deleted.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        reply: Reply::Empty,
        if_match: true,
        emits: &[&events::DELETED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Nothing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Nothing, Problem> {
        let clinic = cx.clinic_id()?;
        let mut client = rows::lock(cx.conn(), clinic, input.id("client_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(client.version)?;
        refusals::check_not_deleted(client.deleted_at)?;
        if client.balance.amount != 0 || client.credit.amount != 0 {
            return Err(conflict("the client still owes something or has credit; settle both first"));
        }
        if rows::has_drafts(cx.conn(), clinic, client.id).await.or_problem()? {
            return Err(conflict("the client still has draft invoices; delete or issue them first"));
        }
        if rows::has_patients(cx.conn(), clinic, client.id).await.or_problem()? {
            return Err(conflict("the client still owns patients; end the ownerships or delete the patients first"));
        }
        client.touch(cx.now());
        client.deleted_at = Some(client.updated_at);
        rows::update(cx.conn(), &client).await.or_problem()?;
        cx.emit(Announcement::new(&events::DELETED, client.id.any(), client.version));
        Ok(Nothing)
    }
}
