//! What writes leave behind.

use std::sync::mpsc;

use clinicos_store::journal::{idempotency, outbox};
use clinicos_store::{Conn, Effect, Engine, Journal, Store, StoreError, Value};
use futures_util::FutureExt;
use futures_util::future::join_all;

use crate::home::{Home, all_entries, entry, journal, number, put_cup, read, write};

on_both!(
    kept_discarded_and_failed,
    a_failing_call_leaves_nothing_half_written,
    a_failed_commit_leaves_nothing,
    constraints_have_names,
    a_panic_harms_nobody_else,
    many_at_once_share_a_batch,
    increments_are_not_lost,
    named_locks,
    stored_results_come_back,
    a_closed_store_refuses,
);

async fn kept_discarded_and_failed(home: &Home) {
    let store = home.open().await;
    let kept = write(&store, |conn, _| {
        async {
            put_cup(conn, "kept", 1).await.unwrap();
            Effect::Keep(Box::new(journal(entry(1))))
        }
        .boxed()
    });
    kept.await.unwrap();
    let discarded = write(&store, |conn, _| {
        async {
            put_cup(conn, "discarded", 1).await.unwrap();
            Effect::Discard(Box::new(entry(2)))
        }
        .boxed()
    });
    discarded.await.unwrap();
    let failed = write(&store, |conn, _| {
        async {
            put_cup(conn, "failed", 1).await.unwrap();
            Effect::Failed(StoreError::Corrupt("x".to_owned()))
        }
        .boxed()
    });
    assert!(matches!(failed.await, Err(StoreError::Corrupt(_))));
    assert_eq!(number(&store, "SELECT count(*) FROM cups").await, 1);
    let ids: Vec<_> = all_entries(&store).await.into_iter().map(|found| found.entry.request_id).collect();
    assert_eq!(ids, [entry(1).request_id, entry(2).request_id]);
    store.close().await.unwrap();
}

fn event(id: &str, sequence: i64) -> outbox::Event {
    outbox::Event {
        id: id.to_owned(),
        name: "cup.broken",
        version: 1,
        clinic_id: None,
        record_id: "cup_1".to_owned(),
        sequence,
        payload: "{}".to_owned(),
        at: 5,
    }
}

fn stored(key: &str) -> idempotency::Stored {
    idempotency::Stored {
        scope: "con_1".to_owned(),
        key: key.to_owned(),
        operation: "cups.create".to_owned(),
        fingerprint: vec![1, 2],
        result: vec![3, 0, 4],
        at: 7,
    }
}

fn everything() -> Journal {
    Journal { events: vec![event("evt_1", 1), event("evt_2", 2)], idempotency: Some(stored("k")), ..journal(entry(1)) }
}

fn write_everything(store: &Store) -> impl Future<Output = clinicos_store::Result<clinicos_store::Receipt>> + use<> {
    write(store, |conn, _| {
        async {
            for id in ["a", "b"] {
                if let Err(error) = put_cup(conn, id, 1).await {
                    return Effect::Failed(error);
                }
            }
            Effect::Keep(Box::new(everything()))
        }
        .boxed()
    })
}

const TRACES: &str = "SELECT (SELECT count(*) FROM cups) + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM idempotency) \
                      + (SELECT count(*) FROM audit_batches) + (SELECT count(*) FROM audit_pending)";

async fn a_failing_call_leaves_nothing_half_written(home: &Home) {
    let store = home.open().await;
    let mut failures = 0;
    loop {
        home.faults.fail_call(failures + 1);
        let outcome = write_everything(&store).await;
        if outcome.is_ok() {
            break;
        }
        failures += 1;
        assert_eq!(number(&store, TRACES).await, 0, "call {failures}");
    }
    assert!(home.faults.is_call_due(), "the fault was never reached");
    assert!(failures >= 5, "{failures}");
    store.sealed().await.unwrap();
    assert_eq!(number(&store, TRACES).await, 6);
    let placed = read(&store, |conn| async { outbox::after(conn, 0, 10).await.unwrap() }.boxed()).await.unwrap();
    let found: Vec<_> = placed.iter().map(|event| (event.position, event.id.as_str(), event.sequence)).collect();
    assert_eq!(found, [(1, "evt_1", 1), (2, "evt_2", 2)]);
}

