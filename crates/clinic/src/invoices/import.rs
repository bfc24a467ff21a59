//! `invoices.import`

use std::collections::{BTreeMap, HashSet};

use clinicos_contract::time::Date;
use clinicos_contract::wire::Nested;
use clinicos_contract::{AnyId, Body, Currency, Patch, Problem, Record as _, Route, Schema, Spec, Timestamp, Verb};
use clinicos_gate::{Announcement, ClinicId, Cx, Input, One, Operation, OrProblem as _};
use serde::Deserialize;

use super::create::{Named, free_number};
use super::model::lines::{self, NewLine};
use super::model::{Invoice, InvoicePatch, NewInvoice, Origin};
use super::{RESOURCE, events, rows, sample};
use crate::bulk::{self, Batch, Changed, ImportBatch, Importing, NewBatch, Row, Rows};
use crate::clients::rows::Adjustment;
use crate::ids::{ClientId, InvoiceId, InvoiceKind, PatientId, ProductId};
use crate::{accounts, clients, refusals};

static BODY: Schema = Schema {
    name: "invoice_import",
    doc: "Invoices of another system.",
    fields: &[bulk::SYSTEM, bulk::DRY_RUN, bulk::RESULTS, bulk::rows(Invoice::SCHEMA)],
};

/// Creates invoices with their lines, and changes those that were imported before.
pub struct Import;

impl Rows for Import {
    const SCHEMA: &'static Schema = Invoice::SCHEMA;
}

impl Operation for Import {
    const SPEC: Spec = Spec {
        id: "invoices.import",
        route: Route::post("/v1/invoices/import"),
        summary: "Import invoices",
        resource: &RESOURCE,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        emits: &[&events::CREATED, &events::UPDATED, &accounts::CLIENT_UPDATED],
        example: sample::IMPORT,
        ..bulk::SPEC
    };
    type Body = NewBatch<Import>;
    type Output = One<ImportBatch<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewBatch<Import>>) -> Result<Self::Output, Problem> {
        let (facts, today) = (cx.clinic()?, cx.today()?);
        let mut batch: Batch<InvoiceKind> = Batch::open(cx, input.body).await?;
        let known = rows::lock_many(cx.conn(), batch.clinic, today, &batch.found()).await.or_problem()?;
        let mut payers = clients::rows::existing(cx.conn(), batch.clinic, &batch.named("client_id")).await.or_problem()?;
        payers.extend(batch.to_come());
        let numbers: Vec<String> = batch.rows().iter().filter_map(|row| row.member("number")).collect();
        let asked: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let taken = rows::taken_numbers(cx.conn(), batch.clinic, &asked).await.or_problem()?;
        let nameless = batch.rows().iter().filter(|row| row.found.is_none() && row.member::<String>("number").is_none());
        let mut free = Vec::new();
        for _ in 0..nameless.count() {
            free.push(free_number(cx, batch.clinic).await?);
        }
        free.reverse();
        let named = named(cx, &batch).await?;
        let origin = Clinic { id: batch.clinic, currency: facts.currency, today, now: batch.now };
        let importing = Invoices {
            origin,
            known,
            payers,
            named,
            taken,
            free,
            new: Vec::new(),
            changed: Vec::new(),
            with_other_lines: HashSet::new(),
            owed: BTreeMap::new(),
            announcements: Vec::new(),
        };
        bulk::import(cx, &mut batch, importing).await?;
        Ok(One(batch.close(cx, RESOURCE.name)))
    }
}

/// What all new invoices share.
#[derive(Clone, Copy)]
struct Clinic {
    id: ClinicId,
    currency: Currency,
    today: Date,
    now: Timestamp,
}

/// Invoices on their way.
struct Invoices {
    origin: Clinic,
    known: BTreeMap<InvoiceId, Invoice<'static>>,
    payers: HashSet<ClientId>,
    named: Named,
    taken: HashSet<String>,
    /// Generated numbers, the first one last.
    free: Vec<String>,
    new: Vec<Invoice<'static>>,
    changed: Vec<Invoice<'static>>,
    with_other_lines: HashSet<InvoiceId>,
    owed: BTreeMap<ClientId, i64>,
    announcements: Vec<Announcement>,
}

impl Invoices {
    fn owe(&mut self, client: ClientId, more: i64) {
        *self.owed.entry(client).or_default() += more;
    }

    /// The lines that a row gives, unless they are those that the invoice has.
    fn changed_lines(
        &self,
        cx: &Cx<'_>,
        invoice: &Invoice<'static>,
        given: Patch<Vec<NewLine>>,
    ) -> Result<Option<OtherLines>, Problem> {
        let given = match given {
            Patch::Keep => return Ok(None),
            Patch::Clear => Vec::new(),
            Patch::Set(lines) => lines,
        };
        let wanted = self.named.lines(cx, given, invoice)?;
        let known = invoice.lines.as_ref().map_or(&[][..], |Nested(lines)| lines);
        if known.len() == wanted.len() && known.iter().zip(&wanted).all(|(known, wanted)| known.says_the_same(wanted)) {
            return Ok(None);
        }
        invoice.check_lines_open()?;
        let sums = lines::totals(&wanted)?;
        Ok(Some((wanted, sums)))
    }

