//! Forms that make a key: sent twice, they make one.
//!
//! A form carries a nonce, which is the call's idempotency key and tells when the form was made.
//! Whatever the body takes from the clock is reckoned from that time, so that a form that is sent
//! again is the same request again.

use clinicos_contract::{Timestamp, source};
use clinicos_gate::keyring;
use clinicos_gate::people::SESSION_HOURS_MAX;

use super::Web;
use super::amend::{self, Field};
use super::respond::Refused;
use super::visit::Visit;
use crate::faults::{Fault, Faults};

/// Hexadecimal digits of the time, and of what nobody can guess behind it.
const TIME_DIGITS: usize = 16;
const NONCE_DIGITS: usize = 32;

/// The nonce of a form: a new one, or the one that was sent. What was refused made nothing, so its
/// form keeps its nonce; another one would let a second click make a second key.
pub fn nonce(web: &Web, visit: &Visit) -> String {
    sent(visit).unwrap_or_else(|| {
        let services = web.door.services();
        let random = source::random::<8>(&*services.entropy);
        format!("{:016x}{}", services.clock.now().as_micros(), keyring::to_hex(&random))
    })
}

/// The nonce that a form sent.
pub fn sent(visit: &Visit) -> Option<String> {
    let is_ours = |nonce: &String| nonce.len() == NONCE_DIGITS && nonce.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(visit.field("nonce")).filter(is_ours)
}

/// When the form was made; now, if it does not say so. No form outlives its session.
pub fn made_at(visit: &Visit, now: Timestamp) -> Timestamp {
    let told = sent(visit).and_then(|nonce| i64::from_str_radix(nonce.get(..TIME_DIGITS)?, 16).ok());
    let oldest = now.plus_seconds(-SESSION_HOURS_MAX * 3_600);
    told.map(Timestamp::from_micros).filter(|at| *at >= oldest && *at <= now).unwrap_or(now)
}

/// What is wrong with a form that was sent.
pub fn faults(visit: &Visit, refused: &Refused, fields: &[Field], own: Vec<Fault>) -> Faults {
    match sent_before(refused) {
        Some(told) => Faults(vec![Fault::whole(told.to_owned())]),
        None => amend::faults(visit, refused, fields, own),
    }
}

fn sent_before(refused: &Refused) -> Option<&'static str> {
    match refused.code.as_str() {
        "idempotency_mismatch" => Some(
            "This form was sent before with something else in it, and may have made a key already. Look at your keys; to make one more, open this page anew.",
        ),
        "in_progress" => Some("Your key is being made. Press the button again in a moment: that makes no second key."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_that_is_being_worked_on_says_what_to_do() {
        let told = |code: &str| sent_before(&Refused::of_door(409, &json!({"code": code, "detail": "other"}), String::new()));
        assert!(told("in_progress").unwrap().contains("no second key"));
        assert!(told("idempotency_mismatch").unwrap().contains("open this page anew"));
        assert_eq!(told("conflict"), None);
    }
}
