//! What is taken off a line: as an amount, as a fraction of its price, or as a percentage of it.

use serde::{Deserialize, Serialize};

use super::{FileChoice, Form, Target};
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
}

impl Share {
    /// What all values say, of which this was said before.
    pub(super) fn with(self, value: &str) -> Self {
        let own = match value.trim().replace(',', ".").parse::<f64>() {
            Ok(0.0) => Self::Nothing,
            Ok(number) if number > 0.0 && number < 1.0 => Self::Fractions,
            _ => Self::Open,
        };
        match (self, own) {
            (Self::Open, _) | (_, Self::Open) => Self::Open,
            (Self::Nothing, Self::Nothing) => Self::Nothing,
            _ => Self::Fractions,
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

/// Whether values are written with the sign of percent, and are numbers without it.
pub(super) fn have_signs(values: &[&str]) -> bool {
    values.iter().any(|value| value.ends_with('%')) && are_percentages(values)
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
    let share = if of_hundred { format!("{off} * 0.01") } else { off };
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
        let numbers = one.how.matches("Number(").count();
        let is_so = one.field == target.path && one.how.starts_with("expression") && numbers == 1 + usize::from(of_hundred);
        is_so && one.columns.iter().any(|name| name == column)
    };
    uses.iter().any(makes) && !uses.iter().any(is_price)
}

/// Whether a mapping says that nothing more is taken off than what this column has taken off already.
pub(super) fn is_none_made(uses: &[&Use], column: &str, target: &Target) -> bool {
    let is_nothing = |one: &&Use| one.field == target.path && one.columns.is_empty();
    target.form == Form::Nothing && is_said(&super::guess::heading(column)) && uses.iter().any(is_nothing)
}

/// What is to be said of a column that speaks of what is taken off, and that becomes nothing.
pub(super) fn question(column: &str) -> String {
    format!(
        "Say what “{column}” takes off: choose whether it is an amount, a percentage (15 for 15 %) or a fraction (0.15 for 15 %). \
         Without it every line would come in at its full price. If the prices are what was asked for in the end, choose that \
         nothing more is taken off."
    )
}
