//! `invoices.update`

use clinicos_contract::{Access, Agents, Body, Patch, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::create::make_lines;
use super::model::{Invoice, InvoicePatch, lines};
use super::{RESOURCE, events, rows, sample};
use crate::clients::rows::Adjustment;
use crate::{accounts, external_ids};

/// Changes an invoice.
pub struct Update;

impl Operation for Update {
    const SPEC: Spec = Spec {
        id: "invoices.update",
        route: Route::patch("/v1/invoices/{invoice_id}"),
        summary: "Change an invoice",
        description: "`lines` replaces all lines, which is possible only while nothing is paid. `stage` goes forward only: \
                      draft to open or sent, open to sent, and from there to collections or written_off.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        agents: Agents::AskFirst,
        body: Some(Body { schema: Invoice::SCHEMA, verb: Verb::Update }),
        reply: Reply::one(Invoice::SCHEMA),
        if_match: true,
        emits: &[&events::UPDATED, &events::ISSUED, &accounts::CLIENT_UPDATED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE, &problem::RULE_BROKEN],
        example: sample::UPDATE,
        ..Spec::DEFAULT
    };
    type Body = InvoicePatch;
    type Output = One<Invoice<'static>>;

    async fn run(cx: &mut Cx<'_>, mut input: Input<InvoicePatch>) -> Result<Self::Output, Problem> {
        let (clinic, today, now) = (cx.clinic_id()?, cx.today()?, cx.now());
        let mut invoice = rows::lock(cx.conn(), clinic, today, input.id("invoice_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(invoice.version)?;
        let was_issued = invoice.stage.is_issued();
        let given_lines = match std::mem::take(&mut input.body.lines) {
            Patch::Keep => None,
            Patch::Clear => Some(Vec::new()),
            Patch::Set(lines) => Some(lines),
        };
        let known = invoice.external_ids.value().unwrap_or_default();
        let mut changes = invoice.apply(input.body, today)?;
        if given_lines.is_some() {
            invoice.check_lines_open()?;
            changes.note("lines");
        }
        if changes.is_empty() {
            return Ok(One(invoice));
        }
        let wanted = invoice.external_ids.value().unwrap_or_default();
        external_ids::replace(cx.conn(), clinic, invoice.id, &known, &wanted).await?;
        invoice.touch(now);
        if let Some(given) = given_lines {
            let lines = make_lines(cx, given, &invoice).await?;
            let sums = lines::totals(&lines)?;
            invoice.set_lines(lines, sums);
            rows::replace_lines(cx.conn(), &invoice).await.or_problem()?;
        }
        let by = Adjustment { balance: invoice.settle(today), credit: 0 };
        rows::update(cx.conn(), &invoice).await.or_problem()?;
        accounts::adjust(cx, clinic, invoice.client_id, by, now).await?;
        let about = |kind| Announcement::new(kind, invoice.id.any(), invoice.version).with("client_id", invoice.client_id);
        cx.emit(about(&events::UPDATED).changed(changes.names()));
        if invoice.stage.is_issued() && !was_issued {
            cx.emit(about(&events::ISSUED));
        }
        Ok(One(invoice))
    }
}
