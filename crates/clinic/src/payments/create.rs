//! `payments.create`

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrProblem as _};

use super::model::status::PaymentStatus;
use super::model::{NewPayment, Payment};
use super::{RESOURCE, events, sample};
use crate::{accounts, clients, ledger, refusals};

/// Records a payment.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "payments.create",
        route: Route::post("/v1/payments"),
        summary: "Record a payment",
        description: "Only a `succeeded` payment can have `allocations`; each is at most the balance of its invoice. What is \
                      left becomes the client's credit.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        agents: Agents::AskFirst,
        body: Some(Body { schema: Payment::SCHEMA, verb: Verb::Create }),
        reply: Reply::created(Payment::SCHEMA),
        idempotent: true,
        emits: &[&events::RECORDED, &ledger::INVOICE_UPDATED, &ledger::INVOICE_PAID, &accounts::CLIENT_UPDATED],
        problems: &[&problem::CONFLICT, &problem::RULE_BROKEN],
        example: sample::CREATE,
        ..Spec::DEFAULT
    };
    type Body = NewPayment;
    type Output = One<Payment<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewPayment>) -> Result<Self::Output, Problem> {
        let (clinic, body) = (cx.clinic()?, input.body);
        if !clients::rows::exists(cx.conn(), clinic.id, body.client_id).await.or_problem()? {
            return Err(refusals::unknown_reference("/client_id", "client"));
        }
        let status = body.status.unwrap_or(PaymentStatus::Succeeded);
        let mut payment = body.tender.record(cx.mint(), body.client_id, status, clinic, cx.now())?;
        if !body.allocations.0.is_empty() {
            payment.check_allocatable()?;
        }
        ledger::record(cx, &mut payment, body.allocations).await?;
        Ok(One(payment))
    }
}
