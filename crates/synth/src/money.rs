//! What is owed and what is paid, and the journal of all of it.
//!
//! Accounts: 1000 bank, 1010 till, 1020 cards on their way, 1200 owed by clients, 2100 paid ahead by clients,
//! 2200 sales tax, 4… income, 6100 fees, 6500 given up, 6900 tills that did not fit.

use std::borrow::Cow;
use std::collections::BTreeMap;

use clinicos_clinic::ids::{InvoiceId, JournalEntryId, PaymentId, PayoutId, RefundId};
use clinicos_clinic::invoices::model::Invoice;
use clinicos_clinic::invoices::model::stage::Stage;
use clinicos_clinic::journal_entries::lines::{JournalLine, JournalLines};
use clinicos_clinic::journal_entries::model::{EntryStatus, JournalEntry};
use clinicos_clinic::payments::model::status::PaymentStatus;
use clinicos_clinic::payments::model::{Allocation, Allocations, Method, Payment, PaymentType, Provider};
use clinicos_contract::Timestamp;
use clinicos_contract::wire::Doc;

use crate::calendar::{Day, date};
use crate::plan::CURRENCY;
use crate::world::{World, money, no_external_ids};

/// What cards cost: thousandths of the amount, and so many cents.
const CARD_FEE: (i64, i64) = (29, 30);
/// The one till.
pub const TILL: &str = "front-desk-1";

const METHODS: &[(Method, u64)] = &[
    (Method::Card, 560),
    (Method::Debit, 150),
    (Method::Cash, 90),
    (Method::Check, 60),
    (Method::Wallet, 70),
    (Method::Financing, 40),
    (Method::InsuranceDirect, 30),
];

/// An invoice about which something can still happen.
#[derive(Debug)]
pub struct Open {
    /// The record.
    pub invoice: Invoice<'static>,
    /// Who owes it.
    pub owner: usize,
    /// How it stands in the journal.
    pub entry: Option<(JournalEntryId, Vec<JournalLine>)>,
}

