//! `synthetic.load`

use std::borrow::Cow;

use clinicos_contract::{Access, Body, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Cx, Environment, Input, One, Operation, OrProblem as _, conflict};
use clinicos_store::{Conn, StoreError};

use super::generate::{History, Place, history};
use super::model::{NewBatch, SyntheticBatch};
use super::{RESOURCE, sample, stock};
use crate::{clients, invoices, patients, payments, products};

/// Invoices that are generated before they are inserted, give or take a client's. Rows go in by
/// key, so the more at a time, the fewer pages are touched twice; this many take about 60 MiB.
const INVOICES_AT_A_TIME: usize = 25_000;

/// Loads synthetic records.
pub struct Load;

impl Operation for Load {
    const SPEC: Spec = Spec {
        id: "synthetic.load",
        route: Route::post("/v1/synthetic_batches"),
        summary: "Load synthetic records",
        description: "Only the operator, and only in a sandbox. The same body gives the same records; `first_client` and \
                      `count` choose a part of the whole, so that a large whole is loaded in several batches; the products come \
                      with the first.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Heavy,
        operator_only: true,
        body: Some(Body { schema: SyntheticBatch::SCHEMA, verb: Verb::Create }),
        reply: Reply::created(SyntheticBatch::SCHEMA),
        idempotent: true,
        problems: &[&problem::CONFLICT, &problem::RULE_BROKEN],
        example: sample::LOAD,
        ..Spec::DEFAULT
    };
    type Body = NewBatch;
    type Output = One<SyntheticBatch<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewBatch>) -> Result<Self::Output, Problem> {
        if cx.services().environment != Environment::Sandbox {
            return Err(conflict("synthetic records are loaded into a sandbox only"));
        }
        let (clinic, body) = (cx.clinic()?, input.body);
        body.check()?;
        if clinic.record_comes_in {
            return Err(conflict("an exported record is being taken in into this clinic; finish that first, or give it up"));
        }
        let place = Place { clinic: clinic.id, currency: clinic.currency };
        let loaded = load(cx.conn(), &body, place).await.or_problem()?;
        Ok(One(SyntheticBatch {
            id: cx.mint(),
            clinic_id: clinic.id,
            seed: body.seed,
            clients: body.clients,
            invoices: body.invoices,
            years: body.years,
            first_client: body.first_client,
            count: body.count,
            products_added: loaded.products,
            patients_added: loaded.patients,
            invoices_added: loaded.invoices,
            lines_added: loaded.lines,
            payments_added: loaded.payments,
            digest: Cow::Owned(format!("{:016x}", loaded.digest.0)),
            created_at: cx.now(),
            version: 1,
        }))
    }
}

/// How much was loaded.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Products.
    pub products: i64,
    /// Patients.
    pub patients: i64,
    /// Invoices.
    pub invoices: i64,
    /// Their lines.
    pub lines: i64,
    /// Payments.
    pub payments: i64,
    /// Of ids and amounts.
    pub digest: Digest,
}

/// Generates and inserts the clients of a batch.
pub async fn load(conn: &mut dyn Conn, batch: &NewBatch, place: Place) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    let products = stock::ids(batch.seed.unsigned_abs());
    if batch.first_client == 0 {
        let stock = stock::products(batch.seed, place);
        products::rows::insert(conn, &stock).await?;
        loaded.products = i64::try_from(stock.len()).unwrap_or(0);
    }
    let mut places = batch.places();
    loop {
        let (mut made, mut waiting) = (Vec::new(), 0);
        while waiting < INVOICES_AT_A_TIME
            && made.len() < INVOICES_AT_A_TIME
            && let Some(at) = places.next()
        {
            let history = history(batch, place, &products, at);
            waiting += history.invoices.len();
            loaded.count(&history);
            made.push(history);
        }
        if made.is_empty() {
            return Ok(loaded);
        }
        insert(conn, made).await?;
    }
}

/// Inserts histories table by table, each in the order of its key, which is the cheapest for the
/// engines.
async fn insert(conn: &mut dyn Conn, made: Vec<History>) -> Result<(), StoreError> {
    let mut allocations: Vec<_> = made.iter().flat_map(History::allocations).collect();
    allocations.sort_unstable_by_key(|placed| placed.payment);
    let (mut owners, mut owned, mut billed, mut paid) = (Vec::with_capacity(made.len()), Vec::new(), Vec::new(), Vec::new());
    for history in made {
        owners.push(history.client);
        owned.extend(history.patients);
        billed.extend(history.invoices);
        paid.extend(history.payments);
    }
    owners.sort_unstable_by_key(|client| client.id);
    owned.sort_unstable_by_key(|patient| patient.id);
    billed.sort_unstable_by_key(|invoice| invoice.id);
    paid.sort_unstable_by_key(|payment| payment.id);
    clients::rows::insert(conn, &owners).await?;
    patients::rows::insert(conn, &owned).await?;
    invoices::rows::insert(conn, &billed).await?;
    payments::rows::insert(conn, &paid).await?;
    payments::rows::insert_allocations(conn, &allocations).await
}

impl Loaded {
    fn count(&mut self, history: &History) {
        self.digest.add(&history.client.id.to_bytes(), history.client.balance.amount);
        for patient in &history.patients {
            self.patients += 1;
            self.digest.add(&patient.id.to_bytes(), patient.version);
        }
        for invoice in &history.invoices {
            let lines = invoice.lines.as_ref().map_or(0, |lines| lines.0.len());
            self.invoices += 1;
            self.lines += i64::try_from(lines).unwrap_or(0);
            self.digest.add(&invoice.id.to_bytes(), invoice.total.amount);
        }
        for payment in &history.payments {
            self.payments += 1;
            self.digest.add(&payment.id.to_bytes(), payment.amount.amount);
        }
    }
}

/// FNV-1a with 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>).
#[derive(Debug)]
pub struct Digest(pub u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    fn add(&mut self, id: &[u8], amount: i64) {
        for byte in id.iter().copied().chain(amount.to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
