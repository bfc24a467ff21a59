//! Refusals that several resources share, said in one way.

use clinicos_contract::{Currency, Money, Problem, Timestamp, problem};
use clinicos_gate::{Caller, Cx, conflict};

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
