//! Goods: what comes in, what goes out, what is counted. How much there is, is the sum of what moved.

use std::borrow::Cow;
use std::collections::VecDeque;

use clinicos_clinic::ids::{InvoiceId, ProductId, StaffId};
use clinicos_clinic::products::model::Product;
use clinicos_clinic::products::model::parts::{Lot, Lots};
use clinicos_clinic::stock_movements::model::{MovementKind, StockMovement};
use clinicos_clinic::texts::Decimal;
use clinicos_contract::Timestamp;
use clinicos_contract::wire::Doc;

use crate::calendar::{Day, date, weekday};
use crate::tables::catalog::{ITEMS, account};
use crate::world::{World, money, no_external_ids};

/// Goods that go bad so soon are thrown away, in days.
const BAD_SOON_DAYS: i32 = 8;
/// What a price was less each year before, in hundredths.
const CHEAPER_PER_YEAR: i64 = 4;

/// Something that is sold.
#[derive(Debug)]
pub struct Good {
    /// Its identifier.
    pub id: ProductId,
    /// When it came on the list.
    made: Timestamp,
    /// When it last changed.
    changed: Timestamp,
    /// How often it changed.
    changes: i64,
    /// What there is of it, oldest first, in hundredths.
    lots: VecDeque<Stocked>,
}

/// A lot on the shelf.
#[derive(Debug, Clone)]
pub struct Stocked {
    /// The maker's number.
    pub number: String,
    /// Its last day.
    pub expires: Day,
    left: i64,
}

/// Hundredths as a decimal number.
pub fn decimal(hundredths: i64) -> Decimal<'static> {
    // Far from the largest number.
    Decimal::of_ten_thousandths(i128::from(hundredths) * 100).unwrap_or(Decimal(Cow::Borrowed("0")))
}

/// Goods that moved.
struct Move<'m> {
    item: usize,
    kind: MovementKind,
    /// In hundredths.
    quantity: i64,
    lot: Option<&'m Stocked>,
    at: Timestamp,
    by: StaffId,
    invoice: Option<InvoiceId>,
}

impl World {
    /// The price list, and the first delivery of everything.
    pub fn stock_up(&mut self) {
        for (item, entry) in ITEMS.iter().enumerate() {
            let made = self.calendar.at(self.calendar.first - 1, 10 * 60).plus_seconds(item as i64);
            let id = self.dice.id(made);
            self.goods.push(Good { id, made, changed: made, changes: 1, lots: VecDeque::new() });
            if entry.delivery > 0 {
                self.receive(item, made.plus_seconds(3_600));
            }
        }
    }

    /// What an entry costs on a day.
    pub fn price(&self, item: usize, day: Day) -> i64 {
        let years = i64::from((self.calendar.last - day).max(0) / 365);
        ITEMS[item].price * (100 - CHEAPER_PER_YEAR * years.min(15)) / 100
    }

    fn on_hand(&self, item: usize) -> i64 {
        self.goods[item].lots.iter().map(|lot| lot.left).sum()
    }

    fn receive(&mut self, item: usize, at: Timestamp) {
        let quantity = ITEMS[item].delivery * 100;
        let day = self.calendar.day(at);
        let number = format!("L{}", self.dice.digits(6));
        let lot = Stocked { number, expires: day + self.dice.days(300, 800), left: quantity };
        let by = self.helper();
        self.move_goods(&Move { item, kind: MovementKind::Received, quantity, lot: Some(&lot), at, by, invoice: None });
        self.goods[item].lots.push_back(lot);
    }

    /// What happens to goods before the doors open.
    pub fn morning_stock(&mut self, day: Day) {
        for (item, entry) in ITEMS.iter().enumerate() {
            if entry.delivery == 0 {
                continue;
            }
            if weekday(day) == 0 {
                self.throw_away(item, day);
            }
            if self.on_hand(item) < entry.delivery * 25 {
                let at = self.calendar.at(day, 7 * 60 + 35).plus_seconds(self.dice.between(0, 900));
                self.receive(item, at);
            }
            if date(day).day() <= 7 && weekday(day) == 1 && self.dice.chance(350) {
                self.count(item, day);
            }
        }
    }

    fn throw_away(&mut self, item: usize, day: Day) {
        while let Some(lot) = self.goods[item].lots.front().filter(|lot| lot.expires < day + BAD_SOON_DAYS).cloned() {
            self.goods[item].lots.pop_front();
            if lot.left > 0 {
                let (at, by) = (self.calendar.at(day, 7 * 60 + 32), self.helper());
                let (kind, quantity) = (MovementKind::Wasted, -lot.left);
                self.move_goods(&Move { item, kind, quantity, lot: Some(&lot), at, by, invoice: None });
            }
        }
    }

