//! `invoices.delete`

use clinicos_contract::{Access, Problem, RateClass, Reach, Reply, Route, Spec, problem};
use clinicos_gate::{Announcement, Cx, Input, Nothing, Operation, OrNotFound as _, OrProblem as _};

use super::{RESOURCE, events, rows};

/// Deletes a draft or void invoice.
pub struct Delete;

impl Operation for Delete {
    const SPEC: Spec = Spec {
        id: "invoices.delete",
        route: Route::delete("/v1/invoices/{invoice_id}"),
        summary: "Delete an invoice",
        description: "Only a draft or void invoice can be deleted; its number is not used again.",
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
        let (clinic, today) = (cx.clinic_id()?, cx.today()?);
        let mut invoice = rows::lock(cx.conn(), clinic, today, input.id("invoice_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(invoice.version)?;
        invoice.check_deletable()?;
        invoice.touch(cx.now());
        invoice.deleted_at = Some(invoice.updated_at);
        rows::update(cx.conn(), &invoice).await.or_problem()?;
        cx.emit(Announcement::new(&events::DELETED, invoice.id.any(), invoice.version));
        Ok(Nothing)
    }
}
