//! `invoices.create_payment`: it makes a payment, so it lives here, and invoices need not know of payments.

use clinicos_contract::wire::Doc;
use clinicos_contract::{
    Access, Agents, Body, Currency, Field, Money, Problem, RateClass, Record as _, Reply, Route, Schema, Spec, Timestamp, Verb,
    Wire, problem,
};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, conflict};

use super::model::status::PaymentStatus;
use super::model::{Allocation, Allocations, FINANCIAL, Method, Payment, PaymentType, Provider, SYSTEM, Tender};
use super::{RESOURCE, events, sample};
use crate::documents::ExternalIds;
use crate::invoices::model::Invoice;
use crate::{accounts, invoices, ledger, refusals};

const fn field<T: Wire>(flags: Field, name: &'static str, doc: &'static str) -> Field {
    flags.named(name, doc, T::SHAPE, T::NULLABLE)
}

static BODY: Schema = Schema {
    name: "invoice_payment",
    doc: "A payment of one invoice by its client, which came through.",
    fields: &[
        field::<Money>(FINANCIAL.required().at_least(1), "amount", "How much; at most what is owed."),
        field::<Method>(FINANCIAL.required(), "method", "How it was paid."),
        field::<PaymentType>(FINANCIAL.creatable(), "type", "What it was paid for; `payment` unless given."),
        field::<Provider>(FINANCIAL.creatable(), "provider", "Who moved the money; `manual` unless given."),
        field::<Option<std::borrow::Cow<'static, str>>>(FINANCIAL.creatable(), "provider_ref", "The provider's name for it."),
        field::<Option<Money>>(FINANCIAL.creatable().at_least(0), "fee", "What the provider kept."),
        field::<Timestamp>(FINANCIAL.creatable(), "tendered_at", "When the client paid; now unless given."),
        field::<Option<std::borrow::Cow<'static, str>>>(FINANCIAL.creatable().max(60), "till_id", "The till that took it."),
        field::<Doc<'static, ExternalIds>>(SYSTEM.creatable().max(20), "external_ids", "Its identifiers in other systems."),
    ],
};

/// Records a payment of one invoice.
pub struct CreateForInvoice;

impl Operation for CreateForInvoice {
    const SPEC: Spec = Spec {
        id: "invoices.create_payment",
        route: Route::post("/v1/invoices/{invoice_id}/payments"),
        summary: "Record a payment of an invoice",
        description: "The payment belongs to the invoice's client, came through, and pays this invoice alone. To record one \
                      that is pending, or that pays several invoices, use `payments.create`.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        agents: Agents::AskFirst,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::created(Payment::SCHEMA),
        idempotent: true,
        emits: &[&events::RECORDED, &ledger::INVOICE_UPDATED, &ledger::INVOICE_PAID, &accounts::CLIENT_UPDATED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::RULE_BROKEN],
        example: sample::CREATE_FOR_INVOICE,
        ..Spec::DEFAULT
    };
    type Body = Tender;
    type Output = One<Payment<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Tender>) -> Result<Self::Output, Problem> {
        let (clinic, today) = (cx.clinic()?, cx.today()?);
        let id = input.id("invoice_id")?;
        let invoice = invoices::rows::lock_head(cx.conn(), clinic.id, today, id).await.or_problem()?.or_not_found()?;
        let amount = input.body.amount();
        check_payable(&invoice, amount, clinic.currency)?;
        let status = PaymentStatus::Succeeded;
        let mut payment = input.body.record(cx.mint(), invoice.client_id, status, clinic, cx.now())?;
        ledger::record(cx, &mut payment, Allocations(vec![Allocation { invoice_id: id, amount }])).await?;
        Ok(One(payment))
    }
}

fn check_payable(invoice: &Invoice<'_>, amount: Money, currency: Currency) -> Result<(), Problem> {
    refusals::check_not_deleted(invoice.deleted_at)?;
    refusals::check_currency("/amount", amount, currency)?;
    if !invoice.stage.takes_payments() {
        return Err(conflict(format!(
            "a `{}` invoice takes no payments; one that is `open`, `sent` or in `collections` does",
            invoice.stage.name()
        )));
    }
    if amount.amount > invoice.balance.amount {
        let left = invoice.balance.amount;
        let detail = format!("is more than what is owed; {left} minor units are left");
        return Err(Problem::rule("/amount", "exceeds_balance", detail));
    }
    Ok(())
}
