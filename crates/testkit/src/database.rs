//! A database of its own for each world. On PostgreSQL it is copied from one that was migrated
//! before, and dropped with the world.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use clinicos_contract::Clock;
use clinicos_store::{Engine, Location, Options, Store, migrate};
use sha2::{Digest, Sha256};

/// Where the test server is, unless `CLINICOS_TEST_POSTGRES` says otherwise.
const SERVER: &str = "postgres://root@127.0.0.1:5432/postgres";
/// The advisory lock under which the template is made.
const TEMPLATE_LOCK: i64 = 0x0c11_4105;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database, gone when it is dropped.
pub(crate) struct Database {
    location: Location,
    folder: Option<tempfile::TempDir>,
    name: Option<String>,
}

impl Database {
    pub(crate) async fn create(engine: Engine, environment: &str, clock: &Arc<dyn Clock>) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                Self { location: Location::Sqlite(folder.path().join("clinicos.db")), folder: Some(folder), name: None }
            }
            Engine::Postgres => {
                let template = template(environment, clock).await;
                let name = format!("clinicos_world_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
                admin(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                admin(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
                Self { location: Location::Postgres(url_of(&name)), folder: None, name: Some(name) }
            }
        }
    }

    /// Every file of the database, if it is one of files.
    pub(crate) fn files(&self) -> Vec<Vec<u8>> {
        let Some(folder) = &self.folder else { return Vec::new() };
        std::fs::read_dir(folder.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
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
