//! What is taken off a line: as an amount, as a fraction of its price, or as a percentage of it.

use serde::{Deserialize, Serialize};

use super::{ColumnChoice, FileChoice, Form, Target};
use crate::mapping::Use;

/// What the values of a column say that may be taken off a price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Share {
    /// Nothing is known, or they can be amounts as well.
    #[default]
    Open,
    /// Nothing is taken off anywhere.
    Nothing,
    /// All are below 1, and not all are 0: fractions.
    Fractions,
    /// All but zeros have the sign of percent behind them, and not all are 0.
    Signs,
}

impl Share {
    /// What all values say, of which this was said before.
    pub(super) fn with(self, value: &str) -> Self {
        let (bare, is_signed) = match value.trim().strip_suffix('%') {
            Some(bare) => (bare.trim_end(), true),
            None => (value.trim(), false),
        };
        let own = match bare.replace(',', ".").parse::<f64>() {
            Ok(0.0) => Self::Nothing,
            Ok(number) if is_signed && number.is_finite() => Self::Signs,
            Ok(number) if number > 0.0 && number < 1.0 => Self::Fractions,
            _ => Self::Open,
        };
        match (self, own) {
            (Self::Nothing, other) | (other, Self::Nothing) => other,
            (one, other) if one == other => one,
            // Of `10%` and `5.00` nobody knows whether the second is a percentage or an amount.
            _ => Self::Open,
        }
    }
}

/// Whether a heading speaks of what is taken off.
pub(super) fn is_said(words: &[String]) -> bool {
    let is = |word: &String| ["discount", "disc", "discounts", "rebate", "reduction"].contains(&word.as_str());
    let joined = words.concat();
    words.iter().any(is) || joined.starts_with("discount")
}

/// Whether a heading speaks of percent.
pub(super) fn is_percent(name: &str, words: &[String]) -> bool {
    name.contains('%') || words.iter().any(|word| ["percent", "pct", "percentage", "perc"].contains(&word.as_str()))
}

/// Whether values can be percentages: numbers, with the sign of percent or without.
pub(super) fn are_percentages(values: &[&str]) -> bool {
    let is_number = |value: &str| value.trim_end_matches('%').trim().replace(',', ".").parse::<f64>().is_ok();
    values.iter().all(|value| is_number(value))
}

/// What of a line is taken off as an amount, as a text of the mapping: what is missing to the full price, so that the
/// line comes to what it came to there. `None` without price and quantity.
pub(super) fn amount(file: &FileChoice, column: &str, of_hundred: bool, digits: u32) -> Option<String> {
    let price = word(&file.column("unit_price")?.name)?;
    let quantity = word(&file.column("quantity")?.name)?;
    let (full, off) = (format!("{price} * {quantity}"), word(column)?);
    let share = if of_hundred { format!("percent({off})") } else { off };
    Some(format!("{full} - round({full} * (1 - {share}), {digits})"))
}

/// A column in an expression; `None` if it cannot stand in one.
pub(super) fn word(column: &str) -> Option<String> {
    (!column.contains('`') && !column.is_empty()).then(|| format!("`{column}`"))
}

/// Whether a mapping makes this of a column, as [`amount`] says it. Whoever takes it over compares the whole.
pub(super) fn is_made(uses: &[&Use], column: &str, target: &Target) -> bool {
    let Form::Share { of_hundred } = target.form else { return false };
    let is_price = |one: &&Use| ["unit_price", "quantity"].contains(&one.field.as_str()) && one.columns == [column];
    let makes = |one: &&Use| {
        let is_one = one.how.matches("Number(").count() == 1 && one.how.contains("Percent(") == of_hundred;
        let is_so = one.field == target.path && one.how.starts_with("expression") && is_one;
        is_so && one.columns.iter().any(|name| name == column)
    };
    uses.iter().any(makes) && !uses.iter().any(is_price)
}

/// The column of which a mapping says that nothing more is taken off than what it has taken off already: the first
/// that speaks of it and becomes nothing.
pub(super) fn none_made(uses: &[&Use], columns: &[ColumnChoice]) -> Option<String> {
    let is_nothing = |one: &&Use| one.field == "discount" && one.columns.is_empty() && one.how.starts_with("value \"0\" ");
    let is_used = |name: &String| uses.iter().any(|one| one.columns.contains(name));
    let is_it = |name: &&String| is_said(&super::guess::heading(name)) && !is_used(name);
    uses.iter().find(|one| is_nothing(one)).and_then(|_| columns.iter().map(|column| &column.name).find(is_it)).cloned()
}

/// What is to be said of a column that speaks of what is taken off, and that becomes nothing.
pub(super) fn question(column: &str) -> String {
    format!(
        "Say what “{column}” takes off: choose whether it is an amount, a percentage (15 for 15 %) or a fraction (0.15 for 15 %). \
         Without it every line would come in at its full price. If the prices are what was asked for in the end, choose that \
         nothing more is taken off."
    )
}
