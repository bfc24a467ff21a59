//! Changes to who may do what.

use std::sync::{Arc, Mutex, mpsc};

use clinicos_store::journal::security::{self, Change};
use clinicos_store::{Conn, Effect, Engine, Journal, Result, SecurityWatcher, StoreError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::home::{Home, entry, journal, number, read, submit_watched, write, write_as};

on_both!(
    a_change_is_in_force_before_it_is_settled,
    a_change_that_cannot_be_put_in_force_stops_the_store,
    only_security_work_changes_who_may_do_what,
    numbers_go_on_after_opening_again,
);

#[derive(Default)]
struct Watcher {
    log: Mutex<Vec<String>>,
    fails: bool,
}

impl SecurityWatcher for Watcher {
    fn apply<'c>(&'c self, conn: &'c mut dyn Conn, seq: i64) -> BoxFuture<'c, Result<()>> {
        async move {
            if self.fails {
                return Err(StoreError::Corrupt("a grant cannot be read".to_owned()));
            }
            let kinds: Vec<_> = security::after(conn, 0).await?.into_iter().map(|change| change.kind).collect();
            self.log.lock().unwrap().push(format!("in force {seq} {kinds:?}"));
            Ok(())
        }
        .boxed()
    }
}

fn change(kind: &'static str) -> Change {
    Change { kind, clinic_id: String::new(), subject_id: "con_1".to_owned(), at: 1 }
}

fn revoking() -> Journal {
    Journal { security: vec![change("connection.revoked"), change("key.revoked")], ..journal(entry(1)) }
}

async fn a_change_is_in_force_before_it_is_settled(home: &Home) {
    let store = home.open().await;
    let watcher = Arc::new(Watcher::default());
    store.watch_security(Arc::clone(&watcher) as Arc<dyn SecurityWatcher>);
    let (report, settled) = tokio::sync::oneshot::channel();
    let log = Arc::clone(&watcher);
    submit_watched(&store, revoking, move |ok| {
        log.log.lock().unwrap().push(format!("settled {ok}"));
        report.send(()).unwrap();
    });
    settled.await.unwrap();
    let log = watcher.log.lock().unwrap().clone();
    assert_eq!(log, ["in force 2 [\"connection.revoked\", \"key.revoked\"]", "settled true"]);
    assert_eq!(store.applied_security_seq().await.unwrap(), 2);
    let (report, seen) = mpsc::channel();
    let later = write(&store, move |_, applied_seq| {
        report.send(applied_seq).unwrap();
        async { Effect::Discard(Box::new(entry(2))) }.boxed()
    });
    later.await.unwrap();
    assert_eq!(seen.recv().unwrap(), 2);
}

async fn a_change_that_cannot_be_put_in_force_stops_the_store(home: &Home) {
    let store = home.open().await;
    store.watch_security(Arc::new(Watcher { fails: true, ..Watcher::default() }));
    let revoked = write_as(&store, true, |_, _| async { Effect::Keep(Box::new(revoking())) }.boxed());
    assert!(matches!(revoked.await, Err(StoreError::Unavailable(_))));
    assert!(store.is_poisoned());
    assert!(store.journal(entry(2)).await.is_err());
    assert!(read(&store, |conn| security::latest(conn).boxed()).await.is_err());
}

async fn only_security_work_changes_who_may_do_what(home: &Home) {
    let store = home.open().await;
    let sly = write(&store, |_, _| async { Effect::Keep(Box::new(revoking())) }.boxed());
    assert!(matches!(sly.await, Err(StoreError::Statement(_))));
    assert_eq!(store.applied_security_seq().await.unwrap(), 0);
}

async fn numbers_go_on_after_opening_again(home: &Home) {
    for round in 1..=2 {
        let store = home.open().await;
        write_as(&store, true, |_, _| async { Effect::Keep(Box::new(revoking())) }.boxed()).await.unwrap();
        assert_eq!(store.applied_security_seq().await.unwrap(), round * 2);
        let changes = read(&store, |conn| security::after(conn, 1).boxed()).await.unwrap().unwrap();
        assert_eq!(changes.first().map(|change| change.seq), Some(2));
        store.close().await.unwrap();
    }
}

/// What was handed over before the change is in its batch; what came after is not.
#[test]
fn a_change_closes_its_batch() {
    crate::home::run(Engine::Sqlite, async |home: &Home| {
        let store = home.open().await;
        let (release, held) = mpsc::channel::<()>();
        let first = write(&store, move |_, _| {
            held.recv().unwrap();
            async { Effect::Discard(Box::new(entry(1))) }.boxed()
        });
        let before = store.journal(entry(2));
        let change = write_as(&store, true, |_, _| async { Effect::Keep(Box::new(revoking())) }.boxed());
        let after = store.journal(entry(4));
        release.send(()).unwrap();
        first.await.unwrap();
        before.await.unwrap();
        change.await.unwrap();
        after.await.unwrap();
        assert_eq!(number(&store, "SELECT last_position FROM audit_batches WHERE first_position = 1").await, 3);
        assert_eq!(number(&store, "SELECT count(*) FROM audit_batches").await, 2);
    });
}

/// A write that was decided before a change commits before it, or not at all.
#[test]
fn a_change_waits_for_the_writes_under_way() {
    crate::home::run(Engine::Postgres, async |home: &Home| {
        let store = home.open().await;
        let log = Arc::new(Mutex::new(Vec::new()));
        let (begin, mut begun) = tokio::sync::mpsc::unbounded_channel();
        let gate = Arc::new(tokio::sync::Notify::new());
        let held = Arc::clone(&gate);
        let slow = write(&store, move |_, applied_seq| {
            let (begin, held) = (begin.clone(), Arc::clone(&held));
            async move {
                begin.send(applied_seq).unwrap();
                held.notified().await;
                Effect::Keep(Box::new(journal(entry(1))))
            }
            .boxed()
        });
        let mine = Arc::clone(&log);
        let slow = tokio::spawn(async move {
            slow.await.unwrap();
            mine.lock().unwrap().push("the write");
        });
        assert_eq!(begun.recv().await, Some(0));
        let mine = Arc::clone(&log);
        let (report, settled) = tokio::sync::oneshot::channel();
        submit_watched(&store, revoking, move |_| {
            mine.lock().unwrap().push("the change");
            report.send(()).unwrap();
        });
        for _ in 0..50 {
            assert_eq!(store.applied_security_seq().await.unwrap(), 0);
        }
        gate.notify_one();
        settled.await.unwrap();
        slow.await.unwrap();
        assert_eq!(number(&store, "SELECT max(seq) FROM security_changes").await, 2);
        assert_eq!(log.lock().unwrap().len(), 2);
    });
}

/// What one node changes is put in force on the others, and both number one journal.
#[test]
fn nodes_follow_each_other() {
    crate::home::run(Engine::Postgres, async |home: &Home| {
        let (one, two) = (home.open().await, home.open().await);
        let (report, mut heard) = tokio::sync::mpsc::unbounded_channel();
        two.watch_security(Arc::new(Reporting(report)));
        write_as(&one, true, |_, _| async { Effect::Keep(Box::new(revoking())) }.boxed()).await.unwrap();
        assert_eq!(heard.recv().await, Some(2));
        for number in 0..20 {
            let store = if number % 2 == 0 { &one } else { &two };
            store.journal(entry(number)).await.unwrap();
        }
        two.sealed().await.unwrap();
        one.close().await.unwrap();
        // The other one takes over where the first stopped.
        two.journal(entry(20)).await.unwrap();
        let all = crate::home::all_entries(&two).await;
        let positions: Vec<_> = all.iter().map(|found| found.position).collect();
        assert_eq!(positions, (1..=22).collect::<Vec<_>>());
        let sequences: Vec<_> = all.iter().map(|found| found.entry.sequence).collect();
        assert_eq!(sequences, (1..=22).collect::<Vec<_>>());
    });
}

struct Reporting(tokio::sync::mpsc::UnboundedSender<i64>);

impl SecurityWatcher for Reporting {
    fn apply<'c>(&'c self, _conn: &'c mut dyn Conn, seq: i64) -> BoxFuture<'c, Result<()>> {
        async move {
            self.0.send(seq).unwrap();
            Ok(())
        }
        .boxed()
    }
}
