//! PostgreSQL: a pool for reads and writes, one task that batches the entries of reads, one
//! that numbers what was committed.

mod conn;
mod entries;
mod sealer;
mod writes;

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use futures_util::FutureExt;
use tokio::sync::{Mutex, RwLock, Semaphore, mpsc, oneshot};
use tokio_postgres::NoTls;

use self::conn::PgConn;
use crate::error::{Result, StoreError};
use crate::journal::audit::Entry;
use crate::journal::security;
use crate::meta;
use crate::migrate::{self, Applied};
use crate::sql::{Conn, Value};
use crate::store::{Engine, Setup, Shared, received};
use crate::work::{ReadWork, Receipt, WriteWork};

/// Writes at once. Together with the reads they may want more connections than there are: then both
/// wait for one, in order.
const WRITES_MAX: u32 = 12;
/// Reads at once. What is left of the pool, writes, the entries of reads and the sealer have for
/// themselves: reads that take long must not keep a write from its connection.
const READS_MAX: usize = 10;
const POOL_MAX: usize = 18;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const WAIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a node looks for security changes of other nodes.
const FOLLOW: Duration = Duration::from_millis(100);
/// How long a task rests after the database failed it.
const REST: Duration = Duration::from_secs(1);
/// Asks of the sealer that wait; more wake-ups than this say nothing new.
const ASKS_MAX: usize = 64;
/// How long nothing may be read in a snapshot that is held.
const HELD_IDLE_MAX_S: u32 = 900;
const BEGIN_READ: &str = "BEGIN READ ONLY ISOLATION LEVEL REPEATABLE READ";

/// What the tasks share.
struct Context {
    pool: Pool,
    setup: Setup,
    shared: Arc<Shared>,
    /// The last security change in force here. Held while one is put in force, so that none
    /// overtakes another.
    in_force: Mutex<()>,
    applied_seq: AtomicI64,
    /// Held by a write that is tried again: those that got in each other's way take turns.
    turns: Mutex<()>,
    /// Held by each write while it is tried, and alone by one that others would not let through.
    tries: RwLock<()>,
    sealer: mpsc::Sender<sealer::Ask>,
    /// The last handle is gone without closing: the tasks end on their own.
    abandoned: AtomicBool,
}

/// The engine's handle.
pub(crate) struct Postgres {
    context: Arc<Context>,
    runtime: tokio::runtime::Handle,
    writes: Arc<Semaphore>,
    reads: Arc<Semaphore>,
    entries: mpsc::UnboundedSender<entries::Job>,
}

