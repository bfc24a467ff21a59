//! How many files the process may have open: each connection is one.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Files that the store, its readers and the logs need beside connections.
const KEPT_FOR_OTHERS: u64 = 256;

/// Raises the limit as far as the system allows, and gives how many connections that leaves room
/// for. Many systems start a process with 1,024 files.
pub fn raise() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    let maximum = limit.maximum;
    limit.current = maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(files.saturating_sub(KEPT_FOR_OTHERS).max(1)).unwrap_or(usize::MAX)
}
