//! `payments.import`

use std::collections::{BTreeSet, HashMap, HashSet};

use clinicos_contract::{AnyId, Body, Money, Problem, Record as _, Route, Schema, Spec, Timestamp, Verb};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrProblem as _};

use super::model::status::PaymentStatus;
use super::model::{Allocations, NewPayment, Payment, PaymentPatch, PaymentType};
use super::{RESOURCE, events, rows, sample};
use crate::bulk::{self, Batch, Changed, ImportBatch, Importing, NewBatch, Row, Rows};
use crate::ids::{ClientId, InvoiceId, PaymentId, PaymentKind};
use crate::ledger::{self, Books};
use crate::{accounts, clients, refusals};

static BODY: Schema = Schema {
    name: "payment_import",
    doc: "Payments of another system.",
    fields: &[bulk::SYSTEM, bulk::DRY_RUN, bulk::RESULTS, bulk::rows(Payment::SCHEMA)],
};

/// Records payments with what they pay, and changes those that were imported before.
pub struct Import;

impl Rows for Import {
    const SCHEMA: &'static Schema = Payment::SCHEMA;
}

impl Operation for Import {
    const SPEC: Spec = Spec {
        id: "payments.import",
        route: Route::post("/v1/payments/import"),
        summary: "Import payments",
        resource: &RESOURCE,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        emits: &[&events::RECORDED, &events::UPDATED, &ledger::INVOICE_UPDATED, &ledger::INVOICE_PAID, &accounts::CLIENT_UPDATED],
        example: sample::IMPORT,
        ..bulk::SPEC
    };
    type Body = NewBatch<Import>;
    type Output = One<ImportBatch<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewBatch<Import>>) -> Result<Self::Output, Problem> {
        let mut batch: Batch<PaymentKind> = Batch::open(cx, input.body).await?;
        let known = rows::lock_many(cx.conn(), batch.clinic, &batch.found()).await.or_problem()?;
        let mut payers = clients::rows::existing(cx.conn(), batch.clinic, &batch.named("client_id")).await.or_problem()?;
        payers.extend(batch.to_come());
        let asked = batch.rows().iter().filter_map(|row| row.member::<Allocations>("allocations"));
        let there = known.values().filter_map(|payment| payment.allocations.value());
        let paid: BTreeSet<InvoiceId> = asked.chain(there).flat_map(|all| all.0).map(|one| one.invoice_id).collect();
        let mut books = Books::open(cx, paid, batch.now).await?;
        books.expect(batch.to_come());
        let importing =
            Payments { known, payers, books, new: Vec::new(), changed: Vec::new(), announcements: Vec::new(), now: batch.now };
        bulk::import(cx, &mut batch, importing).await?;
        Ok(One(batch.close(cx, RESOURCE.name)))
    }
}

/// Payments on their way.
struct Payments {
    known: HashMap<PaymentId, Payment<'static>>,
    payers: HashSet<ClientId>,
    books: Books,
    new: Vec<Payment<'static>>,
    changed: Vec<Payment<'static>>,
    announcements: Vec<Announcement>,
    now: Timestamp,
}

impl Importing for Payments {
    type Kind = PaymentKind;

    fn create(&mut self, cx: &Cx<'_>, row: &mut Row<PaymentKind>) -> Result<AnyId, Problem> {
        let body: NewPayment = row.create()?;
        if !self.payers.contains(&body.client_id) {
            return Err(refusals::unknown_reference("/client_id", "client"));
        }
        let status = body.status.unwrap_or(PaymentStatus::Succeeded);
        let mut payment = body.tender.record(cx.mint(), body.client_id, status, cx.clinic()?, self.now)?;
        if !body.allocations.0.is_empty() {
            payment.check_allocatable()?;
        }
        self.books.allocate(&mut payment, body.allocations)?;
        let about = Announcement::new(&events::RECORDED, payment.id.any(), payment.version);
        self.announcements.push(about.with("client_id", payment.client_id).with("status", payment.status.name()));
        let id = payment.id.any();
        self.new.push(payment);
        Ok(id)
    }

    fn change(&mut self, _cx: &Cx<'_>, id: PaymentId, row: &mut Row<PaymentKind>) -> Result<Option<Changed>, Problem> {
        let mut payment = self.known.remove(&id).ok_or_else(|| bulk::lost(id))?;
        check_fixed(&payment, row)?;
        let wanted: Option<Allocations> = row.member("allocations");
        let before = payment.external_ids.value().unwrap_or_default();
        let mut changes = payment.apply(row.patch::<PaymentPatch>()?)?;
        let there = payment.allocations.value().unwrap_or_default();
        let moved = wanted.filter(|wanted| !there.says_the_same(wanted));
        if moved.is_some() {
            payment.check_allocatable()?;
            changes.note("allocations");
        }
        if changes.is_empty() {
            return Ok(None);
        }
        payment.touch(self.now);
        let kept = if payment.status.counts() { there } else { Allocations::default() };
        self.books.allocate(&mut payment, moved.unwrap_or(kept))?;
        let about = Announcement::new(&events::UPDATED, payment.id.any(), payment.version);
        self.announcements.push(about.with("client_id", payment.client_id).changed(changes.names()));
        let after = payment.external_ids.value().unwrap_or_default();
        self.changed.push(payment);
        Ok(Some(Changed { before, after }))
    }

    async fn save(self, cx: &mut Cx<'_>) -> Result<(), Problem> {
        self.books.close(cx).await?;
        rows::insert(cx.conn(), &self.new).await.or_problem()?;
        for payment in &self.changed {
            rows::update(cx.conn(), payment).await.or_problem()?;
        }
        self.announcements.into_iter().for_each(|announcement| cx.emit(announcement));
        Ok(())
    }
}

/// Refuses a row that says otherwise about what is fixed from the start.
fn check_fixed(payment: &Payment<'_>, row: &Row<PaymentKind>) -> Result<(), Problem> {
    let same = [
        ("client_id", row.member::<ClientId>("client_id").is_none_or(|client| client == payment.client_id)),
        ("amount", row.member::<Money>("amount").is_none_or(|amount| amount == payment.amount)),
        ("type", row.member::<PaymentType>("type").is_none_or(|kind| kind == payment.r#type)),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((name, _)) => {
            Err(Problem::rule(format!("/{name}"), "fixed", "is not what the payment has, and is fixed from the start"))
        }
        None => Ok(()),
    }
}
