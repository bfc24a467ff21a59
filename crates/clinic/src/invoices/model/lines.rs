//! Lines of an invoice, and what they add up to.

use std::borrow::Cow;

use clinicos_contract::money::AMOUNT_MAX;
use clinicos_contract::time::Date;
use clinicos_contract::{Category, Currency, Field, Money, Problem, record, words};
use serde::Deserialize;

use crate::ids::{InvoiceLineId, PatientId, ProductId};
use crate::products::model::Product;
use crate::products::model::parts::RevenueCategory;
use crate::refusals;
use crate::texts::Decimal;

/// Most lines of an invoice.
pub const LINES_MAX: usize = 200;

words! {
    /// Whether a line is charged.
    LineState {
        /// Charged.
        Billed = "billed",
        /// Offered, and not wanted; not charged.
        Declined = "declined",
        /// Forgotten at first, then charged.
        MissedCaptured = "missed_captured",
        /// Taken back; not charged.
        Voided = "voided",
    }
}

const SYSTEM: Field = Field::of(Category::RecordSystem);
const FINANCIAL: Field = Field::of(Category::OwnerFinancial);

record! {
    /// One thing that was charged.
    pub struct InvoiceLine<'a> as "invoice_line" {
        /// Its identifier.
        id: InvoiceLineId = SYSTEM,
        /// The patient that it was done or bought for.
        patient_id: Option<PatientId> = SYSTEM.tells_of(Category::OwnerFinancial).creatable(),
        /// The product or service.
        product_id: Option<ProductId> = SYSTEM.creatable(),
        /// What it is; the product's name unless given.
        description: Cow<'a, str> = FINANCIAL.creatable().max(300),
        /// How much of it, more than zero; `"1"` unless given.
        quantity: Decimal<'a> = FINANCIAL.figure().creatable(),
        /// What one costs; the product's price unless given.
        unit_price: Money = FINANCIAL.figure().creatable().at_least(0),
        /// What is taken off the line; at most its price.
        discount: Money = FINANCIAL.figure().creatable().at_least(0),
        /// The tax on the line.
        tax: Money = FINANCIAL.figure().creatable().at_least(0),
        /// Quantity times unit price, rounded half up, less the discount, plus the tax. Only `billed` and
        /// `missed_captured` lines count towards the invoice.
        total: Money = FINANCIAL.figure(),
        /// Which part of the clinic's income it is; the product's, or `other`, unless given.
        revenue_category: RevenueCategory = FINANCIAL.figure().creatable(),
        /// The account of the general ledger; the product's unless given.
        gl_code: Option<Cow<'a, str>> = FINANCIAL.figure().creatable().max(40),
        /// The day it was done; the invoice's day unless given.
        performed_on: Date = FINANCIAL.figure().creatable(),
        /// Whether it is charged; `billed` unless given.
        state: LineState = FINANCIAL.figure().creatable(),
        /// The version of the invoice that the line came with.
        version: i64 = SYSTEM,
    }
}

/// A line in a body.
#[derive(Debug, Clone, Deserialize)]
pub struct NewLine {
    /// The patient.
    pub patient_id: Option<PatientId>,
    /// The product, from which the line takes what it leaves out.
    pub product_id: Option<ProductId>,
    /// What it is.
    pub description: Option<String>,
    /// How much of it.
    pub quantity: Option<String>,
    /// What one costs.
    pub unit_price: Option<Money>,
    /// What is taken off.
    pub discount: Option<Money>,
    /// The tax.
    pub tax: Option<Money>,
    /// Which part of the income.
    pub revenue_category: Option<RevenueCategory>,
    /// The account of the general ledger.
    pub gl_code: Option<String>,
    /// The day it was done.
    pub performed_on: Option<Date>,
    /// Whether it is charged.
    pub state: Option<LineState>,
}

/// What lines add up to, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Quantities times prices.
    pub subtotal: i64,
    /// Taken off.
    pub discount: i64,
    /// Tax.
    pub tax: i64,
    /// `subtotal − discount + tax`.
    pub total: i64,
}

