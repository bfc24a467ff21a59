//! Faults on demand, for tests of what a failing disk or network leaves behind; and a count of what reads
//! do, for tests of what their work tells.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use crate::error::{Result, StoreError};

/// Makes chosen calls fail. Each fault happens once.
#[derive(Debug, Default)]
pub struct Faults {
    /// Calls until one fails; 0 or less means none will.
    calls: AtomicI64,
    commit: AtomicBool,
    /// Statements and rows of reads.
    steps: AtomicU64,
}

impl Faults {
    /// No faults yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the `n`-th call from now fail: statements of write attempts, and those that
    /// write what is committed with them.
    pub fn fail_call(&self, n: i64) {
        self.calls.store(n, Ordering::SeqCst);
    }

    /// Whether the call that [`Self::fail_call`] chose is still to come.
    pub fn is_call_due(&self) -> bool {
        self.calls.load(Ordering::SeqCst) > 0
    }

    /// Takes back what [`Self::fail_call`] chose.
    pub fn clear(&self) {
        self.calls.store(0, Ordering::SeqCst);
        self.commit.store(false, Ordering::SeqCst);
    }

    /// Makes the next commit of a write fail.
    pub fn fail_commit(&self) {
        self.commit.store(true, Ordering::SeqCst);
    }

    /// Statements that reads have run and rows that those gave, since the start.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::SeqCst)
    }

    pub(crate) fn step(&self) {
        self.steps.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn on_call(&self) -> Result<()> {
        if self.calls.load(Ordering::SeqCst) > 0 && self.calls.fetch_sub(1, Ordering::SeqCst) == 1 {
            return Err(injected());
        }
        Ok(())
    }

    pub(crate) fn on_commit(&self) -> Result<()> {
        if self.commit.swap(false, Ordering::SeqCst) { Err(injected()) } else { Ok(()) }
    }
}

fn injected() -> StoreError {
    StoreError::Unavailable("a fault was injected".to_owned())
}
