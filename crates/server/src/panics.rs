//! Counts panics. There should be none: bad input gets a problem. One that happens all the same is
//! logged, ends one call with 503, and can be seen at `/health/live` on the control socket, by `clinicos doctor`, and
//! by admins on the console's first page.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

/// A hook is the whole process's, and so is what it counts.
static SEEN: LazyLock<Arc<AtomicU64>> = LazyLock::new(Arc::default);

/// Counts and logs every panic of this process from now on.
pub fn watch() {
    let seen = counter();
    std::panic::set_hook(Box::new(move |panic| {
        seen.fetch_add(1, Ordering::Relaxed);
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // The message is left out: it may hold a caller's values.
        tracing::error!(place, "the server panicked at {place}");
    }));
}

/// What counts them.
pub fn counter() -> Arc<AtomicU64> {
    SEEN.clone()
}

/// How many there were.
pub fn seen() -> u64 {
    SEEN.load(Ordering::Relaxed)
}
