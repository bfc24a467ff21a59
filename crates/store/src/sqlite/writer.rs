//! The writer: one thread, one connection, one commit for all who wait.
//!
//! A batch begins with the first job and takes what else is waiting. Each write runs in a
//! savepoint of its own; a heavy one begins a batch, so that nobody waits for two of them. All
//! audit entries of the batch are packed into one row. Nobody is
//! settled before the commit, and, if the batch changed who may do what, not before that is
//! in force.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use clinicos_contract::Clock;
use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::checkpoint::{self, Checkpointer};
use super::conn::SqliteConn;
use super::{Recovered, at_once};
use crate::error::{Result, StoreError};
use crate::faults::Faults;
use crate::journal::audit::Entry;
use crate::journal::audit::fold::Folder;
use crate::journal::{Places, write_beside};
use crate::store::{Setup, Shared};
use crate::work::{Effect, Receipt, WriteWork};

/// Most jobs in one commit.
const BATCH_JOBS_MAX: usize = 512;
/// Most turns that others get before a commit.
const TURNS_MAX: u8 = 2;

/// What the writer is asked.
pub(super) enum Job {
    Write(Box<dyn WriteWork>),
    Entry(Box<Entry>, oneshot::Sender<Result<Receipt>>),
    /// Settle what came before, close the database and stop.
    Close(oneshot::Sender<Result<()>>),
}

/// Someone who waits for the commit.
enum Waiting {
    Write(Box<dyn WriteWork>, Result<()>),
    Entry(oneshot::Sender<Result<Receipt>>),
}

impl Waiting {
    fn settle(self, batch: &Result<()>) {
        let receipt = |own: Result<()>| batch.clone().and(own).map(|()| Receipt { _on_disk: () });
        match self {
            Self::Entry(reply) => drop(reply.send(receipt(Ok(())))),
            Self::Write(work, own) => {
                let outcome = receipt(own);
                if catch_unwind(AssertUnwindSafe(|| work.settle(outcome))).is_err() {
                    tracing::error!("a write panicked while it was settled");
                }
            }
        }
    }
}

/// What will be committed together.
#[derive(Default)]
struct Batch {
    /// Whether a write left rows: then the next one needs a savepoint.
    has_rows: bool,
    entries: Vec<Entry>,
    waiting: Vec<Waiting>,
    /// The number of the last security change in it: such a batch takes no more jobs.
    security_seq: Option<i64>,
}

/// Whether others are likely to be on their way. A commit costs about the same for one as for
/// fifty, so where the last batch had company, and this thread's core has others to run, they get
/// a turn to hand in theirs. On an idle core that takes no time; a caller alone never waits.
#[derive(Default)]
struct Company {
    expected: bool,
    turns: u8,
}

impl Company {
    fn wait_for_more(&mut self, queue: &Receiver<Job>) -> Option<Job> {
        if !self.expected || self.turns >= TURNS_MAX {
            return None;
        }
        self.turns += 1;
        std::thread::yield_now();
        queue.try_recv().ok()
    }

    fn remember(&mut self, jobs: usize) {
        *self = Self { expected: jobs > 1, turns: 0 };
    }
}

pub(super) struct Writer {
    company: Company,
    conn: SqliteConn,
    checkpointer: Checkpointer,
    recovered: Recovered,
    /// A heavy write that waits for the commit of what came before it.
    held: Option<Job>,
    folder: Folder,
    clock: Arc<dyn Clock>,
    faults: Option<Arc<Faults>>,
    shared: Arc<Shared>,
}

impl Writer {
    pub(super) fn new(
        conn: SqliteConn,
        checkpointer: Checkpointer,
        recovered: Recovered,
        setup: &Setup,
        shared: Arc<Shared>,
    ) -> Self {
        let (clock, faults) = (Arc::clone(&setup.clock), setup.faults.clone());
        Self {
            company: Company::default(),
            conn,
            checkpointer,
            recovered,
            held: None,
            folder: Folder::default(),
            clock,
            faults,
            shared,
        }
    }

    /// Works until it is told to close or nobody is left to ask.
    pub(super) fn run(mut self, queue: &Receiver<Job>) {
        let mut reply = None;
        while reply.is_none() {
            let Some(job) = self.held.take().or_else(|| queue.recv().ok()) else { break };
            reply = self.batch(job, queue);
        }
        let closed = self.close();
        if let Some(reply) = reply {
            let _ = reply.send(closed);
        }
    }

    fn close(self) -> Result<()> {
        self.checkpointer.stop();
        if self.shared.is_poisoned() {
            return Ok(());
        }
        // The log is moved into the database as far as readers allow; none is waited for.
        self.conn.batch("PRAGMA wal_checkpoint(PASSIVE)")?;
        self.conn.close()
    }