impl Postgres {
    /// Connects, brings the schema up to date and starts the tasks.
    pub(crate) async fn open(url: &str, setup: Setup, shared: Arc<Shared>) -> Result<Self> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|cause| StoreError::Unavailable(cause.to_string()))?;
        let pool = pool(url)?;
        let epoch = prepare(&pool, &setup).await?;
        let (sealer, asks) = mpsc::channel(ASKS_MAX);
        let (entries, queue) = mpsc::unbounded_channel();
        let context = Arc::new(Context {
            pool,
            setup,
            shared,
            in_force: Mutex::new(()),
            applied_seq: AtomicI64::new(0),
            turns: Mutex::default(),
            tries: RwLock::default(),
            sealer,
            abandoned: AtomicBool::new(false),
        });
        let mut conn = context.begin_read().await?;
        context.applied_seq.store(security::latest(&mut conn).await?, Ordering::SeqCst);
        conn.end("COMMIT").await?;
        runtime.spawn(entries::run(Arc::clone(&context), queue));
        runtime.spawn(sealer::run(Arc::clone(&context), epoch, asks));
        runtime.spawn(follow(Arc::downgrade(&context)));
        let (writes, reads) = (Arc::new(Semaphore::new(WRITES_MAX as usize)), Arc::new(Semaphore::new(READS_MAX)));
        Ok(Self { context, runtime, writes, reads, entries })
    }

    pub(crate) async fn read(&self, work: &mut dyn ReadWork) -> Result<()> {
        let begun = async {
            let turn = Arc::clone(&self.reads).acquire_owned().await.ok();
            let mut conn = self.context.begin_read().await?;
            conn.turn = turn;
            Ok(conn)
        };
        let begun = tokio::time::timeout(WAIT_TIMEOUT, begun).await;
        let mut conn = begun.map_err(|_| StoreError::Unavailable("too many reads wait for a connection".to_owned()))??;
        work.run(&mut conn).await;
        // A read's statements may have failed; there is nothing to commit either way.
        conn.end("ROLLBACK").await
    }

    /// A connection of its own, in a transaction that stays open.
    pub(crate) async fn snapshot(&self) -> Result<HeldPg> {
        let mut conn = self.context.begin_read().await?;
        // The snapshot is taken by the first statement; nothing is done with it between two reads.
        conn.batch(&format!("SET LOCAL idle_in_transaction_session_timeout = '{HELD_IDLE_MAX_S}s'; SELECT 1")).await?;
        Ok(HeldPg(conn))
    }

    pub(crate) fn submit(&self, work: Box<dyn WriteWork>) {
        let (context, writes) = (Arc::clone(&self.context), Arc::clone(&self.writes));
        self.runtime.spawn(async move {
            let _turn = writes.acquire_owned().await;
            writes::run(&context, work).await;
        });
    }

    pub(crate) fn journal(&self, entry: Entry) -> oneshot::Receiver<Result<Receipt>> {
        let (reply, receipt) = oneshot::channel();
        // If the task is gone the reply is dropped here, and its receiver learns of it.
        let _ = self.entries.send(entries::Job::Entry(Box::new(entry), reply));
        receipt
    }

    pub(crate) async fn sealed(&self) -> Result<()> {
        let (reply, done) = oneshot::channel();
        let asked = self.context.sealer.send(sealer::Ask::Seal(reply)).await;
        asked.map_err(|_| StoreError::Unavailable("the sealer has stopped".to_owned()))?;
        received(done.await)
    }

    pub(crate) async fn close(&self) -> Result<()> {
        // Turns are given in order: all of them are free once every earlier write is settled.
        let _all = self.writes.acquire_many(WRITES_MAX).await;
        let (reply, flushed) = oneshot::channel();
        let _ = self.entries.send(entries::Job::Close(reply));
        received(flushed.await)?;
        let (reply, done) = oneshot::channel();
        let _ = self.context.sealer.send(sealer::Ask::Close(reply)).await;
        let sealed = received(done.await);
        self.context.pool.close();
        sealed
    }
}

/// A connection whose snapshot stays. It does not go back to the pool.
pub(crate) struct HeldPg(PgConn);

impl HeldPg {
    pub(crate) async fn read(&mut self, work: &mut dyn ReadWork) {
        work.run(&mut self.0).await;
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The tasks hold the context; they end when they are told to, not when it is dropped.
        self.context.abandoned.store(true, Ordering::SeqCst);
        let _ = self.entries.send(entries::Job::Close(oneshot::channel().0));
        self.context.wake_sealer();
    }
}

impl Context {
    async fn begin_read(&self) -> Result<PgConn> {
        let mut conn = PgConn::take(&self.pool).await?;
        conn.begin(BEGIN_READ).await?;
        Ok(conn)
    }

    /// Tells the sealer that something was committed.
    fn wake_sealer(&self) {
        let _ = self.sealer.try_send(sealer::Ask::Wake);
    }

    /// Puts committed security changes in force, up to `seq` at least.
    async fn put_in_force(&self, conn: &mut PgConn, seq: i64) -> Result<()> {
        let _turn = self.in_force.lock().await;
        conn.begin(BEGIN_READ).await?;
        let applied = std::panic::AssertUnwindSafe(self.shared.apply(conn, seq)).catch_unwind().await;
        applied.unwrap_or_else(|_| Err(StoreError::Statement("a watcher panicked".to_owned())))?;
        conn.end("COMMIT").await?;
        self.applied_seq.fetch_max(seq, Ordering::SeqCst);
        Ok(())
    }