async fn a_failed_commit_leaves_nothing(home: &Home) {
    let store = home.open().await;
    home.faults.fail_commit();
    assert!(matches!(write_everything(&store).await, Err(StoreError::Unavailable(_))));
    if home.engine == Engine::Sqlite {
        // After a failed commit nothing is known about the disk: the store stops for good.
        assert!(store.is_poisoned());
        assert!(matches!(store.journal(entry(2)).await, Err(StoreError::Unavailable(_))));
        assert!(matches!(write_everything(&store).await, Err(StoreError::Unavailable(_))));
        assert!(matches!(store.applied_security_seq().await, Err(StoreError::Unavailable(_))));
    }
    store.close().await.unwrap();
    drop(store);
    let store = home.open().await;
    assert_eq!(number(&store, TRACES).await, 0);
    write_everything(&store).await.unwrap();
    store.journal(entry(2)).await.unwrap();
    let positions: Vec<_> = all_entries(&store).await.iter().map(|found| found.position).collect();
    assert_eq!(positions, [1, 2]);
}

async fn constraints_have_names(home: &Home) {
    let store = home.open().await;
    let (report, seen) = mpsc::channel();
    let refused = write(&store, move |conn, _| {
        let report = report.clone();
        async move {
            put_cup(conn, "a", 1).await.unwrap();
            report.send(put_cup(conn, "a", 1).await).unwrap();
            Effect::Discard(Box::new(entry(1)))
        }
        .boxed()
    });
    refused.await.unwrap();
    match seen.recv().unwrap() {
        Err(StoreError::Constraint(name)) => assert!(name.contains("cups"), "{name}"),
        other => panic!("{other:?}"),
    }
    // A key that is stored already gives way: whoever replays asks first, and finds none that is
    // kept too long.
    write_everything(&store).await.unwrap();
    let again = write(&store, |_, _| {
        let journal = Journal { idempotency: Some(stored("k")), ..journal(entry(9)) };
        async { Effect::Keep(Box::new(journal)) }.boxed()
    });
    again.await.unwrap();
    assert_eq!(all_entries(&store).await.len(), 3);
}

async fn a_panic_harms_nobody_else(home: &Home) {
    let store = home.open().await;
    let panicked = write(&store, |conn, _| {
        async {
            put_cup(conn, "a", 1).await.unwrap();
            panic!("on purpose")
        }
        .boxed()
    });
    assert!(matches!(panicked.await, Err(StoreError::Statement(_))));
    write_everything(&store).await.unwrap();
    assert_eq!(number(&store, "SELECT count(*) FROM cups").await, 2);
}

async fn many_at_once_share_a_batch(home: &Home) {
    let store = home.open().await;
    let mut receipts = Vec::new();
    // On SQLite the writer is held up until everything is handed over.
    let (release, held) = mpsc::channel::<()>();
    let first = (home.engine == Engine::Sqlite).then(|| {
        write(&store, move |_, _| {
            held.recv().unwrap();
            async { Effect::Discard(Box::new(entry(1))) }.boxed()
        })
    });
    for number in 2..=100 {
        receipts.push(store.journal(entry(number)));
    }
    if let Some(first) = first {
        release.send(()).unwrap();
        first.await.unwrap();
    } else {
        receipts.push(store.journal(entry(1)));
    }
    assert!(join_all(receipts).await.iter().all(Result::is_ok));
    assert_eq!(all_entries(&store).await.len(), 100);
    assert_eq!(number(&store, "SELECT count(*) FROM audit_batches").await, 1);
}

/// Far more than are tried at once.
const MANY: usize = 200;

async fn increments_are_not_lost(home: &Home) {
    let store = home.open().await;
    let made = write(&store, |conn, _| {
        async {
            put_cup(conn, "a", 0).await.unwrap();
            Effect::Keep(Box::new(journal(entry(1))))
        }
        .boxed()
    });
    made.await.unwrap();
    let increments =
        (0..MANY).map(|_| write(&store, |conn, _| async { increment(conn).await.unwrap_or_else(Effect::Failed) }.boxed()));
    let outcomes = join_all(increments.collect::<Vec<_>>()).await;
    // All want the same row, and new ones come all the time: none may starve.
    let refused: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert!(refused.is_empty(), "{} of {MANY} writes: {refused:?}", refused.len());
    assert_eq!(number(&store, "SELECT size FROM cups").await, MANY as i64);
    assert_eq!(all_entries(&store).await.len(), MANY + 1);
}

async fn increment(conn: &mut dyn Conn) -> clinicos_store::Result<Effect> {
    let size = conn.one("SELECT size FROM cups WHERE id = $1", &[Value::Text("a")], |row| row.int(0)).await?;
    conn.execute("UPDATE cups SET size = $2 WHERE id = $1", &[Value::Text("a"), Value::Int(size.unwrap() + 1)]).await?;
    Ok(Effect::Keep(Box::new(journal(entry(2)))))
}

