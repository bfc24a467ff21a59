//! SQLite: readers on the threads that ask, one thread that writes.

mod checkpoint;
mod conn;
mod readers;
mod text;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;

use futures_util::FutureExt;
use tokio::sync::oneshot;

use self::checkpoint::Checkpointer;
use self::conn::SqliteConn;
pub(crate) use self::readers::HeldSqlite;
use self::readers::Source;
use self::writer::{Job, Writer};
use crate::error::{Result, StoreError};
use crate::journal::audit::Entry;
use crate::journal::audit::ledger::Ledger;
use crate::journal::{outbox, security};
use crate::meta;
use crate::migrate::{self, Applied};
use crate::sql::{Conn, Value};
use crate::store::{Engine, Setup, Shared};
use crate::work::{ReadWork, Receipt, WriteWork};

/// The engine's handle.
pub(crate) struct Sqlite {
    source: Arc<Source>,
    jobs: mpsc::Sender<Job>,
    thread: Option<JoinHandle<()>>,
}

impl Sqlite {
    /// Opens the file, brings its schema up to date and starts the writer.
    pub(crate) fn open(file: &Path, setup: &Setup, shared: Arc<Shared>) -> Result<Self> {
        let mut conn = SqliteConn::writer(file)?;
        migrate(&mut conn, setup)?;
        conn.batch("BEGIN IMMEDIATE")?;
        let found = at_once(recover(&mut conn, setup))?;
        conn.batch("COMMIT")?;
        let (jobs, queue) = mpsc::channel();
        let checkpointer = Checkpointer::start(file, Arc::clone(&shared))?;
        let writer = Writer::new(conn, checkpointer, found, setup, shared);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(|cause| StoreError::Unavailable(format!("the writer's thread cannot start: {cause}")))?;
        Ok(Self { source: Source::new(file.to_owned()), jobs, thread: Some(thread) })
    }

    pub(crate) fn read(&self, work: &mut dyn ReadWork) -> Result<()> {
        readers::read(&self.source, work)
    }

    /// A reader of its own, in a transaction that stays open.
    pub(crate) fn snapshot(&self) -> Result<HeldSqlite> {
        HeldSqlite::open(&self.source)
    }

    pub(crate) fn submit(&self, work: Box<dyn WriteWork>) {
        if let Err(mpsc::SendError(Job::Write(work))) = self.jobs.send(Job::Write(work)) {
            work.settle(Err(stopped()));
        }
    }

    pub(crate) fn journal(&self, entry: Entry) -> oneshot::Receiver<Result<Receipt>> {
        let (reply, receipt) = oneshot::channel();
        // If the writer is gone the reply is dropped here, and its receiver learns of it.
        let _ = self.jobs.send(Job::Entry(Box::new(entry), reply));
        receipt
    }

    /// Waits until everything handed over before is settled, then closes the writer.
    pub(crate) async fn close(&self) -> Result<()> {
        let (reply, done) = oneshot::channel();
        self.jobs.send(Job::Close(reply)).map_err(|_| stopped())?;
        done.await.map_err(|_| stopped())?
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // Ends the writer after what it was handed before; whoever opens the file next finds
        // nobody else writing. A settled work that held the last handle drops it on that very
        // thread, which cannot wait for itself.
        let (reply, _) = oneshot::channel();
        let _ = self.jobs.send(Job::Close(reply));
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the store was closed".to_owned())
}

/// What the writer goes on from.
pub(super) struct Recovered {
    pub(super) ledger: Ledger,
    pub(super) security_seq: i64,
    pub(super) event_position: i64,
}

async fn recover(conn: &mut dyn Conn, setup: &Setup) -> Result<Recovered> {
    let epoch = meta::check(conn, Engine::Sqlite, &setup.environment).await?;
    Ok(Recovered {
        ledger: Ledger::load(conn, epoch, setup.segment_entries).await?,
        security_seq: security::latest(conn).await?,
        event_position: outbox::latest(conn).await?,
    })
}

/// The value of a future that works on this engine: it never waits.
fn at_once<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    future
        .now_or_never()
        .unwrap_or_else(|| Err(StoreError::Statement("work waited for something else than the store".to_owned())))
}

fn migrate(conn: &mut SqliteConn, setup: &Setup) -> Result<()> {
    conn.batch(migrate::TABLE)?;
    // A migration may rebuild a table that others refer to.
    conn.batch("PRAGMA foreign_keys = OFF")?;
    let applied = at_once((conn as &mut dyn Conn).all(migrate::APPLIED, &[], |row| {
        Ok(Applied { version: row.int(0)?, name: row.text(1)?.to_owned(), checksum: row.text(2)?.to_owned() })
    }));
    for step in migrate::outstanding(setup.migrations, &applied?, Engine::Sqlite)? {
        conn.batch("BEGIN IMMEDIATE")?;
        let done = conn.batch(&step.render(Engine::Sqlite)).and_then(|()| {
            let params = [
                Value::Int(step.version),
                Value::Text(step.name),
                Value::Owned(step.checksum(Engine::Sqlite)),
                Value::Int(setup.clock.now().as_micros()),
            ];
            at_once(conn.execute(migrate::RECORD, &params))
        });
        if let Err(cause) = done {
            let _ = conn.batch("ROLLBACK");
            return Err(StoreError::Unavailable(format!("migration {} `{}` failed: {cause}", step.version, step.name)));
        }
        conn.batch("COMMIT")?;
    }
    conn.batch("PRAGMA foreign_keys = ON")
}