/// Quantity times unit price, rounded half up. `None` beyond the largest amount.
pub fn gross(quantity: i128, unit_price: i64) -> Option<i64> {
    let product = quantity.checked_mul(i128::from(unit_price))?;
    let rounded = product.checked_add(Decimal::SCALE / 2)?.div_euclid(Decimal::SCALE);
    i64::try_from(rounded).ok().filter(|amount| amount.abs() <= AMOUNT_MAX)
}

impl LineState {
    /// Whether the line counts towards its invoice.
    pub fn counts(self) -> bool {
        matches!(self, Self::Billed | Self::MissedCaptured)
    }
}

impl InvoiceLine<'_> {
    /// What its total follows to be, in minor units; `None` if that is no amount.
    pub fn follows(&self) -> Option<i64> {
        let gross = gross(self.quantity.ten_thousandths()?, self.unit_price.amount)?;
        gross.checked_sub(self.discount.amount)?.checked_add(self.tax.amount)
    }

    /// Whether another line charges the same thing in the same way.
    pub fn says_the_same(&self, other: &InvoiceLine<'_>) -> bool {
        (self.patient_id, self.product_id) == (other.patient_id, other.product_id)
            && self.description == other.description
            && self.quantity.ten_thousandths() == other.quantity.ten_thousandths()
            && self.gl_code == other.gl_code
            && (self.unit_price, self.discount, self.tax) == (other.unit_price, other.discount, other.tax)
            && self.revenue_category == other.revenue_category
            && self.performed_on == other.performed_on
            && self.state == other.state
    }
}

impl NewLine {
    /// The line of an invoice. `at` is its place in the body, `product` what it names as its product.
    pub fn line(
        self,
        at: usize,
        id: InvoiceLineId,
        currency: Currency,
        issued_on: Date,
        version: i64,
        product: Option<&Product<'_>>,
    ) -> Result<InvoiceLine<'static>, Problem> {
        let field = |name: &str| format!("/lines/{at}/{name}");
        let zero = Money::new(0, currency);
        let (discount, tax) = (self.discount.unwrap_or(zero), self.tax.unwrap_or(zero));
        let description = self.description.or_else(|| Some(product?.name.to_string()));
        let description = description.ok_or_else(|| missing(&field("description")))?;
        refusals::check_not_empty(&field("description"), &description)?;
        let unit_price = self.unit_price.or_else(|| Some(product?.price)).ok_or_else(|| missing(&field("unit_price")))?;
        for (name, money) in [("unit_price", unit_price), ("discount", discount), ("tax", tax)] {
            refusals::check_currency(&field(name), money, currency)?;
        }
        let quantity = self.quantity.unwrap_or_else(|| "1".to_owned());
        let quantity = Decimal::from(quantity);
        let scaled = quantity
            .ten_thousandths()
            .filter(|scaled| *scaled > 0)
            .ok_or_else(|| Problem::rule(field("quantity"), "range", "must be more than zero"))?;
        let gross = gross(scaled, unit_price.amount).ok_or_else(|| too_large(&field("unit_price")))?;
        if discount.amount > gross {
            return Err(Problem::rule(field("discount"), "range", "must be at most the price of the line"));
        }
        let total = gross
            .checked_sub(discount.amount)
            .and_then(|net| net.checked_add(tax.amount))
            .filter(|total| *total <= AMOUNT_MAX)
            .ok_or_else(|| too_large(&field("tax")))?;
        let category = self.revenue_category.or(product.map(|product| product.revenue_category));
        Ok(InvoiceLine {
            id,
            patient_id: self.patient_id,
            product_id: self.product_id,
            description: Cow::Owned(description),
            quantity,
            unit_price,
            discount,
            tax,
            total: Money::new(total, currency),
            revenue_category: category.unwrap_or(RevenueCategory::Other),
            gl_code: self.gl_code.or_else(|| Some(product?.gl_code.as_deref()?.to_owned())).map(Cow::Owned),
            performed_on: self.performed_on.unwrap_or(issued_on),
            state: self.state.unwrap_or(LineState::Billed),
            version,
        })
    }
}

fn missing(pointer: &str) -> Problem {
    Problem::rule(pointer, "required", "must be given for a line without a `product_id`")
}

