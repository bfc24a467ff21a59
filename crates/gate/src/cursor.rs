//! Cursors: where a page ended, sealed.
//!
//! They hold values of records, so they are encrypted, not only signed, and bound to the
//! environment, caller, operation, clinic, sort and filters that they came from.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use clinicos_contract::query::{Operand, Query};
use clinicos_contract::{Problem, Spec, problem};
use clinicos_store::page::After;
use serde::{Deserialize, Serialize};

use crate::keyring::Seal;
use crate::permit::{Caller, Permit};
use crate::services::Services;

/// Longest cursor that is looked at.
const CURSOR_CHARS_MAX: usize = 2_048;

#[derive(Serialize, Deserialize)]
struct Keys {
    #[serde(skip_serializing_if = "Option::is_none")]
    t: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<i64>,
    id: String,
}

/// Seals where a page ended.
pub(crate) fn seal(services: &Services, permit: &Permit, spec: &Spec, query: &Query, after: &After) -> String {
    let (t, n) = match &after.sort {
        None => (None, None),
        Some(Operand::Text(text)) => (Some(text.clone()), None),
        Some(Operand::Int(int)) => (None, Some(*int)),
    };
    let keys = serde_json::to_vec(&Keys { t, n, id: after.id.clone() }).unwrap_or_default();
    let sealed = services.keyring.seal(Seal::Cursor, &keys, &bound(services, permit, spec, query), &*services.entropy);
    BASE64.encode(sealed)
}

/// Opens a cursor that this caller was given for the same question.
pub(crate) fn open(services: &Services, permit: &Permit, spec: &Spec, query: &Query, sealed: &str) -> Result<After, Problem> {
    let opened = (sealed.len() <= CURSOR_CHARS_MAX)
        .then(|| BASE64.decode(sealed).ok())
        .flatten()
        .and_then(|sealed| services.keyring.open(Seal::Cursor, &sealed, &bound(services, permit, spec, query)))
        .and_then(|keys| serde_json::from_slice::<Keys>(&keys).ok());
    let Some(keys) = opened else {
        return Err(Problem::new(&problem::INVALID_CURSOR, "the cursor does not belong to this request"));
    };
    let sort = keys.t.map(Operand::Text).or(keys.n.map(Operand::Int));
    Ok(After { sort, id: keys.id })
}

/// What the cursor is good for. The parts are separated so that none can run into another.
fn bound(services: &Services, permit: &Permit, spec: &Spec, query: &Query) -> Vec<u8> {
    use std::io::Write as _;
    let mut bound = Vec::with_capacity(256);
    let caller = match permit.caller() {
        Caller::Operator => String::from("operator"),
        Caller::Stranger => String::from("anybody"),
        Caller::Connection { connection, .. } => connection.to_string(),
        Caller::User { user, .. } => user.to_string(),
    };
    let clinic = permit.clinic().map(|clinic| clinic.id.to_string()).unwrap_or_default();
    // Writing into a `Vec` cannot fail.
    let _ = write!(bound, "{}\n{caller}\n{}\n{clinic}\n{:?}", services.environment.name(), spec.id, query.sort);
    for term in &query.filters {
        let _ = write!(bound, "\n{:?}", term);
    }
    bound
}
