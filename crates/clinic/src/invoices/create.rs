//! `invoices.create`

use std::collections::{BTreeMap, BTreeSet};

use clinicos_contract::{Access, Agents, Body, Money, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Announcement, ClinicId, Cx, Input, One, Operation, OrProblem as _};

use super::model::lines::{self, InvoiceLine, NewLine};
use super::model::{Invoice, NewInvoice, Origin};
use super::{RESOURCE, events, rows, sample};
use crate::clients::rows::Adjustment;
use crate::ids::{PatientId, ProductId};
use crate::products::model::Product;
use crate::{accounts, clients, external_ids, patients, products, refusals};

/// Most generated numbers to try before one is free: callers may give numbers that look generated.
const NUMBERS_TRIED_MAX: usize = 50;

/// Creates an invoice.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "invoices.create",
        route: Route::post("/v1/invoices"),
        summary: "Create an invoice",
        description: "Amounts follow from the lines and cannot be set. All money is in the clinic's currency. A line with a \
                      `product_id` takes name, price, revenue category and account from the product where it leaves them out.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        agents: Agents::AskFirst,
        body: Some(Body { schema: Invoice::SCHEMA, verb: Verb::Create }),
        reply: Reply::created(Invoice::SCHEMA),
        idempotent: true,
        emits: &[&events::CREATED, &events::ISSUED, &accounts::CLIENT_UPDATED],
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
        let lines = make_lines(cx, given_lines, &invoice).await?;
        let sums = lines::totals(&lines)?;
        invoice.set_lines(lines, sums);
        let owed = invoice.settle(today);
        external_ids::claim(cx.conn(), clinic.id, invoice.id, &invoice.external_ids.value().unwrap_or_default()).await?;
        rows::insert(cx.conn(), std::slice::from_ref(&invoice)).await.or_problem()?;
        let by = Adjustment { balance: owed, credit: 0 };
        accounts::adjust(cx, clinic.id, invoice.client_id, by, now).await?;
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

/// The lines of a body, each with an id, and with what it takes from its product.
pub(super) async fn make_lines(
    cx: &mut Cx<'_>,
    given: Vec<NewLine>,
    invoice: &Invoice<'_>,
) -> Result<Vec<InvoiceLine<'static>>, Problem> {
    refusals::check_length("/lines", given.len(), lines::LINES_MAX)?;
    let patients = given.iter().filter_map(|line| line.patient_id).collect();
    let products = given.iter().filter_map(|line| line.product_id).collect();
    Named::find(cx, &patients, &products).await?.lines(cx, given, invoice)
}

/// The patients and products that lines name.
pub(super) struct Named {
    /// Patients that there are.
    pub(super) patients: BTreeSet<PatientId>,
    /// Products that there are.
    pub(super) products: BTreeMap<ProductId, Product<'static>>,
    /// Stand for products that a dry run does not know yet.
    pub(super) to_come: BTreeSet<ProductId>,
}

impl Named {
    /// Looks them up.
    pub(super) async fn find(
        cx: &mut Cx<'_>,
        patients: &BTreeSet<PatientId>,
        products: &BTreeSet<ProductId>,
    ) -> Result<Self, Problem> {
        let clinic = cx.clinic_id()?;
        let patients = patients::rows::known(cx.conn(), clinic, patients).await.or_problem()?;
        let products = products::rows::some(cx.conn(), clinic, products).await.or_problem()?;
        let products = products.into_iter().map(|product| (product.id, product)).collect();
        Ok(Self { patients, products, to_come: BTreeSet::new() })
    }

    /// Makes lines, each with an id. One that names what is not there is refused.
    pub(super) fn lines(
        &self,
        cx: &Cx<'_>,
        given: Vec<NewLine>,
        invoice: &Invoice<'_>,
    ) -> Result<Vec<InvoiceLine<'static>>, Problem> {
        refusals::check_length("/lines", given.len(), lines::LINES_MAX)?;
        let (currency, issued_on, version) = (invoice.total.currency, invoice.issued_on, invoice.version);
        let place = |(at, mut line): (usize, NewLine)| {
            if line.patient_id.is_some_and(|id| !self.patients.contains(&id)) {
                return Err(refusals::unknown_reference(&format!("/lines/{at}/patient_id"), "patient"));
            }
            let product = line.product_id.and_then(|id| self.products.get(&id));
            if product.is_none() && line.product_id.is_some_and(|id| !self.to_come.contains(&id)) {
                return Err(refusals::unknown_reference(&format!("/lines/{at}/product_id"), "product"));
            }
            if product.is_none() && line.product_id.is_some() {
                // What it takes from its product cannot be known yet, so it must not be missed.
                line.description.get_or_insert_with(|| "to come".to_owned());
                line.unit_price.get_or_insert(Money::new(0, currency));
            }
            line.line(at, cx.mint(), currency, issued_on, version, product)
        };
        given.into_iter().enumerate().map(place).collect()
    }
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
