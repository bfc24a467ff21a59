//! `payments.allocate`

use clinicos_contract::wire::Document as _;
use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Record as _, Reply, Route, Schema, Spec, Verb, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::{ALLOCATIONS_MAX, Allocations, FINANCIAL, NewAllocations, Payment};
use super::{RESOURCE, events, rows, sample};
use crate::{accounts, ledger};

static BODY: Schema = Schema {
    name: "allocate_payment",
    doc: "What a payment pays from now on.",
    fields: &[FINANCIAL.required().max(ALLOCATIONS_MAX as u32).named(
        "allocations",
        "In place of all allocations there are; an empty list takes all back.",
        Allocations::SHAPE,
        false,
    )],
};

/// Says which invoices a payment pays.
pub struct Allocate;

impl Operation for Allocate {
    const SPEC: Spec = Spec {
        id: "payments.allocate",
        route: Route::post("/v1/payments/{payment_id}/allocate"),
        summary: "Allocate a payment to invoices",
        description: "The allocations given replace those there are; an empty list takes all back. Each is at most what is \
                      owed for its invoice, and together they are at most the payment.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        agents: Agents::AskFirst,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::one(Payment::SCHEMA),
        idempotent: true,
        emits: &[&events::UPDATED, &ledger::INVOICE_UPDATED, &ledger::INVOICE_PAID, &accounts::CLIENT_UPDATED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::RULE_BROKEN],
        example: sample::ALLOCATE,
        ..Spec::DEFAULT
    };
    type Body = NewAllocations;
    type Output = One<Payment<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewAllocations>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let mut payment = rows::lock(cx.conn(), clinic, input.id("payment_id")?).await.or_problem()?.or_not_found()?;
        payment.check_allocatable()?;
        payment.touch(cx.now());
        ledger::allocate(cx, &mut payment, input.body.allocations).await?;
        rows::update(cx.conn(), &payment).await.or_problem()?;
        let about = Announcement::new(&events::UPDATED, payment.id.any(), payment.version);
        cx.emit(about.with("client_id", payment.client_id).changed(["allocations", "unallocated"]));
        Ok(One(payment))
    }
}
