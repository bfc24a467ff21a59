//! The store's handle: one face over both engines.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use clinicos_contract::Clock;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{oneshot, watch};

use crate::counted::Counted;
use crate::error::{Result, StoreError};
use crate::faults::Faults;
use crate::journal::audit::{Entry, ledger};
use crate::journal::security;
use crate::migrate::{self, Migration};
use crate::postgres::Postgres;
use crate::snapshot::{Held, Snapshot};
use crate::sql::Conn;
use crate::sqlite::Sqlite;
use crate::work::{ReadWork, Receipt, SecurityWatcher, WriteWork};

/// Whether a receipt of [`Store::journal`] means "on disk". It does, except in a build that
/// measures what the wait costs and must not be trusted with anything.
pub const WAITS_FOR_AUDIT: bool = !cfg!(feature = "measure-no-audit-wait");

/// Where the database is.
#[derive(Debug, Clone)]
pub enum Location {
    /// A database file; it is created if it is missing.
    Sqlite(PathBuf),
    /// A database that exists, by its URL.
    Postgres(String),
}

/// What it takes to open a store.
pub struct Options {
    /// Where the database is.
    pub location: Location,
    /// `live` or `sandbox`; kept in the database, and checked each time it is opened.
    pub environment: String,
    /// Tells when migrations were applied, and how many refusals a second has seen.
    pub clock: Arc<dyn Clock>,
    /// Faults on demand, for tests.
    pub faults: Option<Arc<Faults>>,
}

/// What only tests set.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Tuning {
    /// Entries that one segment of postings covers.
    pub segment_entries: usize,
    /// The schema.
    pub migrations: &'static [Migration],
}

impl Default for Tuning {
    fn default() -> Self {
        Self { segment_entries: ledger::SEGMENT_ENTRIES, migrations: migrate::ALL }
    }
}

/// Which database holds the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file, read and written by this process alone.
    Sqlite,
    /// A server that several nodes share.
    Postgres,
}

/// The store. Clones are handles to the same one.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    shared: Arc<Shared>,
}

enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// What the engines need of the options.
pub(crate) struct Setup {
    pub(crate) environment: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) faults: Option<Arc<Faults>>,
    pub(crate) segment_entries: usize,
    pub(crate) migrations: &'static [Migration],
}

/// What the handle shares with the engine's threads and tasks.
#[derive(Default)]
pub(crate) struct Shared {
    /// Why nothing may be trusted any more.
    poison: OnceLock<String>,
    closed: AtomicBool,
    watcher: OnceLock<Arc<dyn SecurityWatcher>>,
    /// The last committed event that has its position.
    events: watch::Sender<i64>,
    /// Where reads are counted, in tests.
    counts: Option<Arc<Faults>>,
}

impl Shared {
    /// Stops the store for good: after a failed commit or a change that could not be put in
    /// force, what the disk and the memory hold may differ.
    pub(crate) fn poison(&self, why: &StoreError) -> StoreError {
        tracing::error!(error = %why, "the store stops serving");
        let reason = self.poison.get_or_init(|| why.to_string());
        StoreError::Unavailable(reason.clone())
    }

    /// Whether the store has stopped for good.
    pub(crate) fn is_poisoned(&self) -> bool {
        self.poison.get().is_some()
    }

    /// An error if the store has stopped for good.
    pub(crate) fn check_poison(&self) -> Result<()> {
        match self.poison.get() {
            Some(reason) => Err(StoreError::Unavailable(reason.clone())),
            None => Ok(()),
        }
    }

    /// An error if the store was closed or stopped for good.
    pub(crate) fn check(&self) -> Result<()> {
        self.check_poison()?;
        if self.closed.load(Ordering::Acquire) {
            return Err(StoreError::Unavailable("the store was closed".to_owned()));
        }
        Ok(())
    }

    /// Tells those who wait that events were committed, and the last one's position.
    pub(crate) fn tell_events(&self, position: i64) {
        self.events.send_if_modified(|told| std::mem::replace(told, position.max(*told)) < position);
    }

    /// Whether anybody waits for events.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.events.receiver_count() > 0
    }

    /// Puts a committed change in force, if anybody watches.
    pub(crate) fn apply<'c>(&'c self, conn: &'c mut dyn Conn, seq: i64) -> BoxFuture<'c, Result<()>> {
        match self.watcher.get() {
            Some(watcher) => watcher.apply(conn, seq),
            None => std::future::ready(Ok(())).boxed(),
        }
    }
}

impl Store {
    /// Opens a database: brings its schema up to date, checks that it belongs to the
    /// environment and starts what works in the background. PostgreSQL needs a tokio runtime.
    pub async fn open(options: Options) -> Result<Self> {
        Self::open_tuned(options, Tuning::default()).await
    }

