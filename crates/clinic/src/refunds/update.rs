//! `refunds.update`

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::status::RefundStatus;
use super::model::{Refund, RefundPatch};
use super::{events, rows, sample};
use crate::{accounts, external_ids, ledger, payments};

/// Changes a refund.
pub struct Update;

impl Operation for Update {
    const SPEC: Spec = Spec {
        id: "refunds.update",
        route: Route::patch("/v1/refunds/{refund_id}"),
        summary: "Change a refund",
        description: "When a refund fails, the payment counts again: towards the invoices that it was taken from, as far as \
                      they still take it, and the rest as the client's credit.",
        access: Access::Action("refund"),
        agents: Agents::Never,
        resource: &payments::RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        body: Some(Body { schema: Refund::SCHEMA, verb: Verb::Update }),
        reply: Reply::one(Refund::SCHEMA),
        if_match: true,
        emits: &[
            &events::UPDATED,
            &events::SUCCEEDED,
            &events::FAILED,
            &payments::events::UPDATED,
            &ledger::INVOICE_UPDATED,
            &ledger::INVOICE_PAID,
            &accounts::CLIENT_UPDATED,
        ],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE, &problem::RULE_BROKEN],
        example: sample::UPDATE,
        ..Spec::DEFAULT
    };
    type Body = RefundPatch;
    type Output = One<Refund<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<RefundPatch>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let id = input.id("refund_id")?;
        // The payment is locked first, as everywhere; what it is never changes.
        let payment_id = rows::find(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?.payment_id;
        let mut payment = payments::rows::lock(cx.conn(), clinic, payment_id).await.or_problem()?.or_not_found()?;
        let mut refund = rows::lock(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
        input.check_version(refund.version)?;
        let known = refund.external_ids.value().unwrap_or_default();
        let changes = refund.apply(input.body)?;
        if changes.is_empty() {
            return Ok(One(refund));
        }
        let wanted = refund.external_ids.value().unwrap_or_default();
        external_ids::replace(cx.conn(), clinic, refund.id, &known, &wanted).await?;
        refund.touch(cx.now());
        rows::update(cx.conn(), &refund).await.or_problem()?;
        cx.emit(refund.announce(&events::UPDATED).changed(changes.names()));
        if changes.has("status") {
            match refund.status {
                RefundStatus::Pending => {}
                RefundStatus::Succeeded => cx.emit(refund.announce(&events::SUCCEEDED)),
                RefundStatus::Failed => {
                    ledger::take_back_refund(cx, &mut payment, &refund).await?;
                    cx.emit(refund.announce(&events::FAILED));
                }
            }
        }
        Ok(One(refund))
    }
}