    fn number(&mut self, given: Option<String>) -> Result<String, Problem> {
        let Some(number) = given else {
            let next = self.free.pop();
            return next.ok_or_else(|| Problem::unavailable("fewer numbers were generated than rows need one"));
        };
        refusals::check_not_empty("/number", &number)?;
        if self.taken.contains(&number) {
            return Err(Problem::rule("/number", "already_exists", "another invoice of the clinic has this number"));
        }
        Ok(number)
    }
}

impl Importing for Invoices {
    type Kind = InvoiceKind;

    fn create(&mut self, cx: &Cx<'_>, row: &mut Row<InvoiceKind>) -> Result<AnyId, Problem> {
        let mut body: NewInvoice = row.create()?;
        if !self.payers.contains(&body.client_id) {
            return Err(refusals::unknown_reference("/client_id", "client"));
        }
        let given = body.lines.take().unwrap_or_default();
        let Clinic { id: clinic, currency, today, now } = self.origin;
        let number = self.number(body.number.take())?;
        let mut invoice = body.record(Origin { id: cx.mint(), clinic, currency, number, today, now })?;
        let lines = self.named.lines(cx, given, &invoice)?;
        let sums = lines::totals(&lines)?;
        invoice.set_lines(lines, sums);
        let owed = invoice.settle(today);
        self.taken.insert(invoice.number.clone().into_owned());
        self.owe(invoice.client_id, owed);
        let about = Announcement::new(&events::CREATED, invoice.id.any(), invoice.version);
        self.announcements.push(about.with("client_id", invoice.client_id).with("stage", invoice.stage.name()));
        let id = invoice.id.any();
        self.new.push(invoice);
        Ok(id)
    }

    fn change(&mut self, cx: &Cx<'_>, id: InvoiceId, row: &mut Row<InvoiceKind>) -> Result<Option<Changed>, Problem> {
        let mut invoice = self.known.remove(&id).ok_or_else(|| bulk::lost(id))?;
        let fixed = |name: &str, same: bool| {
            let refused =
                || Problem::rule(format!("/{name}"), "fixed", "is not what the invoice has, and is fixed from the start");
            if same { Ok(()) } else { Err(refused()) }
        };
        fixed("number", row.member::<String>("number").is_none_or(|number| number == invoice.number))?;
        fixed("client_id", row.member::<ClientId>("client_id").is_none_or(|client| client == invoice.client_id))?;
        let mut patch: InvoicePatch = row.patch()?;
        let given = std::mem::take(&mut patch.lines);
        let before = invoice.external_ids.value().unwrap_or_default();
        let mut changes = invoice.apply(patch, self.origin.today)?;
        let other_lines = self.changed_lines(cx, &invoice, given)?;
        if let Some((lines, sums)) = other_lines {
            invoice.set_lines(lines, sums);
            self.with_other_lines.insert(invoice.id);
            changes.note("lines");
        }
        if changes.is_empty() {
            return Ok(None);
        }
        invoice.touch(self.origin.now);
        if changes.has("lines") {
            for line in invoice.lines.iter_mut().flat_map(|lines| &mut lines.0) {
                line.version = invoice.version;
            }
        }
        let more = invoice.settle(self.origin.today);
        self.owe(invoice.client_id, more);
        let about = Announcement::new(&events::UPDATED, invoice.id.any(), invoice.version).with("client_id", invoice.client_id);
        self.announcements.push(about.changed(changes.names()));
        let after = invoice.external_ids.value().unwrap_or_default();
        self.changed.push(invoice);
        Ok(Some(Changed { before, after }))
    }

    async fn save(self, cx: &mut Cx<'_>) -> Result<(), Problem> {
        let Clinic { id: clinic, now, .. } = self.origin;
        rows::insert(cx.conn(), &self.new).await.or_problem()?;
        for invoice in &self.changed {
            rows::update(cx.conn(), invoice).await.or_problem()?;
            if self.with_other_lines.contains(&invoice.id) {
                rows::replace_lines(cx.conn(), invoice).await.or_problem()?;
            }
        }
        for (client, balance) in self.owed {
            accounts::adjust(cx, clinic, client, Adjustment { balance, credit: 0 }, now).await?;
        }
        self.announcements.into_iter().for_each(|announcement| cx.emit(announcement));
        Ok(())
    }
}

type OtherLines = (Vec<lines::InvoiceLine<'static>>, lines::Totals);

/// What the lines of a row name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LineNames {
    patient_id: Option<PatientId>,
    product_id: Option<ProductId>,
}

/// The patients and products that lines of the batch name.
async fn named(cx: &mut Cx<'_>, batch: &Batch<InvoiceKind>) -> Result<Named, Problem> {
    let lines: Vec<LineNames> = batch.rows().iter().filter_map(|row| row.member::<Vec<LineNames>>("lines")).flatten().collect();
    let patients = lines.iter().filter_map(|line| line.patient_id).collect();
    let products = lines.iter().filter_map(|line| line.product_id).collect();
    let mut named = Named::find(cx, &patients, &products).await?;
    named.patients.extend(batch.to_come());
    named.to_come.extend(batch.to_come());
    Ok(named)
}