    fn count(&mut self, item: usize, day: Day) {
        let Some(front) = self.goods[item].lots.front().cloned() else { return };
        let wrong = self.dice.one(&[0, 0, 0, -1, -1, -2, 1]) * 100;
        let quantity = wrong.max(-front.left);
        let (at, by) = (self.calendar.at(day, 7 * 60 + 55), self.helper());
        if let Some(lot) = self.goods[item].lots.front_mut() {
            lot.left += quantity;
        }
        self.move_goods(&Move { item, kind: MovementKind::Counted, quantity, lot: Some(&front), at, by, invoice: None });
    }

    /// Which lot is used next of something, if stock is kept of it. There always is one.
    pub fn next_lot(&mut self, item: usize, at: Timestamp) -> Option<Stocked> {
        if ITEMS[item].delivery == 0 {
            return None;
        }
        self.goods[item].lots.retain(|lot| lot.left > 0);
        if self.goods[item].lots.is_empty() {
            self.receive(item, at.plus_seconds(-120));
        }
        self.goods[item].lots.front().cloned()
    }

    /// Takes so many hundredths from the shelf for an invoice.
    pub fn sell(&mut self, item: usize, hundredths: i64, invoice: InvoiceId, at: Timestamp, by: StaffId) {
        let mut left = hundredths;
        while left > 0 {
            let Some(lot) = self.next_lot(item, at) else { return };
            let taken = left.min(lot.left);
            left -= taken;
            if let Some(front) = self.goods[item].lots.front_mut() {
                front.left -= taken;
            }
            let invoice = Some(invoice);
            self.move_goods(&Move { item, kind: MovementKind::Sold, quantity: -taken, lot: Some(&lot), at, by, invoice });
        }
    }

    /// Puts back what an invoice that was withdrawn had taken.
    pub fn put_back(&mut self, item: usize, hundredths: i64, invoice: InvoiceId, at: Timestamp) {
        let Some(lot) = self.next_lot(item, at) else { return };
        if let Some(front) = self.goods[item].lots.front_mut() {
            front.left += hundredths;
        }
        let (by, invoice) = (self.helper(), Some(invoice));
        let kind = MovementKind::Returned;
        self.move_goods(&Move { item, kind, quantity: hundredths, lot: Some(&lot), at, by, invoice });
    }

    fn move_goods(&mut self, moved: &Move<'_>) {
        let good = &mut self.goods[moved.item];
        good.changed = good.changed.max(moved.at);
        good.changes += 1;
        let product_id = good.id;
        self.shelf.put(&StockMovement {
            id: self.dice.id(moved.at),
            clinic_id: self.clinic,
            currency: crate::plan::CURRENCY,
            product_id,
            kind: moved.kind,
            quantity: decimal(moved.quantity),
            lot: moved.lot.map(|lot| Cow::Owned(lot.number.clone())),
            unit_cost: Some(money(ITEMS[moved.item].cost)),
            location: None,
            moved_at: moved.at,
            staff_id: Some(moved.by),
            invoice_id: moved.invoice,
            note: None,
            external_ids: no_external_ids(),
            created_at: moved.at,
            updated_at: moved.at,
            version: 1,
            deleted_at: None,
        });
    }

    /// Writes down the price list, with what there is.
    pub fn close_stock(&mut self) {
        for (place, item) in ITEMS.iter().enumerate() {
            let (tracked, on_hand) = (item.delivery > 0, self.on_hand(place));
            let good = &mut self.goods[place];
            good.lots.retain(|lot| lot.left > 0);
            let lots = good.lots.iter().map(|lot| Lot {
                number: lot.number.clone(),
                expires_on: Some(date(lot.expires)),
                quantity: Some(decimal(lot.left).0.into_owned()),
            });
            let record = Product {
                id: good.id,
                clinic_id: self.clinic,
                sku: Some(Cow::Borrowed(item.key)),
                name: Cow::Borrowed(item.name),
                kind: item.kind,
                revenue_category: item.category,
                gl_code: Some(Cow::Borrowed(account(item.category))),
                unit: Cow::Borrowed(item.unit),
                price: money(item.price),
                cost: (item.cost > 0).then(|| money(item.cost)),
                tax_code: Some(Cow::Borrowed(if item.taxed { "standard" } else { "exempt" })),
                controlled_schedule: item.schedule,
                tracked,
                on_hand: tracked.then(|| decimal(on_hand)),
                reorder_point: tracked.then(|| decimal(item.delivery * 25)),
                lots: Doc::of(&Lots(lots.collect())),
                active: true,
                external_ids: no_external_ids(),
                created_at: good.made,
                updated_at: good.changed,
                version: good.changes,
                deleted_at: None,
            };
            self.shelf.put(&record);
        }
    }
}
