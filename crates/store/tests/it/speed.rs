//! What the store promises about time. Run in release, by name: `cargo test --release -- --ignored speed`.

use std::time::Instant;

use clinicos_store::journal::audit::{Actor, Entry, RecordGroup, Search};
use clinicos_store::{Engine, Location, Options, Store};
use futures_util::FutureExt;
use futures_util::future::join_all;

use crate::home::{Home, all_entries, entry, find, number, read, run};

const MILLION: u32 = 1_000_000;

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn start() -> Instant {
    Instant::now()
}

fn usual(number: u32) -> Entry {
    Entry {
        clinic: Some([(number % 50) as u8; 16]),
        organization: Some([1; 16]),
        actor: Actor {
            credential: Some([(number % 150) as u8; 16]),
            connection: Some([(number % 100) as u8; 16]),
            ..Actor::default()
        },
        operation: format!("cups.verb{}", number % 20),
        route: "GET /v1/cups/{cup_id}".to_owned(),
        records: vec![RecordGroup { prefix: "cup".to_owned(), ids: vec![3; 16] }],
        request_hash: Some([4; 16]),
        source_hash: Some([5; 16]),
        ..entry(number)
    }
}

#[test]
#[ignore = "slow: a million entries"]
fn opening_is_fast_with_a_million_entries() {
    run(Engine::Sqlite, async |home: &Home| {
        let store = home.open().await;
        let began = start();
        for group in 0..MILLION / 250 {
            let receipts: Vec<_> = (group * 250..group * 250 + 250).map(|number| store.journal(usual(number))).collect();
            assert!(join_all(receipts).await.iter().all(Result::is_ok));
        }
        println!("1M entries, 250 at once: {:.0}/s", f64::from(MILLION) / began.elapsed().as_secs_f64());
        // What a crash leaves: the files as they are while the store is open.
        let copy = home.file().with_file_name("copy.db");
        std::fs::copy(home.file(), &copy).unwrap();
        std::fs::copy(home.file().with_file_name("store.db-wal"), copy.with_file_name("copy.db-wal")).unwrap();
        let began = start();
        let again =
            Store::open_tuned(Options { location: Location::Sqlite(copy), ..home.options() }, home.tuning()).await.unwrap();
        let opened = began.elapsed();
        println!("open after a crash: {opened:?}");
        assert!(opened.as_millis() < 300, "{opened:?}");
        again.journal(usual(MILLION)).await.unwrap();
        assert_eq!(number(&again, "SELECT max(last_position) FROM audit_batches").await, i64::from(MILLION) + 1);
        for search in [
            Search { clinic: Some([7; 16]), limit: 50, ..Search::default() },
            Search { credential: Some([7; 16]), operation: Some("cups.verb7".to_owned()), limit: 50, ..Search::default() },
            Search { clinic: Some([7; 16]), before: Some(1_000), limit: 50, ..Search::default() },
            Search { request_id: Some(usual(400_000).request_id), limit: 1, ..Search::default() },
        ] {
            let began = start();
            let found = find(&again, &search).await.len();
            println!("{found} found in {:?}", began.elapsed());
        }
    });
}

#[test]
#[ignore = "slow: it measures"]
fn journaled_reads_a_second() {
    let engines = [Engine::Sqlite, Engine::Postgres];
    for (engine, at_once) in engines.into_iter().flat_map(|engine| [1, 8, 64, 256].map(|at_once| (engine, at_once))) {
        run(engine, async |home: &Home| {
            let store = home.open().await;
            let total = if at_once < 64 || engine == Engine::Postgres { 4_000 } else { 100_000 };
            let began = start();
            let lanes = (0..at_once).map(|lane| {
                let store = store.clone();
                tokio::spawn(async move {
                    for step in 0..total / at_once {
                        read(&store, |conn| {
                            async {
                                conn.one("SELECT key FROM store_meta WHERE key = $1", &["epoch".into()], |_| Ok(()))
                                    .await
                                    .unwrap()
                            }
                            .boxed()
                        })
                        .await
                        .unwrap();
                        store.journal(usual(lane * 1_000 + step)).await.unwrap();
                    }
                })
            });
            join_all(lanes.collect::<Vec<_>>()).await;
            println!("{engine:?}, {at_once} at once: {:.0} journaled reads/s", f64::from(total) / began.elapsed().as_secs_f64());
            assert!(!all_entries(&store).await.is_empty());
        });
    }
}
