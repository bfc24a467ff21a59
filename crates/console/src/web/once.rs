//! Forms that make a key or an invitation: sent twice, they make one.
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

/// What is said of a form that was sent before.
pub struct SentBefore {
    /// With something else in it.
    otherwise: &'static str,
    /// And is being worked on.
    in_progress: &'static str,
}

/// Of a form that makes a key.
pub const KEY: SentBefore = SentBefore {
    otherwise: "This form was sent before with something else in it, and may have made a key already. Look at your keys; to make one more, open this page anew.",
    in_progress: "Your key is being made. Press the button again in a moment: that makes no second key.",
};
/// Of a form that invites somebody.
pub const INVITATION: SentBefore = SentBefore {
    otherwise: "This form was sent before with something else in it, and may have invited somebody already. Look at the list; to invite somebody else, open this page anew.",
    in_progress: "Your invitation is being made. Press the button again in a moment: that makes no second one.",
};

/// The nonce of a form: a new one, or the one that was sent. What was refused made nothing, so its
/// form keeps its nonce; another one would let a second click make a second key.
pub fn nonce(web: &Web, visit: &Visit) -> String {
    sent(visit).unwrap_or_else(|| fresh(web))
}

fn fresh(web: &Web) -> String {
    let services = web.door.services();
    let random = source::random::<8>(&*services.entropy);
    format!("{:016x}{}", services.clock.now().as_micros(), keyring::to_hex(&random))
}

/// The nonce of a form that was kept over a sign-in: its own, since its last session may have sent
/// it already, or a new one if its own is too old to tell a time.
pub fn kept(web: &Web, nonce: String) -> String {
    let tells_a_time = is_ours(&nonce) && time_of(&nonce, web.door.services().clock.now()).is_some();
    if tells_a_time { nonce } else { fresh(web) }
}

/// The nonce that a form sent.
pub fn sent(visit: &Visit) -> Option<String> {
    Some(visit.field("nonce")).filter(|nonce| is_ours(nonce))
}

fn is_ours(nonce: &str) -> bool {
    nonce.len() == NONCE_DIGITS && nonce.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// When the form was made; now, if it does not say so or is older than any session. Only a form that
/// was kept over a sign-in can come to be that old; sent twice then, it is refused as one that was
/// sent with something else in it, and makes no second key.
pub fn made_at(visit: &Visit, now: Timestamp) -> Timestamp {
    sent(visit).and_then(|nonce| time_of(&nonce, now)).unwrap_or(now)
}

/// The time that a nonce tells, if a session of now can have begun before it.
fn time_of(nonce: &str, now: Timestamp) -> Option<Timestamp> {
    let at = Timestamp::from_micros(i64::from_str_radix(nonce.get(..TIME_DIGITS)?, 16).ok()?);
    let oldest = now.plus_seconds(-SESSION_HOURS_MAX * 3_600);
    (at >= oldest && at <= now).then_some(at)
}

/// What is wrong with a form that was sent.
pub fn faults(visit: &Visit, refused: &Refused, fields: &[Field], own: Vec<Fault>, before: &SentBefore) -> Faults {
    match sent_before(refused, before) {
        Some(told) => Faults(vec![Fault::whole(told.to_owned())]),
        None => amend::faults(visit, refused, fields, own),
    }
}

fn sent_before(refused: &Refused, before: &SentBefore) -> Option<&'static str> {
    match refused.code.as_str() {
        "idempotency_mismatch" => Some(before.otherwise),
        "in_progress" => Some(before.in_progress),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_that_is_being_worked_on_says_what_to_do() {
        let told =
            |code: &str| sent_before(&Refused::of_door(409, &json!({"code": code, "detail": "other"}), String::new()), &KEY);
        assert!(told("in_progress").unwrap().contains("no second key"));
        assert!(told("idempotency_mismatch").unwrap().contains("open this page anew"));
        assert_eq!(told("conflict"), None);
    }
}