    /// Opens a database with what only tests set.
    #[doc(hidden)]
    pub async fn open_tuned(options: Options, tuning: Tuning) -> Result<Self> {
        let shared = Arc::new(Shared { counts: options.faults.clone(), ..Shared::default() });
        let setup = Setup {
            environment: options.environment,
            clock: options.clock,
            faults: options.faults,
            segment_entries: tuning.segment_entries,
            migrations: tuning.migrations,
        };
        let backend = match options.location {
            Location::Sqlite(file) => Backend::Sqlite(Sqlite::open(&file, &setup, Arc::clone(&shared))?),
            Location::Postgres(url) => Backend::Postgres(Postgres::open(&url, setup, Arc::clone(&shared)).boxed().await?),
        };
        Ok(Self { inner: Arc::new(Inner { backend, shared }) })
    }

    /// Runs a read in one snapshot of the database.
    pub async fn read(&self, work: &mut dyn ReadWork) -> Result<()> {
        self.inner.shared.check()?;
        match &self.inner.shared.counts {
            Some(faults) => self.read_in(&mut Counted::new(work, faults)).await,
            None => self.read_in(work).await,
        }
    }

    async fn read_in(&self, work: &mut dyn ReadWork) -> Result<()> {
        match &self.inner.backend {
            Backend::Sqlite(sqlite) => sqlite.read(work),
            Backend::Postgres(postgres) => postgres.read(work).boxed().await,
        }
    }

    /// Takes hold of this point in time, for several reads.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        self.inner.shared.check()?;
        let held = match &self.inner.backend {
            Backend::Sqlite(sqlite) => Held::Sqlite(sqlite.snapshot()?),
            Backend::Postgres(postgres) => Held::Postgres(postgres.snapshot().boxed().await?),
        };
        Ok(Snapshot::new(Arc::clone(&self.inner.shared), held))
    }

    /// Hands over a write. It is settled from another thread or task.
    pub fn submit(&self, work: Box<dyn WriteWork>) {
        if let Err(error) = self.inner.shared.check() {
            return work.settle(Err(error));
        }
        match &self.inner.backend {
            Backend::Sqlite(sqlite) => sqlite.submit(work),
            Backend::Postgres(postgres) => postgres.submit(work),
        }
    }

    /// Hands over an audit entry that stands alone. It is on disk when the future gives a
    /// receipt; dropping the future does not take it back.
    pub fn journal(&self, entry: Entry) -> impl Future<Output = Result<Receipt>> + Send + 'static + use<> {
        let handed = self.inner.shared.check().map(|()| match &self.inner.backend {
            Backend::Sqlite(sqlite) => sqlite.journal(entry),
            Backend::Postgres(postgres) => postgres.journal(entry),
        });
        async move {
            let waiting = handed?;
            if WAITS_FOR_AUDIT { received(waiting.await) } else { Ok(Receipt { _on_disk: () }) }
        }
    }

    /// Names who is told of committed security changes. At most once, right after opening.
    pub fn watch_security(&self, watcher: Arc<dyn SecurityWatcher>) {
        if self.inner.shared.watcher.set(watcher).is_err() {
            tracing::error!("security changes are watched already; the second watcher is left out");
        }
    }

    /// Hears of committed events once they have their positions. What is committed after this call is
    /// heard of; nothing is held while waiting.
    pub fn events(&self) -> watch::Receiver<i64> {
        self.inner.shared.events.subscribe()
    }

    /// How many wait for events.
    #[doc(hidden)]
    pub fn events_waited_for(&self) -> usize {
        self.inner.shared.events.receiver_count()
    }

    /// The number of the last committed security change; 0 if there was none.
    pub async fn applied_security_seq(&self) -> Result<i64> {
        let mut latest = Latest(Ok(0));
        self.read(&mut latest).await?;
        latest.0
    }

    /// Which database holds the rows.
    pub fn engine(&self) -> Engine {
        match self.inner.backend {
            Backend::Sqlite(_) => Engine::Sqlite,
            Backend::Postgres(_) => Engine::Postgres,
        }
    }

    /// Settles everything that was handed over, then closes the database. Every later call is
    /// refused. Closing twice is no error.
    pub async fn close(&self) -> Result<()> {
        if self.inner.shared.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        match &self.inner.backend {
            Backend::Sqlite(sqlite) => sqlite.close().await,
            Backend::Postgres(postgres) => postgres.close().await,
        }
    }

    /// Whether the store has stopped for good.
    pub fn is_poisoned(&self) -> bool {
        self.inner.shared.is_poisoned()
    }

    /// Waits until what was committed before has its position. Where one writer commits
    /// everything it has it already.
    #[doc(hidden)]
    pub async fn sealed(&self) -> Result<()> {
        match &self.inner.backend {
            Backend::Sqlite(_) => Ok(()),
            Backend::Postgres(postgres) => postgres.sealed().await,
        }
    }
}

/// A reply that never came means that whoever owed it is gone.
pub(crate) fn received<T>(reply: Result<Result<T>, oneshot::error::RecvError>) -> Result<T> {
    reply.unwrap_or_else(|_| Err(StoreError::Unavailable("the store stopped before it answered".to_owned())))
}

struct Latest(Result<i64>);

impl ReadWork for Latest {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        async move { self.0 = security::latest(conn).await }.boxed()
    }
}
