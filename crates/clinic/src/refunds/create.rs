//! `refunds.create`

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::{NewRefund, Refund};
use super::{events, sample};
use crate::{accounts, ledger, payments};

/// Pays back a part of a payment, or all of it.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "refunds.create",
        route: Route::post("/v1/payments/{payment_id}/refunds"),
        summary: "Refund a payment",
        description: "Give an `amount`, or `lines` of invoices that the payment pays. An amount is taken from what the payment \
                      left unallocated first, then from the invoices that it pays, the newest first; lines are taken from \
                      their invoices. What is taken from an invoice is owed again. Together, refunds are at most the payment, \
                      and those of a line at most its total. A `pending` refund counts from the start.",
        access: Access::Action("refund"),
        agents: Agents::Never,
        resource: &payments::RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        body: Some(Body { schema: Refund::SCHEMA, verb: Verb::Create }),
        reply: Reply::created(Refund::SCHEMA),
        idempotent: true,
        emits: &[
            &events::CREATED,
            &events::SUCCEEDED,
            &payments::events::UPDATED,
            &ledger::INVOICE_UPDATED,
            &accounts::CLIENT_UPDATED,
        ],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::RULE_BROKEN],
        example: sample::CREATE,
        ..Spec::DEFAULT
    };
    type Body = NewRefund;
    type Output = One<Refund<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewRefund>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let id = input.id("payment_id")?;
        let mut payment = payments::rows::lock(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
        payment.check_refundable()?;
        let mut refund = input.body.record(cx.mint(), &payment, cx.now())?;
        ledger::refund(cx, &mut payment, &mut refund).await?;
        Ok(One(refund))
    }
}
