//! The estimate: what care may cost, line by line, and what the client said to it.

use std::borrow::Cow;

use clinicos_contract::category::Sensitivity;
use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Money, Problem, Resource, Timestamp};
use clinicos_gate::{Announcement, Cx, OrProblem as _};

use super::lines::{EstimateLines, LINES_MAX, Sums};
use super::sample;
use super::status::{EstimateStatus, LineAnswer};
use crate::ids::{ClientId, EstimateKind, InvoiceId, PatientId, StaffId, VisitId};
use crate::plain::{Moment, Plain, check_step};
use crate::{chart, invoices, plain_record, refusals};

const FINANCIAL: Field = Field::of(Category::OwnerFinancial);

plain_record! {
    /// What care may cost a client.
    pub struct Estimate<'a>: EstimateKind, "estimate" in "estimates";
    words "an estimate", "estimates";
    index "client_id" "patient_id" "visit_id" "invoice_id" "issued_on";
    money in currency;
    {
        /// Who would pay.
        client_id: ClientId = FINANCIAL.required().equal(),
        /// The patient, if it is one.
        patient_id: Option<PatientId> = FINANCIAL.writable().equal(),
        /// The visit that it was made at.
        visit_id: Option<VisitId> = FINANCIAL.leads_to(Category::Clinical).writable().equal(),
        /// Who made it.
        provider_id: Option<StaffId> = FINANCIAL.writable().equal(),
        /// What it is about.
        title: Option<Cow<'a, str>> = FINANCIAL.writable().max(200),
        /// The day that it bears.
        issued_on: Date = FINANCIAL.figure().required().updatable().range().sortable(),
        /// The last day that it holds.
        expires_on: Option<Date> = FINANCIAL.figure().writable().range(),
        /// Where it stands.
        status: EstimateStatus = FINANCIAL.figure().writable().fallback("\"draft\"").equal(),
        /// What may be done and bought; at most 200 lines. Once it was sent only their answers change.
        lines: Doc<'a, EstimateLines> = FINANCIAL.writable().max(LINES_MAX),
        /// Quantities times prices.
        subtotal: Money = FINANCIAL.figure(),
        /// Taken off.
        discount: Money = FINANCIAL.figure(),
        /// Tax.
        tax: Money = FINANCIAL.figure(),
        /// `subtotal − discount + tax`.
        total: Money = FINANCIAL.figure().range(),
        /// What all lines may cost at least.
        low: Money = FINANCIAL.figure(),
        /// What all lines may cost at most.
        high: Money = FINANCIAL.figure(),
        /// The totals of the lines that were accepted.
        accepted_total: Money = FINANCIAL.figure(),
        /// When it was last sent.
        sent_at: Option<Timestamp> = FINANCIAL.figure().range(),
        /// When the client last said yes or no.
        answered_at: Option<Timestamp> = FINANCIAL.figure().range(),
        /// The invoice that it became; goes together with `converted`. Of the same client.
        invoice_id: Option<InvoiceId> = FINANCIAL.writable().equal(),
        /// Notes that no client should read.
        notes_internal: Option<Cow<'a, str>> = FINANCIAL.sensitivity(Sensitivity::Internal).writable().max(4_000),
    }
}

impl Plain for Estimate<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str = "`status` goes along allowed steps; a forbidden one is refused with those that are allowed. What a client \
         was sent stays as it is: to change lines go back to `draft`, which takes every answer back. `accepted` and \
         `declined` answer the lines that are still `open`; for `partially_accepted` give the lines with their answers. An \
         invoice is made on its own: then set `converted` with its `invoice_id`.";
    const DELETE_DOC: &'static str = "For an estimate made by mistake. One that the client does not want is declined.";

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
        }
        refusals::check_order("/expires_on", Some(self.issued_on), self.expires_on, "issued_on")?;
        let mut lines = self.lines.value().unwrap_or_default();
        self.answer(before, &mut lines)?;
        let sums = lines.settle(self.currency)?;
        self.check_offer(before, &lines)?;
        self.lines = Doc::of(&lines);
        self.add_up(sums);
        self.note_times(before, moment)?;
        if (self.status == EstimateStatus::Converted) != self.invoice_id.is_some() {
            return Err(Problem::rule("/invoice_id", "converted", "goes together with the status `converted`"));
        }
        Ok(())
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("status", self.status.name()).with("client_id", self.client_id)
    }

    /// An estimate becomes an invoice of who was to pay.
    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let entry = |estimate: &Self| {
            let day = Some(("issued_on", estimate.issued_on));
            estimate.patient_id.map(|patient| chart::Entry { patient, visit: None, day, after_death: false })
        };
        if let Some(now) = entry(after) {
            chart::check(cx, before.and_then(entry), now).await?;
        }
        let Some(invoice) = after.invoice_id.filter(|invoice| before.and_then(|before| before.invoice_id) != Some(*invoice))
        else {
            return Ok(());
        };
        let (clinic, today) = (cx.clinic_id()?, cx.today()?);
        let invoice = invoices::rows::lock_head(cx.conn(), clinic, today, invoice).await.or_problem()?;
        match invoice {
            Some(invoice) if invoice.client_id == after.client_id => Ok(()),
            _ => Err(Problem::rule("/invoice_id", "other_client", "must be an invoice of the same client")),
        }
    }
}

