//! A clock that stands in the past and is moved forward: the demo's history is made by real calls
//! of the door, each at the time that it tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use clinicos_contract::{Clock, Timestamp};

/// A real clock, so many microseconds behind.
pub struct PastClock {
    real: Arc<dyn Clock>,
    behind_us: AtomicI64,
    /// How far behind it began: what it moved since, monotonic readings move too.
    begun_us: i64,
}

impl PastClock {
    /// A clock that far behind.
    pub fn new(real: Arc<dyn Clock>, behind_us: i64) -> Self {
        Self { real, behind_us: AtomicI64::new(behind_us), begun_us: behind_us }
    }

    /// Moves forward to a time. It never goes back, and never past the present.
    pub fn move_to(&self, at: Timestamp) {
        let behind = self.real.now().as_micros().saturating_sub(at.as_micros()).max(0);
        self.behind_us.fetch_min(behind, Ordering::SeqCst);
    }
}

impl Clock for PastClock {
    fn now(&self) -> Timestamp {
        self.real.now().plus_micros(-self.behind_us.load(Ordering::SeqCst))
    }

    // Invoices are due, or not, as of the day on which the demo is looked at.
    fn business_now(&self) -> Timestamp {
        self.real.business_now()
    }

    fn monotonic_ns(&self) -> u64 {
        let moved_us = self.begun_us.saturating_sub(self.behind_us.load(Ordering::SeqCst));
        self.real.monotonic_ns().saturating_add(u64::try_from(moved_us).unwrap_or(0).saturating_mul(1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(1_000)
        }
        fn monotonic_ns(&self) -> u64 {
            5
        }
    }

    #[test]
    fn it_moves_forward_to_the_present_and_never_back() {
        let clock = PastClock::new(Arc::new(Still), 600);
        assert_eq!((clock.now().as_micros(), clock.monotonic_ns()), (400, 5));
        clock.move_to(Timestamp::from_micros(700));
        assert_eq!((clock.now().as_micros(), clock.monotonic_ns()), (700, 300_005));
        clock.move_to(Timestamp::from_micros(500));
        assert_eq!(clock.now().as_micros(), 700);
        clock.move_to(Timestamp::from_micros(9_000));
        assert_eq!((clock.now().as_micros(), clock.business_now().as_micros()), (1_000, 1_000));
    }
}