    /// Puts in force what other nodes changed.
    async fn follow_security(&self) -> Result<()> {
        let mut conn = self.begin_read().await?;
        let seq = security::latest(&mut conn).await?;
        conn.end("COMMIT").await?;
        if seq > self.applied_seq.load(Ordering::SeqCst) {
            self.put_in_force(&mut conn, seq).await?;
        }
        Ok(())
    }
}

/// Looks for what other nodes changed, until the store is closed or gone.
async fn follow(context: Weak<Context>) {
    loop {
        tokio::time::sleep(FOLLOW).await;
        let Some(context) = context.upgrade() else { return };
        if context.shared.check().is_err() || context.abandoned.load(Ordering::SeqCst) {
            return;
        }
        if let Err(cause) = context.follow_security().await {
            tracing::warn!(error = %cause, "security changes of other nodes cannot be followed");
            tokio::time::sleep(REST).await;
        }
    }
}

/// Nobody waits for ever for a lock that a node holds which has stopped in the middle of a write.
const TIMEOUTS: &str = "-c lock_timeout=5s -c idle_in_transaction_session_timeout=10s";
/// Lists walk an index that is in their order and stop early. The planner knows that only once it
/// has gathered figures on a table, so it is told: it sorts where there is no other way. What it
/// then adds to a cost must not make it compile plans.
pub const PLANS: &str = "-c enable_sort=off -c enable_bitmapscan=off -c jit=off";

fn pool(url: &str) -> Result<Pool> {
    let mut config: tokio_postgres::Config =
        url.parse().map_err(|cause| StoreError::Unavailable(format!("the database's URL: {cause}")))?;
    // A receipt means "on disk", whatever the server's default is.
    let options = format!("{} -c synchronous_commit=on {TIMEOUTS} {PLANS}", config.get_options().unwrap_or_default());
    config.options(options.trim()).application_name("clinicos");
    let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    let builder = Pool::builder(manager).max_size(POOL_MAX).runtime(Runtime::Tokio1);
    let builder = builder.create_timeout(Some(CONNECT_TIMEOUT)).wait_timeout(Some(WAIT_TIMEOUT));
    builder.build().map_err(|cause| StoreError::Unavailable(cause.to_string()))
}

/// Migrates, and checks the environment. Nodes that start together do so one after another.
async fn prepare(pool: &Pool, setup: &Setup) -> Result<u32> {
    let mut conn = PgConn::take(pool).await?;
    conn.begin("SELECT pg_advisory_lock(hashtextextended('clinicos.migrations', 0))").await?;
    conn.batch(migrate::TABLE).await?;
    let seam: &mut dyn Conn = &mut conn;
    let applied = seam
        .all(migrate::APPLIED, &[], |row| {
            Ok(Applied { version: row.int(0)?, name: row.text(1)?.to_owned(), checksum: row.text(2)?.to_owned() })
        })
        .await?;
    for step in migrate::outstanding(setup.migrations, &applied, Engine::Postgres)? {
        let named = |cause| StoreError::Unavailable(format!("migration {} `{}` failed: {cause}", step.version, step.name));
        conn.batch("BEGIN").await?;
        conn.batch(&step.render(Engine::Postgres)).await.map_err(named)?;
        let params = [
            Value::Int(step.version),
            Value::Text(step.name),
            Value::Owned(step.checksum(Engine::Postgres)),
            Value::Int(setup.clock.now().as_micros()),
        ];
        conn.execute(migrate::RECORD, &params).await.map_err(named)?;
        conn.batch("COMMIT").await?;
    }
    conn.batch("BEGIN").await?;
    let epoch = meta::check(&mut conn, Engine::Postgres, &setup.environment).await?;
    conn.end("COMMIT; SELECT pg_advisory_unlock(hashtextextended('clinicos.migrations', 0))").await?;
    Ok(epoch)
}
