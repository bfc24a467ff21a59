//! From where a call comes.

use clinicos_contract::{Problem, problem};

use super::{Gathered, Reason, Reasons};
use crate::facts::{ConnectionFacts, KeyFacts};

/// Both lists must let the call through: a key's narrows its connection's and never widens it.
pub(super) fn is_allowed(
    facts: &Gathered<'_>,
    (connection, key): (&ConnectionFacts, &KeyFacts),
    reasons: &mut Reasons,
) -> Result<(), Problem> {
    if connection.allowed.is_anywhere() && key.allowed.is_anywhere() {
        return Ok(());
    }
    if connection.allowed.allows(facts.address) && key.allowed.allows(facts.address) {
        reasons.push(Reason::AddressAllowed);
        return Ok(());
    }
    reasons.push(Reason::AddressNotAllowed);
    let detail = match facts.address {
        Some(address) => format!("this key may not be used from `{}`", address.to_canonical()),
        None => "this key may be used from some addresses only, and the call came by no network".to_owned(),
    };
    Err(Problem::new(&problem::ADDRESS_NOT_ALLOWED, detail))
}
