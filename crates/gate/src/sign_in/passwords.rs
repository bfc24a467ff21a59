//! The passwords in a body. They are worked on before the transaction, which everybody's writes wait
//! for, and few at a time; what comes of it goes to the operation with its input.

use std::sync::Arc;

use clinicos_contract::{Entropy, Problem};

use super::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, SignIns, hash_password};
use crate::request::Secret;

/// The passwords that a body holds.
#[derive(Debug, Default, Clone, Copy)]
pub struct Passwords<'b> {
    /// The one that the caller has.
    pub current: Option<&'b str>,
    /// The one that they will have.
    pub new: Option<&'b str>,
}

/// The same, on their own, for who works on them.
pub struct Sent {
    current: Option<Secret>,
    new: Option<Secret>,
}

/// What came of the passwords of a body.
#[derive(Clone, Default)]
pub struct Worked {
    /// The hash that the present password was compared with, if it fits.
    fits: Option<Arc<str>>,
    hash: Option<String>,
}

impl std::fmt::Debug for Worked {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Worked").field("fits", &self.fits.is_some()).finish_non_exhaustive()
    }
}

impl Worked {
    /// Whether what was typed as the present password is the one with this hash. One that was
    /// changed meanwhile is another one.
    pub fn fits(&self, stored: Option<&str>) -> bool {
        self.fits.as_deref().is_some_and(|hash| Some(hash) == stored)
    }

    /// The hash of the new password.
    pub fn new_hash(&self) -> Result<&str, Problem> {
        self.hash.as_deref().ok_or_else(|| Problem::unavailable("a password could not be hashed"))
    }
}

impl From<Passwords<'_>> for Sent {
    fn from(passwords: Passwords<'_>) -> Self {
        let own = |text: Option<&str>| text.map(|text| Secret::new(text.to_owned()));
        Self { current: own(passwords.current), new: own(passwords.new) }
    }
}

impl SignIns {
    /// Checks and hashes. A new password is hashed only if the present one fits, where that is asked
    /// for, and if it is one that can be taken.
    pub(crate) async fn work(&self, sent: Sent, stored: Option<Arc<str>>, entropy: &Arc<dyn Entropy>) -> Worked {
        let mut worked = Worked::default();
        if let Some(current) = sent.current {
            // Whoever has no password yet has none that fits.
            let Some(stored) = stored else { return worked };
            if !self.fits(current, stored.clone()).await {
                return worked;
            }
            worked.fits = Some(stored);
        }
        let is_long_enough = |new: &Secret| (PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&new.expose().chars().count());
        let Some(new) = sent.new.filter(is_long_enough) else { return worked };
        let Ok(_turn) = self.at_once.acquire().await else { return worked };
        let entropy = entropy.clone();
        let work = move || hash_password(new.expose(), &*entropy);
        worked.hash = tokio::task::spawn_blocking(work).await.ok().flatten();
        worked
    }
}
