//! Devices on which somebody signed in before. A browser keeps a token for each account; it opens
//! nothing, but tries from there have a budget of their own, so that nobody else can use it up.
//!
//! A token is a random number, the second in which it runs out, and a keyed hash over both and
//! the account. It tells nothing about the person, and nothing is stored for it here.

use clinicos_contract::{Timestamp, source};

use super::email_key;
use crate::keyring::{Keyring, to_hex};
use crate::services::Services;

/// How long a device is known after a sign-in.
pub const DEVICE_DAYS: i64 = 365;
/// Accounts that one browser remembers.
const ACCOUNTS_MAX: usize = 8;
const SECONDS_PER_DAY: i64 = 86_400;
const NONCE_HEX: usize = 16;
const END_HEX: usize = 8;
const HASH_HEX: usize = 32;

/// What a browser keeps after a right sign-in: a new token for this account, then those of the
/// others that it had.
pub fn remember(services: &Services, email: &str, kept: Option<&str>) -> String {
    let end = services.clock.now().plus_seconds(DEVICE_DAYS * SECONDS_PER_DAY).as_micros() / 1_000_000;
    let begin = format!("{}{end:08x}", to_hex(&source::random::<{ NONCE_HEX / 2 }>(&*services.entropy)));
    let new = format!("{begin}{}", hash(&services.keyring, email, &begin));
    let others = tokens(kept).filter(|token| !is_of(&services.keyring, email, token));
    std::iter::once(&*new).chain(others).take(ACCOUNTS_MAX).collect::<Vec<_>>().join(".")
}

/// The device's budget for this account, if it is known and its time has not run out.
pub(crate) fn known(services: &Services, email: &str, kept: Option<&str>) -> Option<[u8; 32]> {
    // Every token is looked at, whatever came of the one before.
    let fitting: Vec<&str> = tokens(kept).filter(|token| is_of(&services.keyring, email, token)).collect();
    let token = fitting.into_iter().find(|token| ends_after(token, services.clock.now()))?;
    Some(services.keyring.credential_hash(&format!("device budget\n{token}")))
}

fn tokens(kept: Option<&str>) -> impl Iterator<Item = &str> {
    let whole = |token: &&str| token.len() == NONCE_HEX + END_HEX + HASH_HEX;
    kept.unwrap_or_default().split('.').filter(whole).take(ACCOUNTS_MAX)
}

fn is_of(keyring: &Keyring, email: &str, token: &str) -> bool {
    let Some((begin, shown)) = token.split_at_checked(NONCE_HEX + END_HEX) else { return false };
    subtle::ConstantTimeEq::ct_eq(hash(keyring, email, begin).as_bytes(), shown.as_bytes()).into()
}

fn ends_after(token: &str, now: Timestamp) -> bool {
    let end = token.get(NONCE_HEX..NONCE_HEX + END_HEX).and_then(|end| i64::from_str_radix(end, 16).ok());
    end.is_some_and(|end| end > now.as_micros() / 1_000_000)
}

fn hash(keyring: &Keyring, email: &str, begin: &str) -> String {
    let mut hash = to_hex(&keyring.credential_hash(&format!("device\n{}\n{begin}", email_key(email))));
    hash.truncate(HASH_HEX);
    hash
}
