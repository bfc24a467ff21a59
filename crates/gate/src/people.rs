//! People, as decisions see them: users with a role at a clinic, and their sessions.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use clinicos_contract::{Spec, Timestamp, words};
use sha2::{Digest as _, Sha256};

use crate::ids::{ClinicId, SessionId, UserId};
use crate::limits::Account;

/// How long a session lasts at most.
pub const SESSION_HOURS_MAX: i64 = 12;
/// How long a session lasts without a call.
pub const SESSION_IDLE_MINUTES_MAX: u64 = 120;
const NS_PER_MINUTE: u64 = 60_000_000_000;

words! {
    /// What a person is at the clinic, and with it what they may do in it.
    Role {
        /// A veterinarian.
        Dvm = "DVM",
        /// Reception and client service.
        Csr = "CSR",
        /// A veterinary assistant.
        Va = "VA",
        /// Runs the practice.
        Manager = "Manager",
        /// Keeps the stock.
        InventoryManager = "InventoryManager",
        /// Decides who may do what.
        Admin = "Admin",
    }
}

impl Role {
    /// Whether it may change anything. Roles other than the admin's read, until each has rights
    /// of its own.
    pub fn may_change(self) -> bool {
        self == Self::Admin
    }

    /// Whether it may call an operation that is not about the very person who calls. Pages ask, to show
    /// what leads somewhere; decisions ask the same.
    pub fn may_call(self, spec: &Spec) -> bool {
        !spec.is_operators() && (!spec.writes() || self.may_change())
    }
}

words! {
    /// Whether a user may sign in.
    UserState {
        /// Has not set a password yet.
        Invited = "invited",
        /// May sign in.
        Active = "active",
        /// May not sign in any more.
        Disabled = "disabled",
    }
}

/// A user, as decisions see one.
#[derive(Debug, Clone)]
pub struct UserFacts {
    /// Their id.
    pub id: UserId,
    /// The clinic that they belong to.
    pub clinic: ClinicId,
    /// What they are there.
    pub role: Role,
    /// Whether they may sign in.
    pub state: UserState,
    /// Argon2id in the PHC string format, once a password was set.
    pub password_hash: Option<Arc<str>>,
    /// The sealed secret of the second factor, once it was confirmed.
    pub totp_sealed: Option<Arc<[u8]>>,
    /// The last step of the codes that was accepted: none is accepted twice.
    pub totp_last_step: u64,
    /// Hashes of the recovery codes that are left.
    pub recovery: Vec<[u8; 32]>,
    /// When the open invitation ends.
    pub invitation_expires_at: Option<Timestamp>,
    /// Their budget.
    pub account: Account,
}

/// Tells one password and second factor from another.
pub(crate) type Proof = [u8; 32];

impl UserFacts {
    /// What a sign-in shows: another one as soon as the password or the second factor is.
    pub(crate) fn proof(&self) -> Proof {
        let password = self.password_hash.as_deref().unwrap_or_default().as_bytes();
        let factor = self.totp_sealed.as_deref().unwrap_or_default();
        Sha256::new().chain_update(password).chain_update([0]).chain_update(factor).finalize().into()
    }
}

/// A session, as decisions see one.
#[derive(Debug)]
pub struct SessionFacts {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// When it was last used, on the monotonic clock. Outlives changes of grants.
    pub last_used: Arc<LastUsed>,
}

impl SessionFacts {
    /// Whether it ended or lay idle for too long. To ask notes nothing.
    pub fn is_over(&self, now: Timestamp, now_ns: u64) -> bool {
        now >= self.expires_at || self.last_used.is_idle(now_ns)
    }
}

/// When a session was last used, on this process's monotonic clock; 0 before the first call.
#[derive(Debug, Default)]
pub struct LastUsed(AtomicU64);

impl LastUsed {
    /// Notes a call; `false` if the session lay idle for too long before it. It stays idle then: a call
    /// that came too late does not revive it, whatever else comes at the same time.
    pub fn touch(&self, now_ns: u64) -> bool {
        let next = |last| (!is_idle(last, now_ns)).then_some(now_ns.max(1));
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }

    /// The same of a call that nobody made by hand: it keeps no session from lying idle.
    pub fn look(&self, now_ns: u64) -> bool {
        // After a restart nothing is known; the time is counted from the first call.
        let first = self.0.compare_exchange(0, now_ns.max(1), Ordering::Relaxed, Ordering::Relaxed);
        !is_idle(first.unwrap_or_else(|last| last), now_ns)
    }

    /// Whether it lies idle for too long already.
    fn is_idle(&self, now_ns: u64) -> bool {
        is_idle(self.0.load(Ordering::Relaxed), now_ns)
    }
}

fn is_idle(last_ns: u64, now_ns: u64) -> bool {
    last_ns != 0 && now_ns.saturating_sub(last_ns) > SESSION_IDLE_MINUTES_MAX * NS_PER_MINUTE
}

/// When each session was last used.
#[derive(Debug, Default)]
pub(crate) struct LastUsedTable(Mutex<HashMap<SessionId, Arc<LastUsed>>>);

impl LastUsedTable {
    pub(crate) fn of(&self, id: SessionId) -> Arc<LastUsed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_default().clone()
    }

    /// Forgets those of all sessions but these.
    pub(crate) fn keep(&self, sessions: &HashSet<SessionId>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| sessions.contains(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_that_are_over_are_forgotten_and_others_keep_their_time() {
        let table = LastUsedTable::default();
        let [over, open] = [1, 2].map(|number| SessionId::from_bytes([number; 16]));
        table.of(over);
        let used = table.of(open);
        table.keep(&HashSet::from([open]));
        assert_eq!(table.0.lock().unwrap().len(), 1);
        assert!(Arc::ptr_eq(&used, &table.of(open)));
    }

    #[test]
    fn a_session_that_lay_idle_stays_over() {
        let used = LastUsed::default();
        let limit = SESSION_IDLE_MINUTES_MAX * NS_PER_MINUTE;
        assert!(used.touch(5));
        assert!(used.touch(5 + limit));
        assert!(!used.touch(6 + 2 * limit));
        assert!(!used.touch(7 + 2 * limit));
        assert!(!used.look(7 + 2 * limit));
        assert!(used.is_idle(7 + 2 * limit));
    }

    #[test]
    fn a_page_that_watches_keeps_no_session_from_lying_idle() {
        let limit = SESSION_IDLE_MINUTES_MAX * NS_PER_MINUTE;
        for begin in [LastUsed::touch, LastUsed::look] {
            let used = LastUsed::default();
            assert!(begin(&used, 5));
            assert!(used.look(5 + limit / 2) && used.look(5 + limit));
            assert!(!used.look(6 + limit) && !used.touch(7 + limit));
        }
    }
}
