//! Lines of an estimate, and what they add up to. Amounts are rounded as those of invoices are.

use clinicos_contract::money::AMOUNT_MAX;
use clinicos_contract::{Category, Currency, Field, Money, Problem, Shape, Wire as _};

use super::status::LineAnswer;
use crate::ids::{PatientId, ProductId};
use crate::invoices::model::lines::gross;
use crate::texts::Decimal;
use crate::{document_list, object};

/// Most lines of an estimate.
pub const LINES_MAX: u32 = 200;

const FINANCIAL: Field = Field::of(Category::OwnerFinancial);

object! {
    /// One thing that may be done or bought.
    pub struct EstimateLine as "estimate_line" {
        /// The patient that it is for.
        #[serde(default)]
        patient_id: Option<PatientId>, PatientId::SHAPE, true = FINANCIAL.creatable();
        /// The product or service.
        #[serde(default)]
        product_id: Option<ProductId>, ProductId::SHAPE, true = FINANCIAL.creatable();
        /// What it is.
        description: String, Shape::Text, false = FINANCIAL.required().filled().max(300);
        /// How much of it, more than zero.
        quantity: Decimal<'static>, Shape::Decimal, false = FINANCIAL.required();
        /// What one costs.
        unit_price: Money, Shape::Money, false = FINANCIAL.required().at_least(0);
        /// What is taken off the line; at most its price.
        #[serde(default)]
        discount: Option<Money>, Shape::Money, true = FINANCIAL.creatable().at_least(0);
        /// The tax on the line.
        #[serde(default)]
        tax: Option<Money>, Shape::Money, true = FINANCIAL.creatable().at_least(0);
        /// Quantity times unit price, rounded half up, less the discount, plus the tax. Filled in; a body
        /// that gives it must give the same.
        #[serde(default)]
        total: Option<Money>, Shape::Money, true = FINANCIAL.creatable();
        /// What the line may cost at least, tax and all; its total unless given.
        #[serde(default)]
        low: Option<Money>, Shape::Money, true = FINANCIAL.creatable().at_least(0);
        /// What the line may cost at most, tax and all; its total unless given.
        #[serde(default)]
        high: Option<Money>, Shape::Money, true = FINANCIAL.creatable().at_least(0);
        /// What the client said to it; `open` unless given.
        #[serde(default = "open")]
        answer: LineAnswer, LineAnswer::SHAPE, false = FINANCIAL.creatable();
    }
}

fn open() -> LineAnswer {
    LineAnswer::Open
}

document_list! {
    /// Lines of an estimate.
    EstimateLines of EstimateLine, Shape::Object(EstimateLine::SCHEMA)
}

/// What lines add up to, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Quantities times prices.
    pub subtotal: i64,
    /// Taken off.
    pub discount: i64,
    /// Tax.
    pub tax: i64,
    /// `subtotal − discount + tax`.
    pub total: i64,
    /// At least.
    pub low: i64,
    /// At most.
    pub high: i64,
    /// The totals of the lines that were accepted.
    pub accepted: i64,
}

fn amount(money: Option<Money>) -> i64 {
    money.map_or(0, |money| money.amount)
}

fn too_large(pointer: String) -> Problem {
    Problem::rule(pointer, "range", format!("makes an amount of more than {AMOUNT_MAX} minor units"))
}

impl EstimateLine {
    /// Whether another line offers the same, whatever the client said to either.
    fn offers_the_same(&self, other: &Self) -> bool {
        Self { answer: LineAnswer::Open, ..self.clone() } == Self { answer: LineAnswer::Open, ..other.clone() }
    }

    /// Fills in the total and checks the line, the one at this place. Gives quantity times price.
    fn settle(&mut self, at: usize, currency: Currency) -> Result<i64, Problem> {
        let field = |name: &str| format!("/lines/{at}/{name}");
        let scaled = self.quantity.ten_thousandths().filter(|scaled| *scaled > 0);
        let scaled = scaled.ok_or_else(|| Problem::rule(field("quantity"), "range", "must be more than zero"))?;
        let gross = gross(scaled, self.unit_price.amount).ok_or_else(|| too_large(field("unit_price")))?;
        if amount(self.discount) > gross {
            return Err(Problem::rule(field("discount"), "range", "must be at most the price of the line"));
        }
        let total = gross
            .checked_sub(amount(self.discount))
            .and_then(|net| net.checked_add(amount(self.tax)))
            .filter(|total| *total <= AMOUNT_MAX)
            .ok_or_else(|| too_large(field("tax")))?;
        if self.total.is_some_and(|given| given.amount != total) {
            return Err(Problem::rule(field("total"), "derived", format!("must be {total}, or left out")));
        }
        if self.low.is_some_and(|low| low.amount > total) {
            return Err(Problem::rule(field("low"), "range", "must be at most the total of the line"));
        }
        if self.high.is_some_and(|high| high.amount < total) {
            return Err(Problem::rule(field("high"), "range", "must be at least the total of the line"));
        }
        self.total = Some(Money::new(total, currency));
        Ok(gross)
    }
}

