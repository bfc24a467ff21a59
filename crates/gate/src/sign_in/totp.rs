//! Codes of an authenticator app (RFC 6238), and the few that stand in for a lost one.

use clinicos_contract::{Entropy, source};

use crate::ids::UserId;
use crate::keyring::Keyring;

/// A new code each 30 seconds; one earlier and one later are taken, for slow clocks.
const TOTP_STEP_S: u64 = 30;
const TOTP_DIGITS: u32 = 6;
/// How many recovery codes a person gets.
pub const RECOVERY_CODES: usize = 10;
/// Bits of a recovery code: 50, in base 32.
const RECOVERY_LETTERS: usize = 10;
/// RFC 4648, 6.
pub const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What a person showed beside the password. It counts once: whoever runs writes that down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// A code of the app, by its step.
    Code(u64),
    /// A recovery code, by its hash.
    Recovery([u8; 32]),
}

/// What a user's sealed secret is bound to.
pub fn totp_bound(user: UserId) -> Vec<u8> {
    format!("totp\n{user}").into_bytes()
}

/// The step that a code belongs to, if it is the code of this moment or of a neighbouring step.
pub fn totp_step(secret: &[u8], code: &str, now_us: i64) -> Option<u64> {
    let code = code.trim().replace(' ', "");
    let step = u64::try_from(now_us / 1_000_000).ok()? / TOTP_STEP_S;
    [step, step.saturating_sub(1), step + 1].into_iter().find(|step| {
        let expected = totp_code(secret, *step);
        subtle::ConstantTimeEq::ct_eq(expected.as_bytes(), code.as_bytes()).into()
    })
}

/// The code of a moment, in microseconds: what an authenticator app shows.
#[doc(hidden)]
pub fn totp_code_at(secret: &[u8], now_us: i64) -> String {
    totp_code(secret, u64::try_from(now_us / 1_000_000).unwrap_or_default() / TOTP_STEP_S)
}

/// RFC 4226, 5.3: HMAC-SHA-1 of the step, truncated to six digits.
fn totp_code(secret: &[u8], step: u64) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let Ok(mut mac) = Hmac::<sha1::Sha1>::new_from_slice(secret) else { return String::new() };
    mac.update(&step.to_be_bytes());
    let digest: [u8; 20] = mac.finalize().into_bytes().into();
    let [.., last] = digest;
    let at = usize::from(last & 0x0f);
    let word = digest.get(at..at + 4).and_then(|bytes| bytes.first_chunk::<4>()).map_or(0, |bytes| u32::from_be_bytes(*bytes));
    format!("{:06}", (word & 0x7fff_ffff) % 10_u32.pow(TOTP_DIGITS))
}

/// A new recovery code: two groups of five letters.
pub fn new_recovery_code(entropy: &dyn Entropy) -> String {
    let letters =
        source::random::<RECOVERY_LETTERS>(entropy).map(|byte| BASE32.get(usize::from(byte % 32)).copied().unwrap_or(b'A'));
    let code: String = letters.into_iter().map(char::from).collect();
    let (left, right) = code.split_at(RECOVERY_LETTERS / 2);
    format!("{left}-{right}")
}

/// The hash under which a user's recovery code is kept, however it was typed. `None` if it has not
/// the form of one.
pub fn recovery_hash(keyring: &Keyring, user: UserId, typed: &str) -> Option<[u8; 32]> {
    let letters: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    let fits = letters.len() == RECOVERY_LETTERS && letters.bytes().all(|byte| BASE32.contains(&byte));
    fits.then(|| keyring.credential_hash(&format!("recovery\n{user}\n{letters}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the last six of the eight digits given there for SHA-1.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(totp_code(secret, seconds / TOTP_STEP_S), code);
            let now = i64::try_from(seconds).unwrap() * 1_000_000;
            assert_eq!(totp_step(secret, code, now), Some(seconds / TOTP_STEP_S));
            assert_eq!(totp_step(secret, code, now + 95_000_000), None);
        }
        assert_eq!(totp_step(secret, "", 59_000_000), None);
        assert_eq!(totp_step(secret, "28708", 59_000_000), None);
    }
}
