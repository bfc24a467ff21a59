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
