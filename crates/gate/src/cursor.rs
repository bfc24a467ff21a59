//! Cursors: where a page ended, sealed.
//!
//! They hold values of records, so they are encrypted, not only signed, and bound to the
//! environment, caller, operation, clinic, sort and filters that they came from.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use clinicos_contract::query::{Operand, Query};
use clinicos_contract::{Entropy, Problem, Spec, problem};
use clinicos_store::page::After;
use serde::{Deserialize, Serialize};

use crate::keyring::{Keyring, Seal};
use crate::permit::{Caller, Permit};
use crate::services::Services;

/// Longest cursor that is looked at.
const CURSOR_CHARS_MAX: usize = 2_048;

/// Fewest bytes of one: what it is sealed with takes more.
const CURSOR_BYTES_MIN: usize = 28;

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
    seal_after(&services.keyring, &*services.entropy, &bound(services, permit, spec, query), after)
}

/// Opens a cursor that this caller was given for the same question.
pub(crate) fn open(services: &Services, permit: &Permit, spec: &Spec, query: &Query, sealed: &str) -> Result<After, Problem> {
    open_after(&services.keyring, &bound(services, permit, spec, query), sealed).ok_or_else(|| match is_one(sealed) {
        true => {
            let detail = "the cursor does not belong to this request: it is of another caller, another list, or other filters";
            Problem::new(&problem::INVALID_CURSOR, detail).about("cursor", "foreign")
        }
        false => {
            let detail = "this is no cursor: send `next_cursor` of the page before as it stands, or none for the first page";
            Problem::new(&problem::INVALID_CURSOR, detail).about("cursor", "format")
        }
    })
}

/// Seals where a page ended, for whoever asks with the same `bound`.
pub fn seal_after(keyring: &Keyring, entropy: &dyn Entropy, bound: &[u8], after: &After) -> String {
    let (t, n) = match &after.sort {
        None => (None, None),
        Some(Operand::Text(text)) => (Some(text.clone()), None),
        Some(Operand::Int(int)) => (None, Some(*int)),
    };
    let keys = serde_json::to_vec(&Keys { t, n, id: after.id.clone() }).unwrap_or_default();
    BASE64.encode(keyring.seal(Seal::Cursor, &keys, bound, entropy))
}

/// Opens what [`seal_after`] sealed. `None` for anything else.
pub fn open_after(keyring: &Keyring, bound: &[u8], sealed: &str) -> Option<After> {
    if sealed.len() > CURSOR_CHARS_MAX {
        return None;
    }
    let sealed = BASE64.decode(sealed).ok()?;
    let keys: Keys = serde_json::from_slice(&keyring.open(Seal::Cursor, &sealed, bound)?).ok()?;
    Some(After { sort: keys.t.map(Operand::Text).or(keys.n.map(Operand::Int)), id: keys.id })
}

/// Whether a text looks like what [`seal_after`] gives; whose it is cannot be told.
fn is_one(sealed: &str) -> bool {
    sealed.len() <= CURSOR_CHARS_MAX && BASE64.decode(sealed).is_ok_and(|bytes| bytes.len() >= CURSOR_BYTES_MIN)
}

/// What the cursor is good for. The parts are separated so that none can run into another.
fn bound(services: &Services, permit: &Permit, spec: &Spec, query: &Query) -> Vec<u8> {
    use std::io::Write as _;
    let mut bound = Vec::with_capacity(256);
    let caller = match permit.caller() {
        Caller::Operator => String::from("operator"),
        Caller::Stranger => String::from("anybody"),
        // Which connections there are may change while a key for an organization follows them.
        Caller::Connection { key, .. } if permit.clinic().is_none() => key.to_string(),
        Caller::Connection { connection, .. } => connection.to_string(),
        Caller::User { user, .. } => user.to_string(),
    };
    let clinic = permit.clinic().map(|clinic| clinic.id.to_string()).unwrap_or_default();
    // Writing into a `Vec` cannot fail.
    let _ = write!(bound, "{}\n{caller}\n{}\n{clinic}\n{:?}", services.environment.name(), spec.id, query.sort);
    for term in &query.filters {
        let _ = write!(bound, "\n{:?}", term);
    }
    for name in &query.types {
        let _ = write!(bound, "\ntype {name}");
    }
    bound
}
