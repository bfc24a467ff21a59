//! Opening a database: schema, environment.

use clinicos_store::migrate::{self, Migration};
use clinicos_store::store::Tuning;
use clinicos_store::{Effect, Engine, Options, Store, StoreError};
use futures_util::FutureExt;

use crate::home::{Home, entry, journal, number, schema, write};

on_both!(
    migrations_run_once,
    a_changed_migration_is_refused,
    a_newer_database_is_refused,
    a_broken_migration_leaves_nothing,
    another_environment_is_refused,
);

async fn refused(options: Options, migrations: &'static [Migration]) -> String {
    match Store::open_tuned(options, Tuning { migrations, ..Tuning::default() }).await {
        Ok(_) => panic!("it was opened"),
        Err(error) => error.to_string(),
    }
}

async fn migrations_run_once(home: &Home) {
    for _ in 0..2 {
        let store = home.open().await;
        assert_eq!(number(&store, "SELECT count(*) FROM migrations").await, schema().len() as i64);
        store.close().await.unwrap();
    }
}

async fn a_changed_migration_is_refused(home: &Home) {
    let store = home.open().await;
    let damaged = write(&store, |conn, _| {
        async {
            conn.execute("UPDATE migrations SET checksum = 'x' WHERE version = 1", &[]).await.unwrap();
            Effect::Keep(Box::new(journal(entry(1))))
        }
        .boxed()
    });
    damaged.await.unwrap();
    store.close().await.unwrap();
    let error = refused(home.options(), schema()).await;
    assert!(error.contains("0001_journal") && error.contains("changed"), "{error}");
}

async fn a_newer_database_is_refused(home: &Home) {
    home.open().await.close().await.unwrap();
    let error = refused(home.options(), migrate::ALL).await;
    assert!(error.contains("9999_cups") && error.contains("newer"), "{error}");
}

async fn a_broken_migration_leaves_nothing(home: &Home) {
    let mut steps = schema().to_vec();
    let broken = "CREATE TABLE half (id BIGINT); CREATE TABLE half (id BIGINT);";
    steps.push(Migration { version: steps.len() as i64 + 1, name: "9999_broken", common: broken, sqlite: "", postgres: "" });
    let error = refused(home.options(), steps.leak()).await;
    assert!(error.contains("9999_broken"), "{error}");
    let store = home.open().await;
    let half = match home.engine {
        Engine::Sqlite => "SELECT count(*) FROM sqlite_master WHERE name = 'half'",
        Engine::Postgres => "SELECT count(*) FROM pg_tables WHERE tablename = 'half'",
    };
    assert_eq!(number(&store, half).await, 0);
}

async fn another_environment_is_refused(home: &Home) {
    home.open().await.close().await.unwrap();
    let error = refused(Options { environment: "live".to_owned(), ..home.options() }, schema()).await;
    assert!(error.contains("`sandbox`") && error.contains("`live`"), "{error}");
    home.open().await.close().await.unwrap();
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    crate::home::run(Engine::Sqlite, async |home: &Home| {
        std::fs::write(home.file(), vec![7; 8192]).unwrap();
        let error = Store::open(home.options()).await.err().unwrap();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    });
}
