//! Usage: sums over hours and categories, and over what no segment has added yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use clinicos_store::journal::audit::usage::{self, Usage, Used};
use clinicos_store::journal::audit::{Bytes16, Entry, RecordGroup, Tail};
use clinicos_store::{Conn, Effect, Engine, Receipt, Store};
use futures_util::FutureExt;
use tokio::sync::oneshot;

use crate::home::{Home, entry, journal, number, read, write};

on_both!(usage_adds_up, sessions_are_forgotten);

const CLINIC: [u8; 16] = [7; 16];

/// One of many calls of two connections, ten minutes apart.
fn used(number: u32) -> Entry {
    let mut one = entry(number);
    one.at += 1_000_000_000_000_000 + i64::from(number) * 600_000_000;
    one.clinic = Some(CLINIC);
    one.actor.connection = Some([(number % 2) as u8 + 1; 16]);
    one.actor.credential = Some([(number % 3) as u8 + 1; 16]);
    // A person calls now and then, in one of two sessions.
    if number % 7 == 3 {
        one.actor.connection = None;
        one.actor.credential = Some([(number % 2) as u8 + 100; 16]);
    }
    one.status = if number.is_multiple_of(5) { 403 } else { 200 };
    one.disclosed = if number.is_multiple_of(5) { 0 } else { 0b101 };
    one.records = vec![RecordGroup { prefix: "cup".to_owned(), ids: vec![1; 16 * 3] }];
    one
}

/// Sums over hours and categories are those of the entries, wherever the segments end.
async fn usage_adds_up(home: &Home) {
    let store = home.open_with(16).await;
    for number in 0..41 {
        let _: Receipt = store.journal(used(number)).await.unwrap();
    }
    store.sealed().await.unwrap();
    let (kept, since) = (Arc::new(Tail::default()), used(30).at);
    // What one tail remembers must never tell: it is asked again and again, another one once.
    for number in 41..64 {
        let (known, new) = (usage(&store, &kept, since).await, usage(&store, &Arc::default(), since).await);
        assert_eq!(known, new, "{number}");
        let _: Receipt = store.journal(used(number)).await.unwrap();
        store.sealed().await.unwrap();
    }
    let all: Vec<Entry> = (0..64).map(used).collect();
    let expected = expected(&all, since);
    assert_eq!(usage(&store, &kept, since).await, expected);
    assert_eq!(usage(&store, &kept, i64::MIN).await, self::expected(&all, i64::MIN));
    assert_eq!(expected.second.0.last_at, Some(used(63).at));
    assert!(expected.second.0.recent.calls < 32 && expected.hours.len() > 1);
}

#[derive(Debug, PartialEq)]
struct Known {
    connections: BTreeMap<Bytes16, Used>,
    hours: BTreeMap<i64, Usage>,
    second: (Used, BTreeMap<u8, Usage>),
    credentials: BTreeMap<Bytes16, i64>,
    sessions: BTreeMap<Bytes16, i64>,
}

async fn usage(store: &Store, tail: &Arc<Tail>, since: i64) -> Known {
    read(store, move |conn| {
        let tail = tail.clone();
        async move { known(conn, &tail, since).await }.boxed()
    })
    .await
    .unwrap()
}

/// Those that call, and one that never does.
const SESSIONS: [Bytes16; 3] = [[100; 16], [101; 16], [102; 16]];

/// The same of keys.
const KEYS: [Bytes16; 4] = [[1; 16], [2; 16], [3; 16], [4; 16]];

/// Categories are asked for from three hours later on.
const LATER_US: i64 = 3 * 3_600_000_000;

async fn known(conn: &mut dyn Conn, tail: &Tail, since: i64) -> Known {
    let both = (since, since.saturating_add(LATER_US));
    Known {
        connections: usage::by_connection(conn, tail, CLINIC, since).await.unwrap(),
        hours: usage::by_hour(conn, tail, CLINIC, since).await.unwrap(),
        second: usage::of_connection(conn, tail, CLINIC, [2; 16], both).await.unwrap(),
        credentials: usage::last_uses(conn, tail, CLINIC, &KEYS).await.unwrap(),
        sessions: usage::last_uses_of_sessions(conn, tail, CLINIC, &SESSIONS).await.unwrap(),
    }
}

