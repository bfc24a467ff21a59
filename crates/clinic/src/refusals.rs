//! Refusals that several resources share, said in one way.

use clinicos_contract::{Currency, Money, Problem, Timestamp, problem};
use clinicos_gate::{Caller, Cx, conflict};

use crate::texts::Decimal;

/// Refuses a change of a tombstone.
pub fn check_not_deleted(deleted_at: Option<Timestamp>) -> Result<(), Problem> {
    match deleted_at {
        Some(_) => Err(conflict("the record was deleted and can no longer be changed")),
        None => Ok(()),
    }
}

/// A body names a record that is not there.
pub fn unknown_reference(pointer: &str, what: &str) -> Problem {
    Problem::rule(pointer, "unknown_record", format!("there is no such {what} here"))
}

/// Money in another currency than the clinic's.
pub fn check_currency(pointer: &str, money: Money, clinic: Currency) -> Result<(), Problem> {
    if money.currency == clinic {
        return Ok(());
    }
    Err(Problem::rule(pointer, "currency_mismatch", format!("must be in {}, the currency of the clinic", clinic.code())))
}

/// A list with more items than the record can hold.
pub fn check_length(pointer: &str, length: usize, most: usize) -> Result<(), Problem> {
    if length <= most {
        return Ok(());
    }
    Err(Problem::rule(pointer, "too_many", format!("must have at most {most} items")))
}

/// A text that must say something.
pub fn check_not_empty(pointer: &str, text: &str) -> Result<(), Problem> {
    if text.is_empty() {
        return Err(Problem::rule(pointer, "empty", "must not be empty"));
    }
    Ok(())
}

/// What only whoever runs the server may do.
pub fn check_operator(cx: &Cx<'_>) -> Result<(), Problem> {
    match cx.permit().caller() {
        Caller::Operator => Ok(()),
        Caller::Stranger | Caller::Connection { .. } | Caller::User { .. } => {
            Err(Problem::new(&problem::OPERATOR_ONLY, "only the operator of this server may do this"))
        }
    }
}

/// A color that is no `#` and six hexadecimal digits.
pub fn check_color(pointer: &str, color: &str) -> Result<(), Problem> {
    let is_color =
        color.strip_prefix('#').is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_color { Ok(()) } else { Err(Problem::rule(pointer, "color", "must be `#` and six hexadecimal digits")) }
}

/// A decimal number outside these bounds, which belong to the range.
pub fn check_decimal(pointer: &str, decimal: Option<&Decimal<'_>>, least: i128, most: i128) -> Result<(), Problem> {
    let Some(decimal) = decimal else { return Ok(()) };
    let range = least * Decimal::SCALE..=most * Decimal::SCALE;
    if decimal.ten_thousandths().is_some_and(|number| range.contains(&number)) {
        return Ok(());
    }
    Err(Problem::rule(pointer, "range", format!("must be from {least} to {most}")))
}

/// An integer outside these bounds, which belong to the range.
pub fn check_int(pointer: &str, int: Option<i64>, least: i64, most: i64) -> Result<(), Problem> {
    match int {
        Some(int) if !(least..=most).contains(&int) => {
            Err(Problem::rule(pointer, "range", format!("must be from {least} to {most}")))
        }
        _ => Ok(()),
    }
}

/// A time or day that is not after another one.
pub fn check_order<T: PartialOrd>(pointer: &str, from: Option<T>, to: Option<T>, first: &str) -> Result<(), Problem> {
    match from.zip(to) {
        Some((from, to)) if to < from => Err(Problem::rule(pointer, "range", format!("must not be before `{first}`"))),
        _ => Ok(()),
    }
}
