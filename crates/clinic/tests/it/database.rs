//! A database of its own for each test, on both engines. What a test writes is undone.

use std::panic::AssertUnwindSafe;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use clinicos_contract::{Clock, Timestamp};
use clinicos_store::{Conn, Effect, Engine, Location, Options, Receipt, Store, StoreError, WriteWork};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

/// Runs each named test on both engines.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() {
                $crate::database::run(clinicos_store::Engine::Sqlite, |conn| Box::pin(super::$name(conn)));
            })+
        }
        mod postgres {
            $(#[test] fn $name() {
                $crate::database::run(clinicos_store::Engine::Postgres, |conn| Box::pin(super::$name(conn)));
            })+
        }
    };
}

struct StillClock;

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_000_000_000)
    }
    fn monotonic_ns(&self) -> u64 {
        0
    }
}

/// What a test does with its database.
pub type Test = for<'c> fn(&'c mut dyn Conn) -> BoxFuture<'c, ()>;

type Panic = Box<dyn std::any::Any + Send>;

/// A write that runs a test, tells whether it panicked, and is undone.
struct Undone {
    test: Test,
    panic: Option<Panic>,
    done: oneshot::Sender<(Option<Panic>, StoreError)>,
}

impl WriteWork for Undone {
    fn is_security(&self) -> bool {
        false
    }
    fn attempt<'c>(&'c mut self, conn: &'c mut dyn Conn, _applied_seq: i64) -> BoxFuture<'c, Effect> {
        Box::pin(async {
            self.panic = AssertUnwindSafe((self.test)(conn)).catch_unwind().await.err();
            Effect::Failed(StoreError::Statement("the test is over".to_owned()))
        })
    }
    fn settle(self: Box<Self>, outcome: Result<Receipt, StoreError>) {
        let Err(error) = outcome else { panic!("a test's writes stayed") };
        drop(self.done.send((self.panic, error)));
    }
}

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Gives a test a database, and drops it whatever happens.
pub fn run(engine: Engine, test: Test) {
    let folder = tempfile::tempdir().unwrap();
    let name = format!("clinicos_clinic_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
    let location = match engine {
        Engine::Sqlite => Location::Sqlite(folder.path().join("store.db")),
        Engine::Postgres => {
            manage("createdb", &[&name]);
            let (base, _) = server().rsplit_once('/').map(|(base, name)| (base.to_owned(), name.to_owned())).unwrap();
            Location::Postgres(format!("{base}/{name}"))
        }
    };
    let options = Options { location, environment: "sandbox".to_owned(), clock: Arc::new(StillClock), faults: None };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let panic = runtime.block_on(async {
        let store = Store::open(options).await.unwrap();
        let (done, outcome) = oneshot::channel();
        store.submit(Box::new(Undone { test, panic: None, done }));
        let (panic, error) = outcome.await.unwrap();
        assert!(panic.is_some() || error.to_string().contains("the test is over"), "{error}");
        store.close().await.unwrap();
        panic
    });
    if engine == Engine::Postgres {
        manage("dropdb", &["--force", &name]);
    }
    if let Some(panic) = panic {
        std::panic::resume_unwind(panic);
    }
}

fn manage(program: &str, arguments: &[&str]) {
    let done = Command::new(program).arg("--maintenance-db").arg(server()).args(arguments).status().unwrap();
    assert!(done.success(), "{program} failed");
}

#[expect(clippy::disallowed_methods, reason = "tests say where the server is by the environment")]
fn server() -> String {
    std::env::var("CLINICOS_TEST_POSTGRES").unwrap_or_else(|_| "postgres://root@127.0.0.1:5432/postgres".to_owned())
}