fn too_large(pointer: &str) -> Problem {
    Problem::rule(pointer, "range", format!("makes an amount of more than {AMOUNT_MAX} minor units"))
}

/// Adds up the lines that count.
pub fn totals<'l, 'a: 'l>(lines: impl IntoIterator<Item = &'l InvoiceLine<'a>>) -> Result<Totals, Problem> {
    let mut sums = Totals::default();
    for line in lines.into_iter().filter(|line| line.state.counts()) {
        sums = add(sums, line).ok_or_else(|| too_large("/lines"))?;
    }
    Ok(sums)
}

fn add(sums: Totals, line: &InvoiceLine<'_>) -> Option<Totals> {
    let gross = line.total.amount.checked_sub(line.tax.amount)?.checked_add(line.discount.amount)?;
    let next = Totals {
        subtotal: sums.subtotal.checked_add(gross)?,
        discount: sums.discount.checked_add(line.discount.amount)?,
        tax: sums.tax.checked_add(line.tax.amount)?,
        total: sums.total.checked_add(line.total.amount)?,
    };
    (next.subtotal <= AMOUNT_MAX && next.total <= AMOUNT_MAX).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_line(quantity: &str, unit_price: i64, discount: i64, tax: i64) -> NewLine {
        let money = |amount| Money::new(amount, Currency::USD);
        NewLine {
            patient_id: None,
            product_id: None,
            description: Some("Exam".to_owned()),
            quantity: Some(quantity.to_owned()),
            unit_price: Some(money(unit_price)),
            discount: Some(money(discount)),
            tax: Some(money(tax)),
            revenue_category: None,
            gl_code: None,
            performed_on: None,
            state: None,
        }
    }

    fn line(new: NewLine) -> Result<InvoiceLine<'static>, Problem> {
        let day = clinicos_contract::time::parse_date("2026-11-22").unwrap();
        new.line(3, InvoiceLineId::from_bytes([0; 16]), Currency::USD, day, 1, None)
    }

    #[test]
    fn prices_are_rounded_half_up() {
        for (quantity, unit_price, expected) in [
            ("1", 6_500, 6_500),
            ("1.5", 333, 500),      // 499.5
            ("0.3333", 100, 33),    // 33.33
            ("0.005", 100, 1),      // 0.5
            ("0.0049", 100, 0),     // 0.49
            ("2.25", 1_010, 2_273), // 2272.5
            ("999999999.9999", 1, 1_000_000_000),
        ] {
            assert_eq!(line(new_line(quantity, unit_price, 0, 0)).unwrap().total.amount, expected, "{quantity} × {unit_price}");
        }
    }

    #[test]
    fn limits_hold() {
        for (new, pointer) in [
            (new_line("0", 100, 0, 0), "/lines/3/quantity"),
            (new_line("-1", 100, 0, 0), "/lines/3/quantity"),
            (new_line("1", 100, 101, 0), "/lines/3/discount"),
            (new_line("999999999.9999", AMOUNT_MAX, 0, 0), "/lines/3/unit_price"),
            (new_line("1", AMOUNT_MAX, 0, 1), "/lines/3/tax"),
            (
                NewLine { unit_price: Some(Money::new(1, Currency::parse("CAD").unwrap())), ..new_line("1", 1, 0, 0) },
                "/lines/3/unit_price",
            ),
        ] {
            assert_eq!(line(new).unwrap_err().errors[0].pointer, pointer);
        }
    }

    #[test]
    fn only_charged_lines_count() {
        let mut lines: Vec<InvoiceLine<'static>> =
            [(1_000, 100, 72), (500, 0, 0)].map(|(price, off, tax)| line(new_line("1", price, off, tax)).unwrap()).to_vec();
        assert_eq!(totals(&lines).unwrap(), Totals { subtotal: 1_500, discount: 100, tax: 72, total: 1_472 });
        lines[0].state = LineState::Declined;
        assert_eq!(totals(&lines).unwrap(), Totals { subtotal: 500, discount: 0, tax: 0, total: 500 });
        let huge = line(new_line("1", AMOUNT_MAX, 0, 0)).unwrap();
        assert!(totals(&[huge.clone(), huge]).is_err());
    }
}
