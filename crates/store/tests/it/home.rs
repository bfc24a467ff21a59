//! A database of its own for each test, and short ways to use it.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use clinicos_contract::{Clock, Timestamp};
use clinicos_store::journal::audit::{Bytes16, Entry, Found, Search, Tail, search};
use clinicos_store::migrate::{self, Migration};
use clinicos_store::store::Tuning;
use clinicos_store::{
    Conn, Effect, Engine, Faults, Journal, Location, Options, ReadWork, Receipt, Result, Store, Value, WriteWork,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

/// Runs each named test on both engines.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() { $crate::home::run(clinicos_store::Engine::Sqlite, super::$name); })+
        }
        mod postgres {
            $(#[test] fn $name() { $crate::home::run(clinicos_store::Engine::Postgres, super::$name); })+
        }
    };
}

/// A table to write to.
const CUPS: &str = "CREATE TABLE cups (id TEXT COLLATE \"C\" NOT NULL PRIMARY KEY, size BIGINT NOT NULL) CLUSTERED;";

/// Time that moves only when told to.
pub struct StillClock(AtomicI64);

impl StillClock {
    pub fn set(&self, micros: i64) {
        self.0.store(micros, Ordering::SeqCst);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
    fn monotonic_ns(&self) -> u64 {
        0
    }
}

/// One database.
pub struct Home {
    pub engine: Engine,
    pub clock: Arc<StillClock>,
    pub faults: Arc<Faults>,
    pub location: Location,
    name: String,
    _folder: tempfile::TempDir,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Gives a test a database, and drops it whatever happens.
pub fn run(engine: Engine, test: impl AsyncFnOnce(&Home)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let home = Home::new(engine).await;
        let outcome = AssertUnwindSafe(test(&home)).catch_unwind().await;
        if engine == Engine::Postgres {
            admin(&server(), &format!("DROP DATABASE {} WITH (FORCE)", home.name)).await;
        }
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
    });
}

#[expect(clippy::disallowed_methods, reason = "tests say where the server is by the environment")]
fn server() -> String {
    std::env::var("CLINICOS_TEST_POSTGRES").unwrap_or_else(|_| "postgres://root@127.0.0.1:5432/postgres".to_owned())
}

/// Runs a statement on a connection of its own.
pub async fn admin(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}

impl Home {
    async fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("clinicos_store_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        let location = match engine {
            Engine::Sqlite => Location::Sqlite(folder.path().join("store.db")),
            Engine::Postgres => {
                admin(&server(), &format!("CREATE DATABASE {name}")).await;
                let (base, _) = server().rsplit_once('/').map(|(base, name)| (base.to_owned(), name.to_owned())).unwrap();
                Location::Postgres(format!("{base}/{name}"))
            }
        };
        let clock = Arc::new(StillClock(AtomicI64::new(1_000_000_000)));
        Self { engine, clock, faults: Arc::new(Faults::new()), location, name, _folder: folder }
    }

    pub fn options(&self) -> Options {
        Options {
            location: self.location.clone(),
            environment: "sandbox".to_owned(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            faults: Some(Arc::clone(&self.faults)),
        }
    }

    pub async fn open(&self) -> Store {
        self.open_with(Tuning::default().segment_entries).await
    }

    pub async fn open_with(&self, segment_entries: usize) -> Store {
        Store::open_tuned(self.options(), Tuning { segment_entries, migrations: schema() }).await.unwrap()
    }

    /// Keeps every node from numbering entries until what is given is dropped.
    pub async fn hold_sealer(&self) -> tokio_postgres::Client {
        self.open().await.close().await.unwrap();
        let (client, connection) = tokio_postgres::connect(self.url(), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("SELECT pg_advisory_lock(hashtextextended('clinicos.sealer', 0))").await.unwrap();
        client
    }

    pub fn tuning(&self) -> Tuning {
        Tuning { migrations: schema(), ..Tuning::default() }
    }

    pub fn url(&self) -> &str {
        match &self.location {
            Location::Postgres(url) => url,
            Location::Sqlite(_) => panic!("a file has no URL"),
        }
    }

    pub fn file(&self) -> &PathBuf {
        match &self.location {
            Location::Sqlite(file) => file,
            Location::Postgres(_) => panic!("a server's database is no file"),
        }
    }
}

/// The shipped schema and a table for tests.
pub fn schema() -> &'static [Migration] {
    let mut all = migrate::ALL.to_vec();
    all.push(Migration { version: all.len() as i64 + 1, name: "9999_cups", common: CUPS, sqlite: "", postgres: "" });
    all.leak()
}

type Attempt = dyn for<'c> FnMut(&'c mut dyn Conn, i64) -> BoxFuture<'c, Effect> + Send;