/// Something about money that is to happen on a day.
#[derive(Debug)]
pub enum Due {
    /// A client pays an invoice: all, or so many cents.
    Pay(i64, Option<i64>),
    /// Money goes back.
    Refund(Box<Payment<'static>>, Back),
    /// A client is reminded of an invoice.
    Remind(i64),
    /// An invoice goes to a collector, or is given up.
    GiveUp(i64),
}

/// Why money goes back.
#[derive(Debug, Clone, Copy)]
pub enum Back {
    /// It was paid twice.
    Twice,
    /// An appointment was called off.
    CalledOff,
    /// A line of this invoice is given back, to please.
    Goodwill(i64),
}

/// The clinic's money.
#[derive(Debug, Default)]
pub struct Books {
    /// How far invoices are counted.
    pub last_number: i64,
    /// Invoices about which something can still happen, by number.
    pub open: BTreeMap<i64, Open>,
    /// What is to happen.
    pub due: BTreeMap<Day, Vec<Due>>,
    /// What went into the till today, less what went out.
    pub till: i64,
    /// What cards brought today: of each provider, gross and fees.
    pub cards: [(i64, i64); 2],
    /// The same of days that were not paid out.
    pub on_the_way: BTreeMap<Day, [(i64, i64); 2]>,
}

/// What an entry comes from.
#[derive(Debug, Default, Clone, Copy)]
pub struct Origin {
    /// An invoice.
    pub invoice: Option<InvoiceId>,
    /// A payment.
    pub payment: Option<PaymentId>,
    /// A refund.
    pub refund: Option<RefundId>,
    /// A payout or closed day.
    pub payout: Option<PayoutId>,
    /// The entry that it takes back.
    pub reverses: Option<JournalEntryId>,
}

/// A line on the debit side.
pub fn debit(account: &str, amount: i64) -> JournalLine {
    JournalLine { account: account.to_owned(), debit: Some(money(amount)), credit: None, memo: None }
}

/// A line on the credit side.
pub fn credit(account: &str, amount: i64) -> JournalLine {
    JournalLine { account: account.to_owned(), debit: None, credit: Some(money(amount)), memo: None }
}

/// The account that a payment comes into.
pub fn asset(payment: &Payment<'_>) -> &'static str {
    match payment.provider {
        Provider::Stripe | Provider::Square => "1020",
        _ if payment.till_id.is_some() => "1010",
        _ => "1000",
    }
}

impl World {
    /// Posts an entry. Lines without an amount are left out; what has none at all is no entry.
    pub fn post(&mut self, at: Timestamp, description: String, lines: Vec<JournalLine>, from: Origin) -> Option<JournalEntryId> {
        let has_amount = |line: &JournalLine| line.debit.or(line.credit).is_some_and(|money| money.amount > 0);
        let lines: Vec<JournalLine> = lines.into_iter().filter(has_amount).collect();
        if lines.is_empty() {
            return None;
        }
        let total = lines.iter().filter_map(|line| line.debit).map(|money| money.amount).sum();
        let id = self.dice.id(at);
        self.shelf.put(&JournalEntry {
            id,
            clinic_id: self.clinic,
            currency: CURRENCY,
            entry_on: date(self.calendar.day(at)),
            description: Cow::Owned(description),
            status: EntryStatus::Posted,
            lines: Doc::of(&JournalLines(lines)),
            total: money(total),
            posted_at: Some(at),
            reverses_id: from.reverses,
            invoice_id: from.invoice,
            payment_id: from.payment,
            refund_id: from.refund,
            payout_id: from.payout,
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: at,
            version: 1,
            deleted_at: None,
        });
        Some(id)
    }

    /// How a client pays.
    pub fn method(&mut self) -> Method {
        METHODS[self.dice.weighted(METHODS.iter().map(|one| one.1))].0
    }

    /// Money that a client gives, put towards nothing yet.
    pub fn tender(&mut self, owner: usize, amount: i64, method: Method, kind: PaymentType, at: Timestamp) -> Payment<'static> {
        let provider = match method {
            Method::Card | Method::OnlineLink | Method::Wallet => Provider::Stripe,
            Method::Debit => Provider::Square,
            Method::Financing | Method::InsuranceDirect => Provider::Other,
            _ => Provider::Manual,
        };
        let by_card = matches!(provider, Provider::Stripe | Provider::Square);
        let fee = (amount * CARD_FEE.0 / 1_000 + CARD_FEE.1).min(amount);
        Payment {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            client_id: self.owners[owner].record.id,
            amount: money(amount),
            method,
            r#type: kind,
            status: PaymentStatus::Succeeded,
            provider,
            provider_ref: by_card.then(|| Cow::Owned(format!("pi_synthetic_{}", self.dice.digits(14)))),
            fee: by_card.then(|| money(fee)),
            tendered_at: at,
            till_id: matches!(method, Method::Cash | Method::Check).then_some(Cow::Borrowed(TILL)),
            allocations: Doc::of(&Allocations::default()),
            refunded: money(0),
            unallocated: money(amount),
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: at,
            version: 1,
            deleted_at: None,
        }
    }

    /// Counts a payment that came through, and what it leaves in the journal: so much for an invoice, the rest ahead.
    pub fn take_in(&mut self, payment: &Payment<'static>, allocated: i64, invoice: Option<InvoiceId>) {
        self.tally(payment, payment.amount.amount, payment.fee.map_or(0, |fee| fee.amount));
        let amount = payment.amount.amount;
        let lines = vec![debit(asset(payment), amount), credit("1200", allocated), credit("2100", amount - allocated)];
        let from = Origin { payment: Some(payment.id), invoice, ..Origin::default() };
        self.post(payment.tendered_at, format!("Payment by {}", payment.method.name().replace('_', " ")), lines, from);
    }

    /// Counts what came in, or went out, until the day is closed.
    pub fn tally(&mut self, payment: &Payment<'_>, amount: i64, fee: i64) {
        let cards = match payment.provider {
            Provider::Stripe => &mut self.books.cards[0],
            Provider::Square => &mut self.books.cards[1],
            _ if payment.till_id.is_some() => return self.books.till += amount,
            _ => return,
        };
        cards.0 += amount;
        cards.1 += fee;
    }

    /// Puts so much of a payment towards an open invoice.
    pub fn allocate(&mut self, payment: &mut Payment<'static>, number: i64, amount: i64) {
        let last = date(self.calendar.last);
        let Some(open) = self.books.open.get_mut(&number) else { return };
        let mut all = payment.allocations.value().unwrap_or_default();
        all.0.push(Allocation { invoice_id: open.invoice.id, amount: money(amount) });
        let allocated = all.0.iter().map(|one| one.amount.amount).sum();
        payment.allocations = Doc::of(&all);
        payment.settle(allocated);
        // Both are what is left of invoice and payment, so neither can be too much.
        let _ = open.invoice.pay(amount);
        open.invoice.settle(last);
        open.invoice.touch(payment.updated_at.max(open.invoice.updated_at));
    }

    /// A client pays an open invoice, in part or all.
    pub fn pay_invoice(&mut self, number: i64, part: Option<i64>, method: Method, at: Timestamp) -> Option<Payment<'static>> {
        let open = self.books.open.get(&number)?;
        let (owner, owed, id) = (open.owner, open.invoice.balance.amount, open.invoice.id);
        let amount = part.unwrap_or(owed).min(owed);
        if amount <= 0 {
            return None;
        }
        let mut payment = self.tender(owner, amount, method, PaymentType::Payment, at);
        self.allocate(&mut payment, number, amount);
        self.take_in(&payment, amount, Some(id));
        Some(payment)
    }

