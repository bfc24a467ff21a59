//! `invoices.create`

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Announcement, ClinicId, Cx, Input, One, Operation, OrProblem as _};

use super::model::lines::{self, InvoiceLine, NewLine};
use super::model::{Invoice, NewInvoice, Origin};
use super::{RESOURCE, events, rows, sample};
use crate::clients::rows::Adjustment;
use crate::{clients, external_ids, refusals};

/// Most generated numbers to try before one is free: callers may give numbers that look generated.
const NUMBERS_TRIED_MAX: usize = 50;

/// Creates an invoice.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "invoices.create",
        route: Route::post("/v1/invoices"),
        summary: "Create an invoice",
        description: "Amounts follow from the lines and cannot be set. All money is in the clinic's currency.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        agents: Agents::AskFirst,
        body: Some(Body { schema: Invoice::SCHEMA, verb: Verb::Create }),
        reply: Reply::created(Invoice::SCHEMA),
        idempotent: true,
        emits: &[&events::CREATED, &events::ISSUED],
        problems: &[&problem::RULE_BROKEN],
        example: sample::CREATE,
        ..Spec::DEFAULT
    };
    type Body = NewInvoice;
    type Output = One<Invoice<'static>>;

    async fn run(cx: &mut Cx<'_>, mut input: Input<NewInvoice>) -> Result<Self::Output, Problem> {
        let (clinic, today, now) = (cx.clinic()?, cx.today()?, cx.now());
        if !clients::rows::exists(cx.conn(), clinic.id, input.body.client_id).await.or_problem()? {
            return Err(refusals::unknown_reference("/client_id", "client"));
        }
        let number = number(cx, clinic.id, input.body.number.take()).await?;
        let given_lines = input.body.lines.take().unwrap_or_default();
        let origin = Origin { id: cx.mint(), clinic: clinic.id, currency: clinic.currency, number, today, now };
        let mut invoice = input.body.record(origin)?;
        let lines = make_lines(cx, given_lines, &invoice)?;
        let sums = lines::totals(&lines)?;
        invoice.set_lines(lines, sums);
        let owed = invoice.settle(today);
        external_ids::claim(cx.conn(), clinic.id, invoice.id, &invoice.external_ids.value().unwrap_or_default()).await?;
        rows::insert(cx.conn(), std::slice::from_ref(&invoice)).await.or_problem()?;
        let by = Adjustment { balance: owed, credit: 0 };
        clients::rows::adjust(cx.conn(), clinic.id, invoice.client_id, by, now).await.or_problem()?;
        announce(cx, &invoice);
        Ok(One(invoice))
    }
}

fn announce(cx: &mut Cx<'_>, invoice: &Invoice<'_>) {
    let about = |kind| Announcement::new(kind, invoice.id.any(), invoice.version).with("client_id", invoice.client_id);
    cx.emit(about(&events::CREATED).with("stage", invoice.stage.name()));
    if invoice.stage.is_issued() {
        cx.emit(about(&events::ISSUED));
    }
}

/// The lines of a body, each with an id.
pub(super) fn make_lines(cx: &Cx<'_>, given: Vec<NewLine>, invoice: &Invoice<'_>) -> Result<Vec<InvoiceLine<'static>>, Problem> {
    refusals::check_length("/lines", given.len(), lines::LINES_MAX)?;
    let place =
        |(at, line): (usize, NewLine)| line.line(at, cx.mint(), invoice.total.currency, invoice.issued_on, invoice.version);
    given.into_iter().enumerate().map(place).collect()
}

/// The number that was asked for, or the next free one.
async fn number(cx: &mut Cx<'_>, clinic: ClinicId, given: Option<String>) -> Result<String, Problem> {
    if let Some(number) = given {
        refusals::check_not_empty("/number", &number)?;
        if rows::has_number(cx.conn(), clinic, &number).await.or_problem()? {
            return Err(Problem::rule("/number", "already_exists", "another invoice of the clinic has this number"));
        }
        return Ok(number);
    }
    free_number(cx, clinic).await
}

/// The next generated number that nobody has.
pub(super) async fn free_number(cx: &mut Cx<'_>, clinic: ClinicId) -> Result<String, Problem> {
    for _ in 0..NUMBERS_TRIED_MAX {
        let number = format!("INV-{:06}", rows::next_number(cx.conn(), clinic).await.or_problem()?);
        if !rows::has_number(cx.conn(), clinic, &number).await.or_problem()? {
            return Ok(number);
        }
    }
    Err(Problem::rule("/number", "already_exists", "the next generated numbers are taken; give a number"))
}
