//! Bodies: what is accepted is what the operation takes, and means one thing.

use clinicos_contract::admit::check_body;
use clinicos_contract::json::{self, DEPTH_MAX};
use clinicos_contract::{CategorySet, problem};
use serde_json::Value;

use crate::catalogue;

/// A body, for every operation that takes one.
///
/// - Reading it never panics, and what is read is no deeper than allowed.
/// - What is read, written again, reads as the same.
/// - What passes an operation's checks has the type that the operation takes.
/// - What does not pass is told where: an error has a pointer that leads to a place of the body, or
///   beside it where something is missing.
pub fn json_input(data: &[u8]) {
    let Ok(value) = json::parse(data) else { return };
    assert!(depth(&value) <= DEPTH_MAX, "deeper than {DEPTH_MAX} levels");
    let written = value.to_string();
    let again = json::parse(written.as_bytes());
    assert!(again.as_ref().is_ok_and(|again| is_same(again, &value)), "`{written}` reads otherwise once written: {again:?}");
    for operation in catalogue().operations() {
        let spec = operation.spec();
        let Some(body) = &spec.body else { continue };
        match check_body(body, &value, CategorySet::ALL) {
            Ok(()) => {
                let fits = operation.prepare(&value).map(drop);
                assert!(fits.is_ok(), "`{}` accepts {written} and cannot take it: {fits:?}", spec.id);
            }
            Err(refused) => {
                assert_eq!(refused.code, &problem::INVALID_FIELD, "{}", spec.id);
                assert!(!refused.errors.is_empty(), "`{}` refuses {written} and names no place", spec.id);
                for error in &refused.errors {
                    assert!(leads_somewhere(&value, &error.pointer), "`{}` points at {} in {written}", spec.id, error.pointer);
                }
            }
        }
    }
}

/// Whether two values are the same. No field takes a fraction, so those need not be exact.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) if one.is_f64() => other.is_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_there = |(name, value): (&String, &Value)| other.get(name).is_some_and(|other| is_same(value, other));
            one.len() == other.len() && one.iter().all(is_there)
        }
        (one, other) => one == other,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Whether a pointer leads to a value, or to a member that its object lacks. Long names are
/// shortened in pointers, and control characters left out, so those lead as far as their parent.
fn leads_somewhere(value: &Value, pointer: &str) -> bool {
    if pointer.is_empty() || value.pointer(pointer).is_some() {
        return true;
    }
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    value.pointer(parent).is_some_and(Value::is_object)
}
