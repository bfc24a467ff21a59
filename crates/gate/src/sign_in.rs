//! Signing in: an e-mail address, a password and, where it is on, a second factor.
//!
//! Whether an account exists must not show: an unknown address costs the same work as a wrong
//! password and gets the same answer, and budgets are keyed by what was typed. Wrong tries count,
//! right ones do not; see docs/decisions/0017.

pub mod agent;
pub mod device;
mod passwords;
mod totp;
mod tries;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use clinicos_contract::{Entropy, source};
use tokio::sync::Semaphore;

use self::tries::{Budget, Tries};
use crate::ids::UserId;
use crate::keyring::Seal;
use crate::limits::{Charge, network_of};
use crate::people::{UserFacts, UserState};
use crate::request::Secret;
use crate::services::Services;

pub use self::passwords::{Passwords, Sent, Worked};
pub use self::totp::{BASE32, Factor, RECOVERY_CODES, new_recovery_code, recovery_hash, totp_bound, totp_code_at, totp_step};

/// Argon2id as OWASP's password storage cheat sheet has it: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Passwords that are worked on at once; each takes the memory above.
const AT_ONCE: usize = 2;
/// What is said of every wrong sign-in.
pub const WRONG: &str = "the e-mail address, the password or the code is wrong";
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
    tries: Tries,
    /// A hash to check passwords of unknown accounts against.
    decoy: OnceLock<Arc<str>>,
}

/// What was typed, and where.
pub(crate) struct Typed<'t> {
    pub(crate) email: &'t str,
    pub(crate) password: &'t Secret,
    pub(crate) code: Option<&'t str>,
    pub(crate) device: Option<&'t str>,
    pub(crate) address: Option<IpAddr>,
}

impl SignIns {
    pub(crate) fn new() -> Self {
        Self { at_once: Arc::new(Semaphore::new(AT_ONCE)), tries: Tries::default(), decoy: OnceLock::new() }
    }

    /// Whether `found`, the account with this address if there is one, is who typed this; and by
    /// what beside the password.
    pub(crate) async fn check(
        &self,
        services: &Services,
        found: Option<&Arc<UserFacts>>,
        typed: Typed<'_>,
    ) -> Result<(Arc<UserFacts>, Option<Factor>), Denied> {
        let budgets = budgets(services, &typed);
        let now_ns = services.clock.monotonic_ns();
        self.tries.charge(&budgets, now_ns).map_err(Denied::TooMany)?;
        let active = found.filter(|user| user.state == UserState::Active);
        let hash = active.and_then(|user| user.password_hash.clone());
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy(&*services.entropy));
        let fits = self.fits(typed.password.clone(), hash).await;
        let user = active.filter(|_| known && fits).ok_or(Denied::Wrong)?;
        let is_known_device = matches!(budgets.as_slice(), [Budget::Device(_)]);
        let factor = self.factor(services, user, typed.code, is_known_device).ok_or(Denied::Wrong)?;
        self.tries.give_back(&budgets, now_ns);
        Ok((user.clone(), factor))
    }

    /// The factor that fits, where one is asked for. Somebody who has the password guesses few
    /// codes, and is not told that they ran out: that would tell that the password is right.
    fn factor(&self, services: &Services, user: &UserFacts, code: Option<&str>, is_known_device: bool) -> Option<Option<Factor>> {
        let Some(sealed) = &user.totp_sealed else { return Some(None) };
        let budget = if is_known_device { [].as_slice() } else { &[Budget::Codes(user.id)] };
        let now_ns = services.clock.monotonic_ns();
        self.tries.charge(budget, now_ns).ok()?;
        let code = code?;
        let secret = services.keyring.open(Seal::Row, sealed, &totp_bound(user.id))?;
        let step = totp_step(&secret, code, services.clock.now().as_micros()).filter(|step| *step > user.totp_last_step);
        let recovery = || recovery_hash(&services.keyring, user.id, code).filter(|hash| user.recovery.contains(hash));
        let factor = step.map(Factor::Code).or_else(|| recovery().map(Factor::Recovery))?;
        self.tries.give_back(budget, now_ns);
        Some(Some(factor))
    }

    /// Charges a guess of somebody who is signed in: at their own password or code.
    pub(crate) fn charge_guess(&self, services: &Services, user: UserId) -> Result<(), Charge> {
        self.tries.charge(&[Budget::Own(user)], services.clock.monotonic_ns())
    }

    /// Gives the guess back: it was none.
    pub(crate) fn give_back_guess(&self, services: &Services, user: UserId) {
        self.tries.give_back(&[Budget::Own(user)], services.clock.monotonic_ns());
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
}

/// What a try is charged to: the device's own budget where it is known, else what it shares with
/// strangers.
fn budgets(services: &Services, typed: &Typed<'_>) -> Vec<Budget> {
    if let Some(device) = device::known(services, typed.email, typed.device) {
        return vec![Budget::Device(device)];
    }
    let account = services.keyring.credential_hash(&email_key(typed.email));
    let network = typed.address.map(network_of);
    vec![Budget::Pair(account, network), Budget::Network(network), Budget::Account(account)]
}

/// E-mail addresses are told apart in lower case.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Hashes a password: Argon2id in the PHC string format. `None` if it cannot be hashed.
pub(crate) fn hash_password(password: &str, entropy: &dyn Entropy) -> Option<String> {
    let salt = SaltString::encode_b64(&source::random::<16>(entropy)).ok()?;
    Some(argon2()?.hash_password(password.as_bytes(), &salt).ok()?.to_string())
}

/// Whether a password has this hash.
pub(crate) fn password_fits(password: &str, hash: &str) -> bool {
    let hash = PasswordHash::new(hash).ok();
    hash.zip(argon2()).is_some_and(|(hash, argon2)| argon2.verify_password(password.as_bytes(), &hash).is_ok())
}

fn argon2() -> Option<Argon2<'static>> {
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

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