    /// Runs one batch. Returns who asked to close, if somebody did.
    fn batch(&mut self, first: Job, queue: &Receiver<Job>) -> Option<oneshot::Sender<Result<()>>> {
        let mut batch = Batch::default();
        let mut closing = None;
        let begun = self.shared.check_poison().and_then(|()| self.conn.command("BEGIN IMMEDIATE"));
        let mut done = begun.clone();
        let mut next = Some(first);
        while let Some(job) = next.take() {
            match job {
                Job::Close(reply) => {
                    closing = Some(reply);
                    break;
                }
                Job::Entry(entry, reply) => {
                    batch.entries.push(*entry);
                    batch.waiting.push(Waiting::Entry(reply));
                }
                Job::Write(work) if work.is_heavy() && !batch.waiting.is_empty() => {
                    self.held = Some(Job::Write(work));
                    break;
                }
                Job::Write(work) if done.is_ok() => done = self.write(work, &mut batch),
                Job::Write(work) => batch.waiting.push(Waiting::Write(work, Ok(()))),
            }
            if done.is_ok() && batch.security_seq.is_none() && batch.waiting.len() < BATCH_JOBS_MAX {
                next = queue.try_recv().ok().or_else(|| self.company.wait_for_more(queue));
            }
        }
        self.company.remember(batch.waiting.len());
        if begun.is_ok() {
            done = done.and_then(|()| self.commit(&mut batch));
            done = done.map_err(|why| self.fail(&why));
        }
        for waiting in batch.waiting {
            waiting.settle(&done);
        }
        if done.is_ok()
            && let Err(error) = checkpoint::finish(&self.conn)
        {
            tracing::warn!(%error, "the log cannot start over yet");
        }
        closing
    }

    /// Undoes a batch that could not be committed. Nothing is known about the disk any more.
    fn fail(&mut self, why: &StoreError) -> StoreError {
        if self.conn.in_transaction() {
            let _ = self.conn.batch("ROLLBACK");
        }
        self.conn.leave_log();
        self.shared.poison(why)
    }

    /// Attempts one write so that it can be undone alone: inside a savepoint, which copies each
    /// page that it touches, or, if nothing was written before it, inside the transaction itself.
    /// An error is one of the whole batch.
    fn write(&mut self, mut work: Box<dyn WriteWork>, batch: &mut Batch) -> Result<()> {
        let is_first = !batch.has_rows;
        let begun = if is_first { Ok(()) } else { self.conn.command("SAVEPOINT attempt") };
        let effect = begun.clone().map(|()| self.attempt(&mut work, batch));
        let ended = effect.and_then(|effect| {
            // Some failures make SQLite roll back the whole transaction on its own.
            if !self.conn.in_transaction() {
                return Err(StoreError::Unavailable("the database gave up the transaction".to_owned()));
            }
            self.end_attempt(is_first, matches!(effect, Ok(true)))?;
            batch.has_rows |= matches!(effect, Ok(true));
            Ok(effect.map(drop))
        });
        match ended {
            Ok(own) => {
                batch.waiting.push(Waiting::Write(work, own));
                Ok(())
            }
            Err(why) => {
                batch.waiting.push(Waiting::Write(work, Ok(())));
                Err(why)
            }
        }
    }

    fn end_attempt(&self, is_first: bool, kept: bool) -> Result<()> {
        match (is_first, kept) {
            (true, true) => Ok(()),
            (true, false) => {
                self.conn.command("ROLLBACK")?;
                self.conn.command("BEGIN IMMEDIATE")
            }
            (false, kept) => {
                if !kept {
                    self.conn.command("ROLLBACK TO attempt")?;
                }
                self.conn.command("RELEASE attempt")
            }
        }
    }

    /// Whether the attempt's rows are to be kept.
    fn attempt(&mut self, work: &mut Box<dyn WriteWork>, batch: &mut Batch) -> Result<bool> {
        self.conn.faults.clone_from(&self.faults);
        let seq = self.recovered.security_seq;
        let effect = catch_unwind(AssertUnwindSafe(|| work.attempt(&mut self.conn, seq).now_or_never()));
        let kept = match effect {
            Ok(Some(Effect::Keep(journal))) => {
                let places = Places { event_position: Some(self.recovered.event_position), security_seq: seq };
                at_once(write_beside(&mut self.conn, &journal, work.is_security(), places)).map(|after| {
                    batch.entries.push(journal.entry);
                    batch.entries.extend(journal.beside);
                    self.recovered.event_position = after.event_position.unwrap_or_default();
                    self.recovered.security_seq = after.security_seq;
                    batch.security_seq = (after.security_seq > seq).then_some(after.security_seq);
                    true
                })
            }
            Ok(Some(Effect::Discard(entry))) => {
                batch.entries.push(*entry);
                Ok(false)
            }
            Ok(Some(Effect::Failed(error))) => Err(error),
            Ok(None) => Err(StoreError::Statement("a write waited for something else than the store".to_owned())),
            Err(_) => Err(StoreError::Statement("a write panicked".to_owned())),
        };
        self.conn.faults = None;
        kept
    }

    fn commit(&mut self, batch: &mut Batch) -> Result<()> {
        self.folder.fold(&mut batch.entries, self.clock.now().as_micros());
        if let Some(sealed) = self.recovered.ledger.seal(&mut batch.entries)? {
            at_once(self.recovered.ledger.append(&mut self.conn, &sealed))?;
        }
        if let Some(faults) = &self.faults {
            faults.on_commit()?;
        }
        self.conn.command("COMMIT")?;
        self.shared.tell_events(self.recovered.event_position);
        self.checkpointer.wake();
        let Some(seq) = batch.security_seq else { return Ok(()) };
        self.conn.command("BEGIN DEFERRED")?;
        let applied = catch_unwind(AssertUnwindSafe(|| at_once(self.shared.apply(&mut self.conn, seq))));
        applied.unwrap_or_else(|_| Err(StoreError::Statement("a watcher panicked".to_owned())))?;
        self.conn.command("COMMIT")
    }
}
