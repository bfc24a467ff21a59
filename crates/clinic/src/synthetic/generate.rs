//! One client's history: who it is, what was billed and what was paid.

use std::borrow::Cow;

use clinicos_contract::id::uuid_v7;
use clinicos_contract::time::{Date, Timestamp};
use clinicos_contract::wire::{Doc, Nested};
use clinicos_contract::{Currency, Id, Kind, Money};
use clinicos_gate::ClinicId;

use super::model::NewBatch;
use super::people::{Person, person};
use super::pets::{Owners, Pets};
use super::prices::{PRICES, account, tax_on};
use super::random::SplitMix64;
use crate::clients::model::Client;
use crate::documents::ExternalIds;
use crate::ids::{ClientId, ProductId};
use crate::invoices::model::lines::{InvoiceLine, LineState, gross, totals};
use crate::invoices::model::stage::{self, Stage, Status};
use crate::invoices::model::{Invoice, due_after};
use crate::patients::model::Patient;
use crate::payments::model::status::PaymentStatus;
use crate::payments::model::{Allocation, Allocations, Method, Payment, PaymentType, Provider};
use crate::payments::rows::PlacedAllocation;
use crate::texts::Decimal;

/// The last moment of synthetic history: 2026-10-31T23:59:59Z.
pub(super) const END_S: i64 = 1_793_491_199;
pub(super) const DAY_S: i64 = 86_400;
const METHODS: &[Method] =
    &[Method::Card, Method::Card, Method::Card, Method::Debit, Method::Cash, Method::Check, Method::OnlineLink];

/// Where records are generated for.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The clinic.
    pub clinic: ClinicId,
    /// What it bills in.
    pub currency: Currency,
}

/// A client and everything that happened.
#[derive(Debug)]
pub struct History {
    /// Who it is, with the balance and credit that follow.
    pub client: Client<'static>,
    /// Whom the client owns.
    pub patients: Vec<Patient<'static>>,
    /// With their lines, oldest first.
    pub invoices: Vec<Invoice<'static>>,
    /// With their allocations.
    pub payments: Vec<Payment<'static>>,
}

impl History {
    /// The allocations of all payments, as they are stored.
    pub fn allocations(&self) -> impl Iterator<Item = PlacedAllocation> + '_ {
        self.payments.iter().flat_map(|payment| {
            let place = |allocation| PlacedAllocation { clinic: payment.clinic_id, payment: payment.id, allocation };
            payment.allocations.value().unwrap_or_default().0.into_iter().map(place)
        })
    }
}

/// What becomes of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Draft,
    Void,
    WrittenOff,
    Collections,
    Unpaid,
    Partial,
    Paid,
}

struct Maker<'p> {
    random: SplitMix64,
    place: Place,
    client_id: ClientId,
    seed: i64,
    pets: Pets,
    products: &'p [ProductId],
}

/// How a client's history begins.
struct Arrival {
    random: SplitMix64,
    person: Person,
    /// When invoices were issued, in order.
    times: Vec<i64>,
    came_s: i64,
    client_id: ClientId,
}

fn arrival(batch: &NewBatch, at: u64) -> Arrival {
    let mut random = SplitMix64::new(batch.seed.unsigned_abs(), at);
    let person = person(&mut random, at);
    let days = batch.years.saturating_mul(365);
    let mut times: Vec<i64> = (0..batch.shares().of(at)).map(|_| opening_time(&mut random, days)).collect();
    times.sort_unstable();
    let came_s = times.first().copied().unwrap_or_else(|| opening_time(&mut random, days)) - random.between(300, 3_600);
    let client_id = mint(&mut random, came_s);
    Arrival { random, person, times, came_s, client_id }
}

/// The history of the client at this place of the whole. `products` are those of the seed.
pub fn history(batch: &NewBatch, place: Place, products: &[ProductId], at: u64) -> History {
    let Arrival { random, person, times, came_s, client_id } = arrival(batch, at);
    // The client before may own some of them, too: that one is there when this one is loaded.
    let neighbor = (at % 2 == 1).then(|| arrival(batch, at - 1).client_id);
    let owners = Owners { clinic: place.clinic, client: client_id, neighbor, came_s };
    let pets = Pets::of(batch.seed.unsigned_abs(), at, owners);
    let mut maker = Maker { random, place, client_id, seed: batch.seed, pets, products };
    let (mut invoices, mut payments) = (Vec::with_capacity(times.len()), Vec::with_capacity(times.len()));
    let first_number = batch.shares().before(at);
    for (number, time) in (first_number + 1..).zip(&times) {
        let (invoice, paid_by) = maker.invoice(number, *time);
        invoices.push(invoice);
        payments.extend(paid_by);
    }
    if maker.random.chance(25) {
        let tendered = came_s + maker.random.between(0, END_S - came_s);
        let amount = maker.random.between(20, 300) * 100;
        payments.push(maker.payment(amount, tendered, PaymentType::Deposit, PaymentStatus::Succeeded, None));
    }
    let client = maker.client(person, came_s, &invoices, &payments);
    History { client, patients: maker.pets.into_patients(), invoices, payments }
}

