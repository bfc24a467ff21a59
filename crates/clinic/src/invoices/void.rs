//! `invoices.void`

use clinicos_contract::{
    Access, Agents, Body, Category, Field, Problem, RateClass, Record as _, Reply, Route, Schema, Shape, Spec, Verb, problem,
};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::{Invoice, VoidInvoice};
use super::{RESOURCE, events, rows, sample};
use crate::accounts;
use crate::clients::rows::Adjustment;

static BODY: Schema = Schema {
    name: "void_invoice",
    doc: "Why an invoice is voided.",
    fields: &[Field::of(Category::OwnerFinancial).required().max(500).named("reason", "Why, for the books.", Shape::Text, false)],
};

/// Voids an invoice.
pub struct Void;

impl Operation for Void {
    const SPEC: Spec = Spec {
        id: "invoices.void",
        route: Route::post("/v1/invoices/{invoice_id}/void"),
        summary: "Void an invoice",
        description: "Nothing is owed for a void invoice, and it can no longer be changed. An invoice of which something is \
                      paid cannot be voided before the payments' allocations are taken back.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        agents: Agents::AskFirst,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::one(Invoice::SCHEMA),
        idempotent: true,
        emits: &[&events::VOIDED, &accounts::CLIENT_UPDATED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::RULE_BROKEN],
        example: sample::VOID,
        ..Spec::DEFAULT
    };
    type Body = VoidInvoice;
    type Output = One<Invoice<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<VoidInvoice>) -> Result<Self::Output, Problem> {
        let (clinic, today, now) = (cx.clinic_id()?, cx.today()?, cx.now());
        let mut invoice = rows::lock(cx.conn(), clinic, today, input.id("invoice_id")?).await.or_problem()?.or_not_found()?;
        invoice.void(input.body.reason, now)?;
        invoice.touch(now);
        let by = Adjustment { balance: invoice.settle(today), credit: 0 };
        rows::update(cx.conn(), &invoice).await.or_problem()?;
        accounts::adjust(cx, clinic, invoice.client_id, by, now).await?;
        let about = Announcement::new(&events::VOIDED, invoice.id.any(), invoice.version);
        cx.emit(about.with("client_id", invoice.client_id));
        Ok(One(invoice))
    }
}
