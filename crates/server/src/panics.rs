//! Counts panics. There should be none: bad input gets a problem. One that happens all the same is
//! logged, ends one call with 503, and can be seen at `/health/live` on the control socket.

use std::sync::atomic::{AtomicU64, Ordering};

static SEEN: AtomicU64 = AtomicU64::new(0);

/// Counts and logs every panic of this process from now on.
pub fn watch() {
    std::panic::set_hook(Box::new(|panic| {
        SEEN.fetch_add(1, Ordering::Relaxed);
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // The message is left out: it may hold a caller's values.
        tracing::error!(place, "the server panicked at {place}");
    }));
}

/// How many there were.
pub fn seen() -> u64 {
    SEEN.load(Ordering::Relaxed)
}
