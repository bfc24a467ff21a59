//! Units of work that the gate hands down, and what comes back.

use futures_util::future::BoxFuture;

use crate::error::{Result, StoreError};
use crate::journal::audit::Entry;
use crate::journal::idempotency::Stored;
use crate::journal::outbox::Event;
use crate::journal::security::Change;
use crate::sql::Conn;

/// A read: runs once, in one snapshot of the database. What it found stays in `self`.
pub trait ReadWork: Send {
    /// Reads through `conn`. On SQLite it never waits.
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()>;
}

/// A write: may run several times (transactions are repeated on conflict) and leaves no trace
/// outside `conn` until it is settled.
pub trait WriteWork: Send + 'static {
    /// Whether it may change who may do what. Such a change closes its commit batch, and
    /// nothing that was decided before it commits after it. It can come to be so in an attempt, which is
    /// repeated then where it began as something else.
    fn is_security(&self) -> bool;

    /// Whether it takes long, as hundreds of rows do. No commit holds two such writes, so that who
    /// waits for a commit waits for one at most.
    fn is_heavy(&self) -> bool {
        false
    }

    /// Tries the work once. `applied_seq` is the number of the last committed security change
    /// that this transaction sees.
    fn attempt<'c>(&'c mut self, conn: &'c mut dyn Conn, applied_seq: i64) -> BoxFuture<'c, Effect>;

    /// Called once: with a receipt when everything is on disk, or with the reason why nothing is.
    fn settle(self: Box<Self>, outcome: Result<Receipt>);
}

/// What became of an attempt.
pub enum Effect {
    /// Keep the rows, and commit the journal with them.
    Keep(Box<Journal>),
    /// Undo the rows; commit the audit entry alone.
    Discard(Box<Entry>),
    /// The store failed under it: undo everything; repeat if it was a conflict.
    Failed(StoreError),
}

/// What a write leaves behind beside its rows, in the same commit.
#[derive(Debug)]
pub struct Journal {
    /// The audit entry.
    pub entry: Entry,
    /// The same in the logs of other clinics that it is about.
    pub beside: Vec<Entry>,
    /// Events, in the order they were emitted.
    pub events: Vec<Event>,
    /// The result, for a replay.
    pub idempotency: Option<Stored>,
    /// Changes to who may do what.
    pub security: Vec<Change>,
}

/// Proof that an audit entry is on disk. Only the store makes one.
#[derive(Debug)]
#[must_use = "an answer leaves only with its receipt"]
pub struct Receipt {
    /// Keeps the constructor inside this crate.
    pub(crate) _on_disk: (),
}

/// Told of each committed security change before the caller that made it.
pub trait SecurityWatcher: Send + Sync + 'static {
    /// Reads what changed up to number `seq` and puts it in force.
    fn apply<'c>(&'c self, conn: &'c mut dyn Conn, seq: i64) -> BoxFuture<'c, Result<()>>;
}