    /// Writes a payment down for good.
    pub fn file_payment(&mut self, payment: &Payment<'static>) {
        if let Some(owner) = self.owner_of.get(&payment.client_id) {
            self.owners[*owner].credit += payment.unallocated.amount;
        }
        self.shelf.put(payment);
    }

    /// Writes an invoice down for good, with what is owed for it at the end.
    pub fn file_invoice(&mut self, number: i64) {
        let last = date(self.calendar.last);
        let Some(mut open) = self.books.open.remove(&number) else { return };
        open.invoice.settle(last);
        self.owners[open.owner].balance += open.invoice.balance.amount;
        self.shelf.put(&open.invoice);
    }

    /// What is to happen about money on this day.
    pub fn settle_due(&mut self, day: Day) {
        for due in self.books.due.remove(&day).unwrap_or_default() {
            let at = self.calendar.at(day, 10 * 60 + self.dice.between(0, 300));
            match due {
                Due::Pay(number, part) => self.pay_late(number, part, at),
                Due::Refund(payment, back) => self.refund(*payment, back, at),
                Due::Remind(number) => self.remind_of_bill(number, at),
                Due::GiveUp(number) => self.give_up(number, at),
            }
        }
    }

    fn pay_late(&mut self, number: i64, part: Option<i64>, at: Timestamp) {
        let method = if self.dice.chance(500) { Method::OnlineLink } else { Method::Card };
        let Some(payment) = self.pay_invoice(number, part, method, at) else { return };
        self.file_payment(&payment);
        let is_paid = self.books.open.get(&number).is_some_and(|open| open.invoice.balance.amount == 0);
        if is_paid {
            self.file_invoice(number);
        }
    }

    fn give_up(&mut self, number: i64, at: Timestamp) {
        let collected = self.dice.chance(500);
        let Some(open) = self.books.open.get_mut(&number) else { return };
        let (left, id) = (open.invoice.balance.amount, open.invoice.id);
        open.invoice.stage = if collected { Stage::Collections } else { Stage::WrittenOff };
        open.invoice.touch(at);
        if !collected {
            let from = Origin { invoice: Some(id), ..Origin::default() };
            self.post(at, "Given up".to_owned(), vec![debit("6500", left), credit("1200", left)], from);
        }
        self.file_invoice(number);
    }

    /// Writes down what is still open.
    pub fn close_books(&mut self) {
        for due in std::mem::take(&mut self.books.due).into_values().flatten() {
            if let Due::Refund(payment, _) = due {
                self.file_payment(&payment);
            }
        }
        while let Some(number) = self.books.open.keys().next().copied() {
            self.file_invoice(number);
        }
        for owner in 0..self.owners.len() {
            for deposit in std::mem::take(&mut self.owners[owner].deposits) {
                self.file_payment(&deposit);
            }
        }
    }
}