/// A moment between 14:00 and 23:00 UTC, which is a working day from the Atlantic to the Pacific.
fn opening_time(random: &mut SplitMix64, days: i64) -> i64 {
    let last_midnight = END_S + 1 - DAY_S;
    last_midnight - random.between(0, (days - 1).max(0)) * DAY_S + random.between(14 * 3_600, 23 * 3_600 - 1)
}

pub(super) fn mint<K: Kind>(random: &mut SplitMix64, at_s: i64) -> Id<K> {
    let milliseconds = at_s * 1_000 + random.between(0, 999);
    Id::from_bytes(uuid_v7(milliseconds, random.ten_bytes()))
}

pub(super) fn time(at_s: i64) -> Timestamp {
    Timestamp::from_micros(0).plus_seconds(at_s)
}

pub(super) fn day(at_s: i64) -> Date {
    time(at_s).day_in(&jiff::tz::TimeZone::UTC)
}

impl Maker<'_> {
    fn fate(&mut self, issued_s: i64) -> Fate {
        let age_days = (END_S - issued_s) / DAY_S;
        let roll = self.random.below(1_000);
        match (age_days, roll) {
            (_, 980..) => Fate::Void,
            (..=14, ..=150) => Fate::Draft,
            (181.., 966..) => Fate::WrittenOff,
            (121.., 960..) => Fate::Collections,
            (46.., ..=935) | (_, ..=790) => Fate::Paid,
            (46.., ..=947) | (_, ..=870) => Fate::Partial,
            _ => Fate::Unpaid,
        }
    }

    fn invoice(&mut self, number: u64, at_s: i64) -> (Invoice<'static>, Vec<Payment<'static>>) {
        let fate = self.fate(at_s);
        let issued_on = day(at_s);
        let lines = self.lines(at_s, issued_on);
        // Prices and quantities of the list are far from any limit.
        let sums = totals(&lines).unwrap_or_default();
        let money = |amount| Money::new(amount, self.place.currency);
        let stage = match fate {
            Fate::Draft => Stage::Draft,
            Fate::Void => Stage::Void,
            Fate::WrittenOff => Stage::WrittenOff,
            Fate::Collections => Stage::Collections,
            Fate::Unpaid | Fate::Partial | Fate::Paid if number.is_multiple_of(3) => Stage::Sent,
            Fate::Unpaid | Fate::Partial | Fate::Paid => Stage::Open,
        };
        let mut invoice = Invoice {
            id: mint(&mut self.random, at_s),
            clinic_id: self.place.clinic,
            client_id: self.client_id,
            number: Cow::Owned(format!("S{}-{number:06}", self.seed)),
            stage,
            status: Status::Draft,
            issued_on,
            due_on: due_after(issued_on),
            subtotal: money(sums.subtotal),
            discount: money(sums.discount),
            tax: money(sums.tax),
            total: money(sums.total),
            paid: money(0),
            balance: money(0),
            notes: None,
            voided_at: None,
            void_reason: None,
            lines: Some(Nested(lines)),
            external_ids: Doc::of(&ExternalIds::default()),
            created_at: time(at_s),
            updated_at: time(at_s),
            version: 1,
            deleted_at: None,
        };
        let payments = self.pay(&mut invoice, fate, at_s);
        if fate == Fate::Void {
            invoice.voided_at = Some(time((at_s + 7_200).min(END_S)));
            invoice.void_reason = Some(Cow::Borrowed("Entered twice."));
            invoice.version += 1;
        }
        let last = payments.iter().map(|payment| payment.tendered_at).chain(invoice.voided_at).max();
        invoice.updated_at = last.unwrap_or(invoice.created_at);
        invoice.balance.amount = stage::balance(stage, invoice.total.amount, invoice.paid.amount);
        invoice.status = stage::status(stage, invoice.total.amount, invoice.paid.amount, invoice.due_on, day(END_S));
        (invoice, payments)
    }

    fn lines(&mut self, at_s: i64, performed_on: Date) -> Vec<InvoiceLine<'static>> {
        let discounted = self.random.chance(120);
        let count = 1 + self.random.below(6).min(self.random.below(7));
        let visitor = self.pets.visitor(at_s);
        (0..count).filter_map(|_| self.line(at_s, performed_on, discounted, visitor)).collect()
    }

    fn line(&mut self, at_s: i64, performed_on: Date, discounted: bool, visitor: Option<usize>) -> Option<InvoiceLine<'static>> {
        let listed = usize::try_from(self.random.below(PRICES.len() as u64)).unwrap_or(0);
        let price = PRICES.get(listed)?;
        let quantity = self.random.pick(price.quantities).copied()?;
        let quantity = Decimal(Cow::Borrowed(quantity));
        let full = gross(quantity.ten_thousandths()?, price.amount)?;
        let discount = if discounted { full / 10 } else { 0 };
        let tax = if price.taxed { tax_on(full - discount) } else { 0 };
        let state = if self.random.chance(15) { LineState::Declined } else { LineState::Billed };
        let money = |amount| Money::new(amount, self.place.currency);
        Some(InvoiceLine {
            id: mint(&mut self.random, at_s),
            patient_id: self.pets.patient_for(visitor, price.only).map(|patient| patient.id),
            product_id: self.products.get(listed).copied(),
            description: Cow::Borrowed(price.description),
            quantity,
            unit_price: money(price.amount),
            discount: money(discount),
            tax: money(tax),
            total: money(full - discount + tax),
            revenue_category: price.category,
            gl_code: Some(Cow::Borrowed(account(price.category))),
            performed_on,
            state,
            version: 1,
        })
    }

    /// Payments of an invoice, and what is paid of it by them.
    fn pay(&mut self, invoice: &mut Invoice<'static>, fate: Fate, at_s: i64) -> Vec<Payment<'static>> {
        let total = invoice.total.amount;
        let amounts = match fate {
            Fate::Paid if total > 1 && self.random.chance(80) => vec![total / 2, total - total / 2],
            Fate::Paid => vec![total],
            Fate::Partial => vec![total * self.random.between(20, 80) / 100],
            Fate::Draft | Fate::Void | Fate::WrittenOff | Fate::Collections | Fate::Unpaid => Vec::new(),
        };
        let mut payments = Vec::with_capacity(amounts.len());
        let mut tendered = at_s + self.random.between(300, 5_400);
        for amount in amounts.into_iter().filter(|amount| *amount > 0) {
            if self.random.chance(10) {
                payments.push(self.payment(amount, tendered, PaymentType::Payment, PaymentStatus::Failed, None));
            }
            if self.random.chance(180) || !payments.is_empty() {
                tendered += self.random.between(60, 25 * DAY_S);
            }
            let (kind, status) = (PaymentType::Payment, PaymentStatus::Succeeded);
            payments.push(self.payment(amount, tendered, kind, status, Some(invoice)));
            invoice.paid.amount += amount;
            invoice.version += 1;
        }
        payments
    }

    fn payment(
        &mut self,
        amount: i64,
        tendered_s: i64,
        kind: PaymentType,
        status: PaymentStatus,
        pays: Option<&Invoice<'static>>,
    ) -> Payment<'static> {
        let tendered_s = tendered_s.min(END_S);
        let method = self.random.pick(METHODS).copied().unwrap_or(Method::Cash);
        let by_card = matches!(method, Method::Card | Method::OnlineLink);
        let id = mint(&mut self.random, tendered_s);
        let amount = Money::new(amount, self.place.currency);
        let allocations: Vec<Allocation> =
            pays.map(|invoice| Allocation { invoice_id: invoice.id, amount }).into_iter().collect();
        let left = if status.counts() && allocations.is_empty() { amount.amount } else { 0 };
        Payment {
            id,
            clinic_id: self.place.clinic,
            client_id: self.client_id,
            amount,
            method,
            r#type: kind,
            status,
            provider: if by_card { Provider::Stripe } else { Provider::Manual },
            provider_ref: by_card.then(|| Cow::Owned(format!("pi_synthetic_{:016x}", self.random.bits()))),
            fee: by_card.then(|| Money::new(amount.amount * 29 / 1_000 + 30, self.place.currency)),
            tendered_at: time(tendered_s),
            till_id: (!by_card).then_some(Cow::Borrowed("front-desk-1")),
            allocations: Doc::of(&Allocations(allocations)),
            refunded: Money::new(0, self.place.currency),
            unallocated: Money::new(left, self.place.currency),
            external_ids: Doc::of(&ExternalIds::default()),
            created_at: time(tendered_s),
            updated_at: time(tendered_s),
            version: 1,
            deleted_at: None,
        }
    }

    fn client(&self, person: Person, came_s: i64, invoices: &[Invoice<'_>], payments: &[Payment<'_>]) -> Client<'static> {
        let changes = invoices.iter().map(|invoice| invoice.updated_at).chain(payments.iter().map(|payment| payment.tendered_at));
        let updated_at = changes.max().unwrap_or_else(|| time(came_s));
        let balance = invoices.iter().map(|invoice| invoice.balance.amount).sum();
        let credit = payments.iter().map(|payment| payment.unallocated.amount).sum();
        Client {
            id: self.client_id,
            clinic_id: self.place.clinic,
            given_name: Some(person.given_name),
            family_name: Some(person.family_name),
            organization_name: None,
            emails: Doc::of(&person.emails),
            phones: Doc::of(&person.phones),
            address: Some(Doc::of(&person.address)),
            preferred_channel: Some(person.channel),
            language: None,
            account_status: person.status,
            referral_source: person.source,
            tags: Doc::of(&person.tags),
            marketing_opt_in: person.marketing_opt_in,
            balance: Money::new(balance, self.place.currency),
            credit: Money::new(credit, self.place.currency),
            external_ids: Doc::of(&ExternalIds::default()),
            created_at: time(came_s),
            updated_at,
            version: 1 + i64::try_from(invoices.len() + payments.len()).unwrap_or(0),
            deleted_at: None,
            merged_into: None,
        }
    }
}