impl EstimateLines {
    /// Fills in the totals, checks the lines and adds them up.
    pub fn settle(&mut self, currency: Currency) -> Result<Sums, Problem> {
        let mut sums = Sums::default();
        for (at, line) in self.0.iter_mut().enumerate() {
            let gross = line.settle(at, currency)?;
            sums = sums.with(gross, line).ok_or_else(|| too_large("/lines".to_owned()))?;
        }
        Ok(sums)
    }

    /// Whether other lines offer the same, whatever the client said to any.
    pub fn offer_the_same(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(|(one, other)| one.offers_the_same(other))
    }

    /// Gives lines without an answer this one.
    pub fn answer_open(&mut self, answer: LineAnswer) {
        self.0.iter_mut().filter(|line| line.answer == LineAnswer::Open).for_each(|line| line.answer = answer);
    }

    /// Takes every answer back.
    pub fn reopen(&mut self) {
        self.0.iter_mut().for_each(|line| line.answer = LineAnswer::Open);
    }

    /// Whether a line has this answer.
    pub fn has(&self, answer: LineAnswer) -> bool {
        self.0.iter().any(|line| line.answer == answer)
    }

    /// Refuses the first line that has another answer.
    pub fn check_all(&self, answer: LineAnswer, detail: &str) -> Result<(), Problem> {
        match self.0.iter().position(|line| line.answer != answer) {
            Some(at) => Err(Problem::rule(format!("/lines/{at}/answer"), "answer", detail)),
            None => Ok(()),
        }
    }
}

impl Sums {
    fn with(self, gross: i64, line: &EstimateLine) -> Option<Self> {
        let total = amount(line.total);
        let accepted = if line.answer == LineAnswer::Accepted { total } else { 0 };
        let next = Self {
            subtotal: self.subtotal.checked_add(gross)?,
            discount: self.discount.checked_add(amount(line.discount))?,
            tax: self.tax.checked_add(amount(line.tax))?,
            total: self.total.checked_add(total)?,
            low: self.low.checked_add(amount(line.low.or(line.total)))?,
            high: self.high.checked_add(amount(line.high.or(line.total)))?,
            accepted: self.accepted.checked_add(accepted)?,
        };
        (next.subtotal <= AMOUNT_MAX && next.high <= AMOUNT_MAX).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn dollars(cents: i64) -> Value {
        json!({"amount": cents, "currency": "USD"})
    }

    fn lines(of: &[Value]) -> EstimateLines {
        let filled: Vec<Value> = of
            .iter()
            .map(|changes| {
                let mut line = json!({"description": "Work", "quantity": "1", "unit_price": dollars(100)});
                line.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
                line
            })
            .collect();
        serde_json::from_value(Value::Array(filled)).unwrap()
    }

    #[test]
    fn each_line_is_rounded_half_up_by_itself() {
        let mut two =
            lines(&[json!({"quantity": "0.5", "unit_price": dollars(1)}), json!({"quantity": "0.5", "unit_price": dollars(1)})]);
        let sums = two.settle(Currency::USD).unwrap();
        assert_eq!((sums.subtotal, sums.total), (2, 2), "not one half twice");
        let mut low = lines(&[json!({"quantity": "0.4999", "unit_price": dollars(1)})]);
        assert_eq!(low.settle(Currency::USD).unwrap().total, 0);
    }

    #[test]
    fn sums_follow_from_the_lines() {
        let mut all = lines(&[
            json!({"quantity": "2", "discount": dollars(30), "tax": dollars(7), "answer": "accepted"}),
            json!({"low": dollars(60), "high": dollars(250), "answer": "declined"}),
        ]);
        let sums = all.settle(Currency::USD).unwrap();
        let expected = Sums { subtotal: 300, discount: 30, tax: 7, total: 277, low: 237, high: 427, accepted: 177 };
        assert_eq!(sums, expected);
        assert_eq!(all.0[0].total.map(|total| total.amount), Some(177));
        assert_eq!(all.settle(Currency::USD).unwrap(), expected, "a second time");
    }

    #[test]
    fn what_does_not_fit_is_refused_where_it_stands() {
        for (changes, name) in [
            (json!({"quantity": "0"}), "quantity"),
            (json!({"quantity": "-1"}), "quantity"),
            (json!({"discount": dollars(101)}), "discount"),
            (json!({"total": dollars(99)}), "total"),
            (json!({"low": dollars(101)}), "low"),
            (json!({"high": dollars(99)}), "high"),
            (json!({"quantity": "999999999", "unit_price": dollars(AMOUNT_MAX)}), "unit_price"),
            (json!({"tax": dollars(AMOUNT_MAX)}), "tax"),
        ] {
            let problem = lines(&[json!({}), changes.clone()]).settle(Currency::USD).unwrap_err();
            assert_eq!(problem.errors[0].pointer, format!("/lines/1/{name}"), "{changes}");
        }
        let most = json!({"unit_price": dollars(AMOUNT_MAX)});
        let problem = lines(&[most.clone(), most]).settle(Currency::USD).unwrap_err();
        assert_eq!(problem.errors[0].pointer, "/lines");
    }
}
