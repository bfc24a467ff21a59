//! Where time and randomness come from. Both are handed in, so that tests can hold the
//! clock still and repeat a run from a seed.

use crate::id::{self, Id, Kind};
use crate::time::Timestamp;

/// A clock. The server's reads the system; a test's stands still until moved.
///
/// There are two times: *security* time (limits, expiry, audit) never moves by request;
/// *business* time (due dates, visits) can be moved in a sandbox.
pub trait Clock: Send + Sync + 'static {
    /// Security time.
    fn now(&self) -> Timestamp;

    /// Business time; the same as security time unless a sandbox moved it.
    fn business_now(&self) -> Timestamp {
        self.now()
    }

    /// A monotonic reading in nanoseconds, for measuring how long something took.
    fn monotonic_ns(&self) -> u64;
}

/// A source of unpredictable bytes.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `out` with bytes fit for secrets.
    fn fill(&self, out: &mut [u8]);
}

/// Draws `N` random bytes.
pub fn random<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// Mints a new identifier at this time.
pub fn mint<K: Kind>(at: Timestamp, entropy: &dyn Entropy) -> Id<K> {
    Id::from_bytes(id::uuid_v7(at.as_millis(), random(entropy)))
}
