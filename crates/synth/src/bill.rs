//! What is charged: lines, discounts, taxes, and what becomes of an invoice.

use std::borrow::Cow;
use std::collections::BTreeMap;

use clinicos_clinic::ids::{InvoiceId, StaffId};
use clinicos_clinic::invoices::model::lines::{InvoiceLine, LineState, gross, totals};
use clinicos_clinic::invoices::model::stage::{Stage, Status};
use clinicos_clinic::invoices::model::{Invoice, due_after};
use clinicos_clinic::journal_entries::lines::JournalLine;
use clinicos_clinic::payments::model::status::PaymentStatus;
use clinicos_clinic::payments::model::{Method, PaymentType};
use clinicos_contract::Timestamp;
use clinicos_contract::wire::Nested;

use crate::calendar::date;
use crate::money::{Back, Due, Open, Origin, credit, debit};
use crate::stock::decimal;
use crate::tables::catalog::{ITEMS, account, place};
use crate::world::{World, money, no_external_ids};

/// Something to be charged.
#[derive(Debug, Clone)]
pub struct Charge {
    /// The entry of the price list.
    pub item: usize,
    /// For whom.
    pub pet: Option<usize>,
    /// How much of it, in hundredths.
    pub quantity: i64,
    /// Whether the client did not want it.
    pub declined: bool,
}

/// One of an entry.
pub fn charge(key: &str, pet: usize) -> Charge {
    Charge { item: place(key), pet: Some(pet), quantity: 100, declined: false }
}

/// So many whole ones of an entry.
pub fn some(key: &str, pet: usize, count: i64) -> Charge {
    Charge { quantity: count * 100, ..charge(key, pet) }
}

/// What becomes of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Paid,
    Split,
    PartThenRest,
    Later,
    Never,
    Void,
    Draft,
}

const FATES: &[(Fate, u64)] =
    &[(Fate::Paid, 868), (Fate::Split, 24), (Fate::PartThenRest, 30), (Fate::Later, 56), (Fate::Never, 15), (Fate::Void, 7)];

impl World {
    /// Charges an owner, who then pays or does not. Gives the invoice, and its total.
    pub fn bill(&mut self, owner: usize, charges: &[Charge], by: StaffId, at: Timestamp) -> Option<(InvoiceId, i64)> {
        if charges.is_empty() {
            return None;
        }
        let day = self.calendar.day(at);
        let fate = match FATES[self.dice.weighted(FATES.iter().map(|one| one.1))].0 {
            Fate::Paid if day == self.calendar.last && self.owners[owner].deposits.is_empty() && self.dice.chance(120) => {
                Fate::Draft
            }
            fate => fate,
        };
        let invoice = self.invoice(owner, charges, fate, at);
        let (id, total) = (invoice.id, invoice.total.amount);
        let number = self.books.last_number;
        let lines = journal_lines(&invoice);
        self.books.open.insert(number, Open { invoice, owner, entry: None });
        self.touch_owner(owner, at);
        if fate != Fate::Draft {
            let from = Origin { invoice: Some(id), ..Origin::default() };
            let entry = self.post(at, format!("Invoice INV-{number:06}"), lines.clone(), from);
            if let Some(open) = self.books.open.get_mut(&number) {
                open.entry = entry.map(|entry| (entry, lines));
            }
            for charge in charges.iter().filter(|charge| !charge.declined && ITEMS[charge.item].delivery > 0) {
                self.sell(charge.item, charge.quantity, id, at, by);
            }
            self.use_deposits(owner, number, at.plus_seconds(30));
        }
        self.settle(number, fate, charges, at);
        Some((id, total))
    }