impl Estimate<'_> {
    /// Brings the answers of lines and the status together.
    fn answer(&self, before: Option<&Self>, lines: &mut EstimateLines) -> Result<(), Problem> {
        let is_step = before.is_some_and(|before| before.status != self.status);
        match self.status {
            EstimateStatus::Draft | EstimateStatus::Sent => {
                if is_step && before.is_some_and(|before| !before.status.is_unanswered()) {
                    lines.reopen();
                }
                lines.check_all(LineAnswer::Open, "goes together with a status that says what the client wants")
            }
            EstimateStatus::Accepted => {
                lines.answer_open(LineAnswer::Accepted);
                lines.check_all(LineAnswer::Accepted, "must be `accepted`; for some of them set `partially_accepted`")
            }
            EstimateStatus::Declined => {
                lines.answer_open(LineAnswer::Declined);
                lines.check_all(LineAnswer::Declined, "must be `declined`; for some of them set `partially_accepted`")
            }
            EstimateStatus::PartiallyAccepted => {
                let is_some = lines.has(LineAnswer::Accepted) && lines.0.iter().any(|line| line.answer != LineAnswer::Accepted);
                if is_some {
                    Ok(())
                } else {
                    Err(Problem::rule("/lines", "answer", "must have some lines that were accepted, and others"))
                }
            }
            EstimateStatus::Converted if lines.has(LineAnswer::Accepted) => Ok(()),
            EstimateStatus::Converted => Err(Problem::rule("/lines", "answer", "must have a line that was accepted")),
            EstimateStatus::Expired => Ok(()),
        }
    }

    /// What was sent stays as it is, and nothing is sent that offers nothing.
    fn check_offer(&self, before: Option<&Self>, lines: &EstimateLines) -> Result<(), Problem> {
        if self.status != EstimateStatus::Draft && lines.0.is_empty() {
            return Err(Problem::rule("/lines", "empty", "must have a line before it is sent"));
        }
        let Some(before) = before.filter(|before| before.status != EstimateStatus::Draft) else { return Ok(()) };
        let same = before.lines.value().is_some_and(|known| known.offer_the_same(lines));
        if same || self.status == EstimateStatus::Draft {
            return Ok(());
        }
        Err(Problem::rule("/lines", "sent", "was sent, and only the answers can change; go back to `draft` first"))
    }

    fn add_up(&mut self, sums: Sums) {
        let currency = self.currency;
        for (field, amount) in [
            (&mut self.subtotal, sums.subtotal),
            (&mut self.discount, sums.discount),
            (&mut self.tax, sums.tax),
            (&mut self.total, sums.total),
            (&mut self.low, sums.low),
            (&mut self.high, sums.high),
            (&mut self.accepted_total, sums.accepted),
        ] {
            *field = Money::new(amount, currency);
        }
    }

    /// Fills in when it was sent and answered.
    fn note_times(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        let status = self.status;
        if before.is_some_and(|before| before.status == status) {
            return Ok(());
        }
        if status == EstimateStatus::Sent {
            if self.expires_on.is_some_and(|day| day < moment.today) {
                return Err(Problem::rule("/expires_on", "range", "must not be before today when it is sent"));
            }
            self.sent_at = Some(moment.now);
        }
        if status.is_unanswered() {
            self.answered_at = None;
        }
        if status.is_answer() {
            self.answered_at = Some(moment.now);
        }
        Ok(())
    }
}
