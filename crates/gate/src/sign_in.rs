//! Signing in: an e-mail address, a password and, where it is on, a second factor.
//!
//! Whether an account exists must not show: an unknown address costs the same work as a wrong
//! password and gets the same answer, and budgets are keyed by what was typed.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use clinicos_contract::{Entropy, source};
use tokio::sync::Semaphore;

use crate::ids::UserId;
use crate::keyring::Seal;
use crate::limits::{Charge, Quota, gcra, network_of};
use crate::people::{UserFacts, UserState};
use crate::request::Secret;
use crate::services::Services;

/// Argon2id as OWASP's password storage cheat sheet has it: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Passwords that are worked on at once; each takes the memory above.
const AT_ONCE: usize = 2;
/// Tries a minute: for one account from one network, for one account, for one network.
const TRIES_OF_PAIR: Quota = Quota(6);
const TRIES_OF_ACCOUNT: Quota = Quota(60);
const TRIES_OF_NETWORK: Quota = Quota(30);
/// Budgets remembered at once.
const BUDGETS_MAX: usize = 50_000;
/// RFC 6238: a new code each 30 seconds; one earlier and one later are taken, for slow clocks.
const TOTP_STEP_S: u64 = 30;
const TOTP_DIGITS: u32 = 6;
/// The shortest password. Length, not composition: NIST SP 800-63B, 5.1.1.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// The longest, so that nobody makes the server hash novels.
pub const PASSWORD_CHARS_MAX: usize = 256;

/// Why a sign-in was refused.
pub(crate) enum Denied {
    /// Something typed is wrong; what, is not said.
    Wrong,
    /// Too many tries.
    TooMany(Charge),
}

/// Checks what people type.
pub(crate) struct SignIns {
    at_once: Arc<Semaphore>,
    budgets: Mutex<HashMap<Budget, u64>>,
    /// The step of the last code of each user: no code counts twice.
    last_steps: Mutex<HashMap<UserId, u64>>,
    /// A hash to check passwords of unknown accounts against.
    decoy: OnceLock<Arc<str>>,
}

#[derive(PartialEq, Eq, Hash)]
enum Budget {
    Pair([u8; 32], Option<IpAddr>),
    Account([u8; 32]),
    Network(Option<IpAddr>),
}

/// What was typed, and where.
pub(crate) struct Typed<'t> {
    pub(crate) email: &'t str,
    pub(crate) password: &'t Secret,
    pub(crate) code: Option<&'t str>,
    pub(crate) address: Option<IpAddr>,
}

impl SignIns {
    pub(crate) fn new() -> Self {
        let at_once = Arc::new(Semaphore::new(AT_ONCE));
        Self { at_once, budgets: Mutex::default(), last_steps: Mutex::default(), decoy: OnceLock::new() }
    }

    /// Whether `found`, the account with this address if there is one, is who typed this.
    pub(crate) async fn check(
        &self,
        services: &Services,
        found: Option<&Arc<UserFacts>>,
        typed: Typed<'_>,
    ) -> Result<Arc<UserFacts>, Denied> {
        self.charge(services, &typed)?;
        let active = found.filter(|user| user.state == UserState::Active);
        let hash = active.and_then(|user| user.password_hash.clone());
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy(&*services.entropy));
        let fits = self.fits(typed.password.clone(), hash).await;
        match active.filter(|_| known && fits) {
            Some(user) if self.second_factor_fits(services, user, typed.code) => Ok(user.clone()),
            _ => Err(Denied::Wrong),
        }
    }

    fn charge(&self, services: &Services, typed: &Typed<'_>) -> Result<(), Denied> {
        let account = services.keyring.credential_hash(&email_key(typed.email));
        let network = typed.address.map(network_of);
        let now_ns = services.clock.monotonic_ns();
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        if budgets.len() >= BUDGETS_MAX {
            budgets.retain(|_, arrival| *arrival > now_ns);
        }
        let pairs = [
            (Budget::Pair(account, network), TRIES_OF_PAIR),
            (Budget::Network(network), TRIES_OF_NETWORK),
            (Budget::Account(account), TRIES_OF_ACCOUNT),
        ];
        for (budget, quota) in pairs {
            let arrival = budgets.entry(budget).or_default();
            let (next, charge) = gcra(*arrival, now_ns, quota);
            if !charge.admitted {
                return Err(Denied::TooMany(charge));
            }
            *arrival = next;
        }
        Ok(())
    }

    /// A hash that no password fits.
    fn decoy(&self, entropy: &dyn Entropy) -> Arc<str> {
        let make = || hash_password(&crate::keyring::to_hex(&source::random::<32>(entropy)), entropy).unwrap_or_default().into();
        self.decoy.get_or_init(make).clone()
    }

    async fn fits(&self, password: Secret, hash: Arc<str>) -> bool {
        let Ok(_turn) = self.at_once.acquire().await else { return false };
        let work = move || password_fits(password.expose(), &hash);
        tokio::task::spawn_blocking(work).await.unwrap_or(false)
    }

    fn second_factor_fits(&self, services: &Services, user: &UserFacts, code: Option<&str>) -> bool {
        let Some(sealed) = &user.totp_sealed else { return true };
        let secret = services.keyring.open(Seal::Row, sealed, &totp_bound(user.id));
        let (Some(secret), Some(code)) = (secret, code) else { return false };
        let Some(step) = totp_step(&secret, code, services.clock.now().as_micros()) else { return false };
        let mut last = self.last_steps.lock().unwrap_or_else(PoisonError::into_inner);
        let last = last.entry(user.id).or_default();
        let is_new = step > *last;
        *last = step.max(*last);
        is_new
    }
}

/// E-mail addresses are told apart in lower case.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// What a user's sealed secret is bound to.
pub fn totp_bound(user: UserId) -> Vec<u8> {
    format!("totp\n{user}").into_bytes()
}

/// Hashes a password: Argon2id in the PHC string format. `None` if it cannot be hashed.
pub fn hash_password(password: &str, entropy: &dyn Entropy) -> Option<String> {
    let salt = SaltString::encode_b64(&source::random::<16>(entropy)).ok()?;
    Some(argon2()?.hash_password(password.as_bytes(), &salt).ok()?.to_string())
}

/// Whether a password has this hash.
pub fn password_fits(password: &str, hash: &str) -> bool {
    let hash = PasswordHash::new(hash).ok();
    hash.zip(argon2()).is_some_and(|(hash, argon2)| argon2.verify_password(password.as_bytes(), &hash).is_ok())
}

fn argon2() -> Option<Argon2<'static>> {
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?))
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

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, out: &mut [u8]) {
            for (index, byte) in out.iter_mut().enumerate() {
                *byte = index as u8;
            }
        }
    }

    #[test]
    fn a_hash_fits_its_password_alone() {
        let hash = hash_password("correct horse battery", &Counting).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(password_fits("correct horse battery", &hash));
        assert!(!password_fits("correct horse batterz", &hash));
        assert!(!password_fits("", &hash) && !password_fits("x", "no hash"));
    }
}
