//! A database of its own for each world. On PostgreSQL it is copied from one that was migrated
//! before, and dropped with the world.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use clinicos_contract::Clock;
use clinicos_gate::Environment;
use clinicos_store::{Engine, Location, Options, Store, migrate};
use sha2::{Digest, Sha256};

use crate::still::StillClock;

/// Where the test server is, unless `CLINICOS_TEST_POSTGRES` says otherwise.
const SERVER: &str = "postgres://root@127.0.0.1:5432/postgres";
/// The advisory lock under which the template is made.
const TEMPLATE_LOCK: i64 = 0x0c11_4105;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database, gone when it is dropped.
pub struct Database {
    location: Location,
    _folder: Option<tempfile::TempDir>,
    name: Option<String>,
}

impl Database {
    pub(crate) async fn create(engine: Engine, environment: &str, clock: &Arc<dyn Clock>) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                Self { location: Location::Sqlite(folder.path().join("clinicos.db")), _folder: Some(folder), name: None }
            }
            Engine::Postgres => {
                let template = template(environment, clock).await;
                let name = format!("clinicos_world_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
                admin(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                admin(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
                Self { location: Location::Postgres(url_of(&name)), _folder: None, name: Some(name) }
            }
        }
    }

    /// For the program itself: an empty one of synthetic data.
    pub fn for_program(engine: Engine) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(StillClock::new());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(Self::create(engine, Environment::Sandbox.name(), &clock))
    }

    /// Where it is, unless it is a file of the program's own.
    pub fn url(&self) -> Option<&str> {
        match &self.location {
            Location::Postgres(url) => Some(url),
            Location::Sqlite(_) => None,
        }
    }

    /// Everything that it holds, as it stands on disk or as the cells of its tables.
    pub fn bytes(&self) -> Vec<u8> {
        match &self.location {
            Location::Sqlite(file) => {
                let files = std::fs::read_dir(file.parent().unwrap()).unwrap();
                files.flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
            }
            Location::Postgres(url) => {
                let url = url.clone();
                let dump = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(dump(&url))
                });
                dump.join().unwrap()
            }
        }
    }

    pub(crate) fn location(&self) -> Location {
        self.location.clone()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(name) = self.name.take() else { return };
        // A thread of its own: the runtime that the world lived in may be shutting down.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(admin(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        });
        if dropped.join().is_err() && !std::thread::panicking() {
            panic!("a test's database could not be dropped");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "tests say where the server is by the environment")]
fn server() -> String {
    std::env::var("CLINICOS_TEST_POSTGRES").unwrap_or_else(|_| SERVER.to_owned())
}

fn url_of(name: &str) -> String {
    let server = server();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

async fn connect() -> (tokio_postgres::Client, tokio::task::JoinHandle<Result<(), tokio_postgres::Error>>) {
    let (client, connection) = tokio_postgres::connect(&server(), tokio_postgres::NoTls).await.unwrap();
    (client, tokio::spawn(connection))
}

/// Runs a statement on a connection of its own.
async fn admin(sql: &str) {
    let (client, driver) = connect().await;
    client.batch_execute(sql).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}

/// Every row of every table: its texts, and its bytes as they are.
async fn dump(url: &str) -> Vec<u8> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    let columns = "SELECT table_name::text, column_name::text, data_type = 'bytea' FROM information_schema.columns \
                   WHERE table_schema = 'public'";
    let mut bytes = Vec::new();
    for column in client.query(columns, &[]).await.unwrap() {
        let (table, name, is_bytes): (String, String, bool) = (column.get(0), column.get(1), column.get(2));
        let value = if is_bytes { format!("\"{name}\"") } else { format!("convert_to(\"{name}\"::text, 'UTF8')") };
        for row in client.query(&format!("SELECT {value} FROM {table}"), &[]).await.unwrap() {
            bytes.extend(row.get::<_, Option<Vec<u8>>>(0).unwrap_or_default());
            bytes.push(b'\n');
        }
    }
    drop(client);
    driver.await.unwrap().unwrap();
    bytes
}

/// The name of a migrated, empty database. The first who asks makes it; it is named for the
/// schema, so that another schema gets another one.
async fn template(environment: &str, clock: &Arc<dyn Clock>) -> String {
    let mut digest = Sha256::new().chain_update(environment);
    for migration in migrate::ALL {
        digest.update(migration.render(Engine::Postgres));
    }
    let digest: String = digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let name = format!("clinicos_template_{digest}");
    let (client, driver) = connect().await;
    client.batch_execute(&format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await.unwrap();
    let found = client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await.unwrap();
    if found.is_none() {
        let draft = format!("{name}_draft");
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await.unwrap();
        client.batch_execute(&format!("CREATE DATABASE {draft}")).await.unwrap();
        migrate_into(&draft, environment, clock).await;
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
        // Cut off what the store's tasks may still hold, then give it its name in one step.
        let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{draft}'");
        client.batch_execute(&cut).await.unwrap();
        client.batch_execute(&format!("ALTER DATABASE {draft} RENAME TO {name}")).await.unwrap();
    }
    drop(client);
    driver.await.unwrap().unwrap();
    name
}

async fn migrate_into(name: &str, environment: &str, clock: &Arc<dyn Clock>) {
    let options = Options {
        location: Location::Postgres(url_of(name)),
        environment: environment.to_owned(),
        clock: Arc::clone(clock),
        faults: None,
    };
    Store::open(options).await.unwrap().close().await.unwrap();
}