/// The same, by looking at every entry.
fn expected(entries: &[Entry], since: i64) -> Known {
    let hour = |at: i64| at / 3_600_000_000;
    let call = |entry: &Entry| Usage { calls: 1, refused: i64::from(entry.status >= 400), records: 3, last_at: entry.at };
    let is_since = |entry: &Entry, since: i64| since < 0 || hour(entry.at) >= hour(since);
    let (mut connections, mut hours) = (BTreeMap::<Bytes16, Used>::new(), BTreeMap::<i64, Usage>::new());
    let (mut categories, mut credentials) = (BTreeMap::<u8, Usage>::new(), BTreeMap::new());
    let (entries, people): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(|entry| entry.actor.connection.is_some());
    let sessions = people.iter().map(|entry| (entry.actor.credential.unwrap(), entry.at)).collect();
    for entry in &entries {
        let connection = entry.actor.connection.unwrap();
        connections.entry(connection).or_default().last_at = Some(entry.at);
        credentials.insert(entry.actor.credential.unwrap(), entry.at);
    }
    for entry in entries.iter().filter(|entry| is_since(entry, since)) {
        let connection = entry.actor.connection.unwrap();
        connections.entry(connection).or_default().recent.add(call(entry));
        hours.entry(hour(entry.at)).or_default().add(call(entry));
        let is_counted = connection == [2; 16] && is_since(entry, since.saturating_add(LATER_US));
        for bit in (0..16).filter(|bit| is_counted && entry.disclosed >> bit & 1 == 1) {
            categories.entry(bit).or_default().add(call(entry));
        }
    }
    let second = connections.get(&[2; 16]).copied().unwrap();
    Known { second: (second, categories), connections, hours, credentials, sessions }
}

/// Rows of sessions that nobody can ask for any more do not pile up; those of others stay.
async fn sessions_are_forgotten(home: &Home) {
    let store = home.open_with(16).await;
    for number in 0..64 {
        let _: Receipt = store.journal(used(number)).await.unwrap();
    }
    store.sealed().await.unwrap();
    let rows = "SELECT count(*) FROM audit_usage WHERE category = -3";
    assert_eq!(number(&store, rows).await, 2);
    let before = usage(&store, &Arc::default(), i64::MIN).await;
    let forget = |clinic: Bytes16| {
        write(&store, move |conn, _| {
            async move {
                usage::forget_sessions(conn, clinic, &[SESSIONS[0], SESSIONS[2], [2; 16]]).await.unwrap();
                Effect::Keep(Box::new(journal(entry(2))))
            }
            .boxed()
        })
    };
    forget([8; 16]).await.unwrap();
    assert_eq!(number(&store, rows).await, 2, "another clinic's are none of its business");
    forget(CLINIC).await.unwrap();
    assert_eq!(number(&store, rows).await, 1);
    let after = usage(&store, &Arc::default(), i64::MIN).await;
    assert_eq!(after.sessions.get(&SESSIONS[1]), before.sessions.get(&SESSIONS[1]));
    assert_eq!((after.connections, after.credentials), (before.connections, before.credentials));
}

/// A question whose snapshot is older than what its tail knows is answered from its own snapshot.
#[test]
fn an_older_snapshot_is_answered_from_itself() {
    crate::home::run(Engine::Postgres, async |home: &Home| {
        let sealer = home.hold_sealer().await;
        let store = home.open_with(16).await;
        for number in 0..5 {
            store.journal(used(number)).await.unwrap();
        }
        let kept = Arc::new(Tail::default());
        // While the first is answered, five entries get their positions, and another question sees that.
        let (first, known) = between(&store, &kept, async {
            drop(sealer);
            store.sealed().await.unwrap();
            usage(&store, &kept, i64::MIN).await
        })
        .await;
        assert_eq!(first, expected(&(0..5).map(used).collect::<Vec<_>>(), i64::MIN), "each counts once");
        assert_eq!(first, known);
        // While the second is, segments come.
        let (second, known) = between(&store, &kept, async {
            for number in 5..40 {
                store.journal(used(number)).await.unwrap();
                store.sealed().await.unwrap();
            }
            usage(&store, &kept, i64::MIN).await
        })
        .await;
        assert_eq!(second, first, "its snapshot has no more");
        assert_eq!(known, expected(&(0..40).map(used).collect::<Vec<_>>(), i64::MIN));
    });
}

/// Takes a snapshot, lets things happen, and asks it then.
async fn between<T>(store: &Store, kept: &Arc<Tail>, happens: impl Future<Output = T>) -> (Known, T) {
    let ((taken, is_taken), (happened, has_happened)) = (oneshot::channel(), oneshot::channel());
    let mut both = Some((taken, has_happened));
    let asked = read(store, move |conn| {
        let ((taken, has_happened), kept) = (both.take().unwrap(), kept.clone());
        async move {
            conn.one("SELECT count(*) FROM audit_pending", &[], |row| row.int(0)).await.unwrap();
            taken.send(()).unwrap();
            has_happened.await.unwrap();
            known(conn, &kept, i64::MIN).await
        }
        .boxed()
    });
    let happens = async {
        is_taken.await.unwrap();
        let seen = happens.await;
        happened.send(()).unwrap();
        seen
    };
    let (asked, seen) = futures_util::future::join(asked, happens).await;
    (asked.unwrap(), seen)
}
