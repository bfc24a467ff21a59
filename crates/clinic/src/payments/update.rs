//! `payments.update`

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::status::PaymentStatus;
use super::model::{Payment, PaymentPatch};
use super::{RESOURCE, events, rows, sample};
use crate::{accounts, external_ids, ledger};

/// Changes a payment.
pub struct Update;

impl Operation for Update {
    const SPEC: Spec = Spec {
        id: "payments.update",
        route: Route::patch("/v1/payments/{payment_id}"),
        summary: "Change a payment",
        description: "When a payment fails, what it paid is owed again. `partially_refunded` and `refunded` follow from refunds.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        agents: Agents::AskFirst,
        body: Some(Body { schema: Payment::SCHEMA, verb: Verb::Update }),
        reply: Reply::one(Payment::SCHEMA),
        if_match: true,
        emits: &[&events::UPDATED, &events::FAILED, &events::DISPUTED, &ledger::INVOICE_UPDATED, &accounts::CLIENT_UPDATED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE, &problem::RULE_BROKEN],
        example: sample::UPDATE,
        ..Spec::DEFAULT
    };
    type Body = PaymentPatch;
    type Output = One<Payment<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<PaymentPatch>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let mut payment = rows::lock(cx.conn(), clinic, input.id("payment_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(payment.version)?;
        let known = payment.external_ids.value().unwrap_or_default();
        let changes = payment.apply(input.body)?;
        if changes.is_empty() {
            return Ok(One(payment));
        }
        let wanted = payment.external_ids.value().unwrap_or_default();
        external_ids::replace(cx.conn(), clinic, payment.id, &known, &wanted).await?;
        payment.touch(cx.now());
        if changes.has("status") {
            ledger::count_again(cx, &mut payment).await?;
        }
        rows::update(cx.conn(), &payment).await.or_problem()?;
        let about = |kind| Announcement::new(kind, payment.id.any(), payment.version).with("client_id", payment.client_id);
        cx.emit(about(&events::UPDATED).changed(changes.names()));
        match payment.status {
            PaymentStatus::Failed if changes.has("status") => cx.emit(about(&events::FAILED)),
            PaymentStatus::Disputed if changes.has("status") => cx.emit(about(&events::DISPUTED)),
            _ => {}
        }
        Ok(One(payment))
    }
}
