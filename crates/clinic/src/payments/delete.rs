//! `payments.delete`

use clinicos_contract::{Access, Problem, RateClass, Reply, Route, Spec, problem};
use clinicos_gate::{Announcement, Cx, Input, Nothing, Operation, OrNotFound as _, OrProblem as _};

use super::{RESOURCE, events, rows};
use crate::{accounts, ledger};

/// Deletes a payment.
pub struct Delete;

impl Operation for Delete {
    const SPEC: Spec = Spec {
        id: "payments.delete",
        route: Route::delete("/v1/payments/{payment_id}"),
        summary: "Delete a payment",
        description: "For a payment recorded by mistake. What it paid is owed again. A payment with refunds cannot be deleted.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reply: Reply::Empty,
        if_match: true,
        emits: &[&events::DELETED, &ledger::INVOICE_UPDATED, &accounts::CLIENT_UPDATED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Nothing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Nothing, Problem> {
        let clinic = cx.clinic_id()?;
        let mut payment = rows::lock(cx.conn(), clinic, input.id("payment_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(payment.version)?;
        payment.check_deletable()?;
        payment.touch(cx.now());
        payment.deleted_at = Some(payment.updated_at);
        ledger::count_again(cx, &mut payment).await?;
        rows::update(cx.conn(), &payment).await.or_problem()?;
        let about = Announcement::new(&events::DELETED, payment.id.any(), payment.version);
        cx.emit(about.with("client_id", payment.client_id));
        Ok(Nothing)
    }
}
