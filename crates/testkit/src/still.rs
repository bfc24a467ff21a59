//! Time that moves only when told, and randomness that repeats.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use clinicos_contract::{Clock, Entropy, Timestamp};
use sha2::{Digest, Sha256};

/// 2026-11-22T07:00:00Z, in microseconds.
const START_US: i64 = 1_795_330_800_000_000;

/// A clock that stands still until it is moved. Both of its readings move together.
#[derive(Debug)]
pub struct StillClock(AtomicI64);

impl StillClock {
    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(START_US))
    }

    /// Moves it on.
    pub fn advance_s(&self, seconds: i64) {
        self.advance_us(seconds * 1_000_000);
    }

    /// Moves it on by microseconds.
    pub fn advance_us(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }

    fn monotonic_ns(&self) -> u64 {
        u64::try_from(self.0.load(Ordering::SeqCst) - START_US).unwrap_or(0) * 1_000
    }
}

/// Bytes that look random and are the same in each run.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededEntropy {
    /// The same seed gives the same bytes.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let count = self.drawn.fetch_add(1, Ordering::SeqCst);
            let block = Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(count.to_be_bytes()).finalize();
            for (slot, byte) in chunk.iter_mut().zip(block) {
                *slot = byte;
            }
        }
    }
}
