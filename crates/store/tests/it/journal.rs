//! Numbers in the journal, and folding.

use std::collections::HashMap;

use clinicos_store::journal::audit::{Bytes16, Entry, Found};
use clinicos_store::{Effect, Engine, Location, Options, Store};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};

use crate::home::{Home, all_entries, entry, journal, write};

on_both!(numbers_are_dense_under_concurrency, numbering_goes_on_after_opening_again, floods_of_refusals_fold);

fn of_clinic(number: u32) -> Entry {
    let clinic: Option<Bytes16> = (!number.is_multiple_of(4)).then_some([(number % 4) as u8; 16]);
    Entry { clinic, ..entry(number) }
}

fn write_or_read(store: &Store, number: u32) -> BoxFuture<'static, bool> {
    if number.is_multiple_of(5) {
        let kept = write(store, move |_, _| async move { Effect::Keep(Box::new(journal(of_clinic(number)))) }.boxed());
        async { kept.await.is_ok() }.boxed()
    } else {
        let receipt = store.journal(of_clinic(number));
        async { receipt.await.is_ok() }.boxed()
    }
}

/// Positions are dense from 1; so are the sequences of each clinic, in the same order.
fn assert_dense(all: &[Found], expected: usize) {
    assert_eq!(all.len(), expected);
    let mut sequences: HashMap<Option<Bytes16>, u64> = HashMap::new();
    for (index, found) in all.iter().enumerate() {
        assert_eq!(found.position, index as i64 + 1);
        let last = sequences.entry(found.entry.clinic).or_default();
        assert_eq!(found.entry.sequence, *last + 1, "{:?}", found.entry.clinic);
        assert_eq!(found.entry.epoch, 1);
        *last += 1;
    }
    assert_eq!(sequences.len(), 4);
}

async fn numbers_are_dense_under_concurrency(home: &Home) {
    let store = home.open_with(32).await;
    let mut threads = Vec::new();
    for thread in 0..4_u32 {
        let store = store.clone();
        let work = move || join_all((0..50).map(|n| write_or_read(&store, thread * 50 + n)).collect::<Vec<_>>());
        threads.push(tokio::task::spawn_blocking(work));
    }
    for thread in threads {
        assert!(thread.await.unwrap().await.into_iter().all(|ok| ok));
    }
    assert_dense(&all_entries(&store).await, 200);
}

async fn numbering_goes_on_after_opening_again(home: &Home) {
    let mut expected = 0;
    for (round, closes) in [true, false, true].into_iter().enumerate() {
        let store = home.open_with(16).await;
        for number in 0..41 {
            assert!(write_or_read(&store, round as u32 * 41 + number).await);
        }
        expected += 41;
        assert_dense(&all_entries(&store).await, expected);
        if closes {
            store.close().await.unwrap();
        }
    }
}

async fn floods_of_refusals_fold(home: &Home) {
    let store = home.open().await;
    let refusal = |number: u32| Entry { status: 403, problem: Some("scope".to_owned()), ..entry(number) };
    let flood = |from: u32| join_all((from..from + 500).map(|number| store.journal(refusal(number))).collect::<Vec<_>>());
    assert!(flood(0).await.iter().all(Result::is_ok));
    let all = all_entries(&store).await;
    assert!(all.len() >= 200 && all.len() < 400, "{}", all.len());
    let counted: u32 = all.iter().map(|found| found.entry.folded.map_or(1, |folded| folded.count)).sum();
    assert_eq!(counted, 500);
    let folded = all.iter().find_map(|found| found.entry.folded.map(|folded| (found.entry.request_id, folded))).unwrap();
    assert_eq!(folded.0, folded.1.first);
    assert!(folded.1.last > folded.1.first);
    // In another second it starts over.
    home.clock.set(2_000_000_000);
    let calm = join_all((900..1_000).map(|number| store.journal(refusal(number))).collect::<Vec<_>>()).await;
    assert!(calm.iter().all(Result::is_ok));
    assert_eq!(all_entries(&store).await.len(), all.len() + 100);
}

/// What a crash leaves, with everything that was acknowledged in it.
#[test]
fn nothing_acknowledged_is_missing_after_a_crash() {
    crate::home::run(Engine::Sqlite, async |home: &Home| {
        let store = home.open_with(16).await;
        for number in 0..41 {
            assert!(write_or_read(&store, number).await);
        }
        // The files as they are while the store is open, without the shared memory.
        let copy = home.file().with_file_name("copy.db");
        std::fs::copy(home.file(), &copy).unwrap();
        std::fs::copy(home.file().with_file_name("store.db-wal"), copy.with_file_name("copy.db-wal")).unwrap();
        let options = Options { location: Location::Sqlite(copy), ..home.options() };
        let again = Store::open_tuned(options, home.tuning()).await.unwrap();
        assert_dense(&all_entries(&again).await, 41);
        assert!(write_or_read(&again, 41).await);
        assert_dense(&all_entries(&again).await, 42);
    });
}