struct Write {
    is_security: bool,
    attempt: Box<Attempt>,
    settled: Box<dyn FnOnce(Result<Receipt>) + Send>,
}

impl WriteWork for Write {
    fn is_security(&self) -> bool {
        self.is_security
    }
    fn attempt<'c>(&'c mut self, conn: &'c mut dyn Conn, applied_seq: i64) -> BoxFuture<'c, Effect> {
        (self.attempt)(conn, applied_seq)
    }
    fn settle(self: Box<Self>, outcome: Result<Receipt>) {
        (self.settled)(outcome);
    }
}

/// Hands over a write now; the future tells what became of it.
pub fn write_as(
    store: &Store,
    is_security: bool,
    attempt: impl for<'c> FnMut(&'c mut dyn Conn, i64) -> BoxFuture<'c, Effect> + Send + 'static,
) -> BoxFuture<'static, Result<Receipt>> {
    let (reply, outcome) = oneshot::channel();
    let settled = Box::new(|outcome| drop(reply.send(outcome)));
    store.submit(Box::new(Write { is_security, attempt: Box::new(attempt), settled }));
    async { outcome.await.unwrap() }.boxed()
}

pub fn write(
    store: &Store,
    attempt: impl for<'c> FnMut(&'c mut dyn Conn, i64) -> BoxFuture<'c, Effect> + Send + 'static,
) -> BoxFuture<'static, Result<Receipt>> {
    write_as(store, false, attempt)
}

/// A write that tells of its settling from where it happens.
pub fn submit_watched(
    store: &Store,
    journal: impl Fn() -> Journal + Send + 'static,
    settled: impl FnOnce(bool) + Send + 'static,
) {
    store.submit(Box::new(Write {
        is_security: true,
        attempt: Box::new(move |_, _| {
            let journal = journal();
            async move { Effect::Keep(Box::new(journal)) }.boxed()
        }),
        settled: Box::new(|outcome| settled(outcome.is_ok())),
    }));
}

struct Read<F, T>(F, Option<T>);

impl<F, T> ReadWork for Read<F, T>
where
    F: for<'c> FnMut(&'c mut dyn Conn) -> BoxFuture<'c, T> + Send,
    T: Send,
{
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        async { self.1 = Some((self.0)(conn).await) }.boxed()
    }
}

pub async fn read<T: Send>(store: &Store, work: impl for<'c> FnMut(&'c mut dyn Conn) -> BoxFuture<'c, T> + Send) -> Result<T> {
    let mut work = Read(work, None);
    store.read(&mut work).await?;
    Ok(work.1.unwrap())
}

/// A single number.
pub async fn number(store: &Store, sql: &'static str) -> i64 {
    read(store, move |conn| async move { conn.one(sql, &[], |row| row.int(0)).await.unwrap().unwrap() }.boxed()).await.unwrap()
}

pub async fn find(store: &Store, wanted: &Search) -> Vec<Found> {
    find_by(store, &Arc::default(), wanted).await
}

/// The same, with a tail that is kept from one search to the next.
pub async fn find_by(store: &Store, tail: &Arc<Tail>, wanted: &Search) -> Vec<Found> {
    let (wanted, tail) = (wanted.clone(), tail.clone());
    read(store, move |conn| {
        let (wanted, tail) = (wanted.clone(), tail.clone());
        async move { search(conn, &tail, &wanted).await.unwrap() }.boxed()
    })
    .await
    .unwrap()
}

/// Every numbered entry, oldest first.
pub async fn all_entries(store: &Store) -> Vec<Found> {
    store.sealed().await.unwrap();
    let mut all = find(store, &Search { limit: 100_000, ..Search::default() }).await;
    all.reverse();
    all
}

pub async fn put_cup(conn: &mut dyn Conn, id: &str, size: i64) -> Result<()> {
    conn.execute("INSERT INTO cups (id, size) VALUES ($1, $2)", &[Value::Text(id), Value::Int(size)]).await.map(drop)
}

/// A request id of this millisecond.
pub fn request_id(millis: i64, number: u32) -> Bytes16 {
    let mut id = [0; 16];
    id[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    id[6] = 0x70;
    id[12..].copy_from_slice(&number.to_be_bytes());
    id
}

pub fn entry(number: u32) -> Entry {
    let at = 1_000_000_000 + i64::from(number) * 1_000;
    Entry {
        request_id: request_id(at / 1_000, number),
        at,
        environment: "sandbox".to_owned(),
        operation: "cups.get".to_owned(),
        status: 200,
        ..Entry::default()
    }
}

pub fn journal(entry: Entry) -> Journal {
    Journal { entry, beside: Vec::new(), events: Vec::new(), idempotency: None, security: Vec::new() }
}