async fn named_locks(home: &Home) {
    let store = home.open().await;
    let (report, seen) = mpsc::channel();
    let locked = write(&store, move |conn, _| {
        let report = report.clone();
        async move {
            report.send(conn.try_lock("con_1/key").await.unwrap()).unwrap();
            Effect::Discard(Box::new(entry(1)))
        }
        .boxed()
    });
    locked.await.unwrap();
    assert!(seen.recv().unwrap());
}

async fn stored_results_come_back(home: &Home) {
    let store = home.open().await;
    write_everything(&store).await.unwrap();
    let find =
        |key: &'static str| read(&store, move |conn| async move { idempotency::find(conn, "con_1", key).await.unwrap() }.boxed());
    assert_eq!(find("k").await.unwrap(), Some(stored("k")));
    assert_eq!(find("other").await.unwrap(), None);
    for (before, left) in [(7, 1), (8, 0)] {
        let purged = write(&store, move |conn, _| {
            async move {
                idempotency::purge(conn, before).await.unwrap();
                Effect::Keep(Box::new(journal(entry(2))))
            }
            .boxed()
        });
        purged.await.unwrap();
        assert_eq!(number(&store, "SELECT count(*) FROM idempotency").await, left);
    }
}

async fn a_closed_store_refuses(home: &Home) {
    let store = home.open().await;
    let last = store.journal(entry(1));
    store.close().await.unwrap();
    store.close().await.unwrap();
    last.await.unwrap();
    assert!(store.journal(entry(2)).await.is_err());
    assert!(write_everything(&store).await.is_err());
    assert!(store.applied_security_seq().await.is_err());
    assert!(!store.is_poisoned());
}

/// Where writers do not stand in line, a name is held until its holder's transaction ends.
#[test]
fn a_held_name_is_refused() {
    crate::home::run(Engine::Postgres, async |home: &Home| {
        let store = home.open().await;
        let (begin, mut begun) = tokio::sync::mpsc::unbounded_channel();
        let release = std::sync::Arc::new(tokio::sync::Notify::new());
        let held = std::sync::Arc::clone(&release);
        let holder = write(&store, move |conn, _| {
            let (begin, held) = (begin.clone(), std::sync::Arc::clone(&held));
            async move {
                begin.send(conn.try_lock("a").await.unwrap()).unwrap();
                held.notified().await;
                Effect::Discard(Box::new(entry(1)))
            }
            .boxed()
        });
        assert_eq!(begun.recv().await, Some(true));
        assert_eq!(locks(&store).await, [false, true]);
        release.notify_one();
        holder.await.unwrap();
        assert_eq!(locks(&store).await, [true, true]);
    });
}

async fn locks(store: &Store) -> Vec<bool> {
    let (report, seen) = mpsc::channel();
    let tried = write(store, move |conn, _| {
        let report = report.clone();
        async move {
            for name in ["a", "b"] {
                report.send(conn.try_lock(name).await.unwrap()).unwrap();
            }
            Effect::Discard(Box::new(entry(2)))
        }
        .boxed()
    });
    tried.await.unwrap();
    seen.try_iter().collect()
}

/// Nobody has gathered figures on a table that was just filled, and its lists are quick all the same.
#[test]
fn a_list_walks_its_index_before_figures_are_gathered() {
    crate::home::run(Engine::Postgres, async |home: &Home| {
        let store = home.open().await;
        let filled = write(&store, |conn, _| {
            async move {
                let sql = "INSERT INTO invoices (clinic_id, id, client_id, number, stage, issued_on, due_on, currency, subtotal, \
                     discount, tax, total, paid, balance, external_ids, created_at, updated_at, version) \
                     SELECT 'c', 'inv ' || n, 'cli', 'no ' || n, 'open', '2026-01-01', '2026-02-01', 'USD', n, 0, 0, n, 0, n, '[]', n, n, 1 \
                     FROM generate_series(1, 15000) n";
                conn.execute(sql, &[]).await.unwrap();
                Effect::Keep(Box::new(journal(entry(1))))
            }
            .boxed()
        });
        filled.await.unwrap();
        let plan = read(&store, |conn| {
            async move {
                let sql = "EXPLAIN SELECT id, total FROM invoices WHERE clinic_id = 'c' ORDER BY id LIMIT 50";
                conn.all(sql, &[], |row| row.text(0).map(str::to_owned)).await.unwrap().join("\n")
            }
            .boxed()
        });
        let plan = plan.await.unwrap();
        assert!(plan.contains("Index") && !plan.contains("Sort") && !plan.contains("Bitmap") && !plan.contains("JIT"), "{plan}");
    });
}