    fn invoice(&mut self, owner: usize, charges: &[Charge], fate: Fate, at: Timestamp) -> Invoice<'static> {
        self.books.last_number += 1;
        let issued_on = date(self.calendar.day(at));
        let off = if self.dice.chance(80) { self.dice.one(&[5, 10, 10, 10, 15, 20]) } else { 0 };
        let lines: Vec<InvoiceLine<'static>> = charges.iter().map(|charge| self.line(charge, off, at)).collect();
        // Prices and quantities of the list are far from any limit.
        let sums = totals(&lines).unwrap_or_default();
        let stage = match fate {
            Fate::Draft => Stage::Draft,
            Fate::Later | Fate::Never => Stage::Sent,
            _ => Stage::Open,
        };
        let mut invoice = Invoice {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            client_id: self.owners[owner].record.id,
            number: Cow::Owned(format!("INV-{:06}", self.books.last_number)),
            stage,
            status: Status::Draft,
            issued_on,
            due_on: due_after(issued_on),
            subtotal: money(0),
            discount: money(0),
            tax: money(0),
            total: money(0),
            paid: money(0),
            balance: money(0),
            notes: None,
            voided_at: None,
            void_reason: None,
            lines: Some(Nested(Vec::new())),
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: at,
            version: 1,
            deleted_at: None,
        };
        invoice.set_lines(lines, sums);
        invoice.settle(date(self.calendar.last));
        invoice
    }

    fn line(&mut self, charge: &Charge, off: i64, at: Timestamp) -> InvoiceLine<'static> {
        let (item, day) = (&ITEMS[charge.item], self.calendar.day(at));
        let price = self.price(charge.item, day);
        let full = gross(i128::from(charge.quantity) * 100, price).unwrap_or(0);
        let discount = full * off / 100;
        let rate = if item.taxed { self.practice.tax } else { 0 };
        let tax = ((full - discount) * rate + 5_000).div_euclid(10_000);
        InvoiceLine {
            id: self.dice.id(at),
            patient_id: charge.pet.map(|pet| self.pets[pet].record.id),
            product_id: Some(self.goods[charge.item].id),
            description: Cow::Borrowed(item.name),
            quantity: decimal(charge.quantity),
            unit_price: money(price),
            discount: money(discount),
            tax: money(tax),
            total: money(full - discount + tax),
            revenue_category: item.category,
            gl_code: Some(Cow::Borrowed(account(item.category))),
            performed_on: date(day),
            state: if charge.declined { LineState::Declined } else { LineState::Billed },
            version: 1,
        }
    }

    /// Deposits that the owner paid before go towards the invoice.
    fn use_deposits(&mut self, owner: usize, number: i64, at: Timestamp) {
        for mut deposit in std::mem::take(&mut self.owners[owner].deposits) {
            let Some(open) = self.books.open.get(&number) else { continue };
            let (id, amount) = (open.invoice.id, open.invoice.balance.amount.min(deposit.unallocated.amount));
            if amount > 0 {
                deposit.touch(at);
                self.allocate(&mut deposit, number, amount);
                let from = Origin { payment: Some(deposit.id), invoice: Some(id), ..Origin::default() };
                self.post(at, "Deposit applied".to_owned(), vec![debit("2100", amount), credit("1200", amount)], from);
            }
            self.file_payment(&deposit);
        }
    }

    fn settle(&mut self, number: i64, fate: Fate, charges: &[Charge], at: Timestamp) {
        let day = self.calendar.day(at);
        let desk = at.plus_seconds(self.dice.between(90, 420));
        let owed = self.books.open.get(&number).map_or(0, |open| open.invoice.balance.amount);
        match fate {
            Fate::Draft => self.file_invoice(number),
            Fate::Void => self.void(number, charges, desk),
            _ if owed == 0 => self.file_invoice(number),
            Fate::Paid => self.pay_at_desk(number, desk),
            Fate::Split => {
                let method = self.method();
                if let Some(first) = self.pay_invoice(number, Some(owed / 2), method, desk) {
                    self.file_payment(&first);
                }
                self.pay_at_desk(number, desk.plus_seconds(60));
            }
            Fate::PartThenRest => {
                let (method, part) = (self.method(), owed * self.dice.between(20, 70) / 100);
                if let Some(first) = self.pay_invoice(number, Some(part), method, desk) {
                    self.file_payment(&first);
                }
                let days = self.dice.days(10, 70);
                self.later(day + days, Due::Pay(number, None));
                self.later(day + 36, Due::Remind(number));
            }
            Fate::Later => {
                let days = self.dice.days(3, 55);
                self.later(day + days, Due::Pay(number, None));
                self.later(day + 36, Due::Remind(number));
            }
            Fate::Never => {
                self.later(day + 36, Due::Remind(number));
                let days = self.dice.days(120, 240);
                self.later(day + days, Due::GiveUp(number));
            }
        }
    }

    /// Puts something about money on a day to come.
    pub fn later(&mut self, day: crate::calendar::Day, due: Due) {
        self.books.due.entry(day).or_default().push(due);
    }

    /// The rest is paid at the desk: a card may fail at first, and some pay twice or get something back.
    fn pay_at_desk(&mut self, number: i64, at: Timestamp) {
        let day = self.calendar.day(at);
        let Some(open) = self.books.open.get(&number) else { return };
        let (owner, owed) = (open.owner, open.invoice.balance.amount);
        if self.dice.chance(9) {
            let mut failed = self.tender(owner, owed.max(1), Method::Card, PaymentType::Payment, at);
            failed.status = PaymentStatus::Failed;
            failed.fee = None;
            failed.settle(0);
            self.file_payment(&failed);
        }
        let method = self.method();
        let at = at.plus_seconds(45);
        let Some(payment) = self.pay_invoice(number, None, method, at) else { return };
        if self.dice.chance(4) {
            let twice = self.tender(owner, owed, method, PaymentType::Payment, at.plus_seconds(5));
            self.take_in(&twice, 0, None);
            let back = day + self.dice.days(1, 6);
            self.later(back, Due::Refund(Box::new(twice), Back::Twice));
        }
        if self.dice.chance(6) {
            let back = day + self.dice.days(2, 20);
            return self.later(back, Due::Refund(Box::new(payment), Back::Goodwill(number)));
        }
        self.file_payment(&payment);
        self.file_invoice(number);
    }

    fn void(&mut self, number: i64, charges: &[Charge], at: Timestamp) {
        let Some(open) = self.books.open.get_mut(&number) else { return };
        // With a deposit in it nothing can be withdrawn.
        if open.invoice.void("Entered for the wrong client.".to_owned(), at).is_err() {
            return self.pay_at_desk(number, at);
        }
        open.invoice.touch(at);
        let (id, entry) = (open.invoice.id, open.entry.take());
        if let Some((entry, lines)) = entry {
            let turned = lines.into_iter().map(|line| JournalLine { debit: line.credit, credit: line.debit, ..line }).collect();
            let from = Origin { invoice: Some(id), reverses: Some(entry), ..Origin::default() };
            self.post(at, format!("Invoice INV-{number:06} voided"), turned, from);
        }
        for charge in charges.iter().filter(|charge| !charge.declined && ITEMS[charge.item].delivery > 0) {
            self.put_back(charge.item, charge.quantity, id, at);
        }
        self.file_invoice(number);
    }
}

/// How an invoice stands in the journal: owed, income by account, tax.
fn journal_lines(invoice: &Invoice<'static>) -> Vec<JournalLine> {
    let mut income: BTreeMap<String, i64> = BTreeMap::new();
    let charged = invoice.lines.iter().flat_map(|lines| &lines.0).filter(|line| line.state.counts());
    for line in charged {
        *income.entry(line.gl_code.clone().unwrap_or_default().into_owned()).or_default() += line.total.amount - line.tax.amount;
    }
    let mut lines = vec![debit("1200", invoice.total.amount)];
    lines.extend(income.into_iter().map(|(account, amount)| credit(&account, amount)));
    lines.push(credit("2200", invoice.tax.amount));
    lines.retain(|line| line.debit.or(line.credit).is_some_and(|money| money.amount > 0));
    lines
}
