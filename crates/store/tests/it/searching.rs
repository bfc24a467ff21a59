//! Searching the audit log: postings and tail give what looking at every entry gives.

use std::sync::Arc;

use clinicos_store::journal::audit::{
    Actor, ActorKind, Bytes16, Entry, Found, Outcome, RecordGroup, Search, Tail, Told, by_request, only_looked, search,
};
use clinicos_store::{Effect, Engine, Store, StoreError, migrate};
use futures_util::FutureExt;
use futures_util::future::join_all;

use crate::home::{Home, admin, all_entries, entry, find, find_by, journal, number, read, request_id, write};

on_both!(
    every_condition_finds_what_it_should,
    what_was_indexed_before_people_were_is_found,
    a_kept_tail_finds_the_same,
    requests_are_found_by_id,
    a_missing_batch_is_told
);

const ENTRIES: u32 = 200;

fn varied(number: u32) -> Entry {
    let byte = |modulus: u32| (number % modulus) as u8;
    let is_person = number.is_multiple_of(11) || number.is_multiple_of(5);
    let kind = if is_person { ActorKind::User } else { ActorKind::Connection };
    let person = is_person.then_some([byte(3) + 40; 16]);
    Entry {
        clinic: (!number.is_multiple_of(7)).then_some([byte(3) + 1; 16]),
        actor: Actor { kind, credential: Some([byte(10); 16]), connection: Some([byte(5); 16]), on_behalf_of: person },
        route: if number.is_multiple_of(2) { "GET /v1/cups" } else { "POST /v1/cups" }.to_owned(),
        operation: format!("cups.verb{}", number % 4),
        status: if number.is_multiple_of(9) { 403 } else { 200 },
        records: vec![RecordGroup { prefix: "cup".to_owned(), ids: [[byte(13); 16], [byte(200); 16]].concat() }],
        told: vec![
            Told { categories: 1, subjects: vec![RecordGroup { prefix: "cli".to_owned(), ids: vec![byte(17); 16] }] },
            Told { categories: 2, subjects: vec![RecordGroup { prefix: "pat".to_owned(), ids: vec![byte(190) + 20; 16] }] },
        ],
        ..entry(number)
    }
}

async fn fill(store: &Store) {
    // In groups, so that batches hold several entries and segments end inside of groups.
    for group in 0..ENTRIES / 10 {
        fill_group(store, group).await;
    }
}

async fn fill_group(store: &Store, group: u32) {
    let receipts: Vec<_> = (group * 10..group * 10 + 10).map(|number| store.journal(varied(number))).collect();
    assert!(join_all(receipts).await.iter().all(Result::is_ok));
    store.sealed().await.unwrap();
}

/// Where a segment ends depends on how entries fall into batches, so it may end with the last of them;
/// one more is then left behind it, for a search has to look at both.
async fn leave_a_tail(store: &Store) {
    let ends = "SELECT max(last_position) FROM audit_segments";
    if number(store, ends).await >= i64::from(ENTRIES) {
        store.journal(varied(ENTRIES)).await.unwrap();
        store.sealed().await.unwrap();
    }
    let written = i64::try_from(all_entries(store).await.len()).unwrap();
    assert!(number(store, ends).await < written, "a segment holds all {written}");
}

/// What a tail remembers never tells: segments come and go while it is kept.
async fn a_kept_tail_finds_the_same(home: &Home) {
    let (store, kept) = (home.open_with(64).await, Arc::default());
    for group in 0..ENTRIES / 10 {
        fill_group(&store, group).await;
        let all = all_entries(&store).await;
        for search in searches().into_iter().skip(group as usize % 3).step_by(3) {
            let found: Vec<_> = find_by(&store, &kept, &search).await.iter().map(|found| found.position).collect();
            assert_eq!(found, naive(&all, &search), "{group} {search:?}");
        }
    }
}

fn searches() -> Vec<Search> {
    let base = Search { limit: 1_000, ..Search::default() };
    let at = |number: u32| entry(number).at;
    let mut all = vec![base.clone()];
    for clinic in [None, Some([1; 16]), Some([9; 16])] {
        let base = Search { clinic, ..base.clone() };
        all.extend([
            base.clone(),
            Search { credential: Some([3; 16]), ..base.clone() },
            Search { connection: Some([3; 16]), ..base.clone() },
            Search { credential: Some([3; 16]), connection: Some([4; 16]), ..base.clone() },
            Search { operation: Some("cups.verb2".to_owned()), ..base.clone() },
            Search { operation: Some("cups.verb2".to_owned()), outcome: Some(Outcome::Refused), ..base.clone() },
            Search { outcome: Some(Outcome::Allowed), credential: Some([4; 16]), ..base.clone() },
            Search { outcome: Some(Outcome::Refused), ..base.clone() },
            Search { actor: Some(ActorKind::User), ..base.clone() },
            Search { actor: Some(ActorKind::Operator), ..base.clone() },
            Search { actor: Some(ActorKind::Connection), outcome: Some(Outcome::Refused), limit: 9, ..base.clone() },
            Search { person: Some([41; 16]), ..base.clone() },
            Search { person: Some([99; 16]), ..base.clone() },
            Search { person: Some([41; 16]), only_looked: Some(false), limit: 5, ..base.clone() },
            Search { person: Some([42; 16]), record: Some([5; 16]), ..base.clone() },
            Search { only_looked: Some(true), ..base.clone() },
            Search { only_looked: Some(false), ..base.clone() },
            Search { only_looked: Some(false), before: Some(150), limit: 7, ..base.clone() },
            Search { only_looked: Some(false), outcome: Some(Outcome::Allowed), ..base.clone() },
            Search { from: Some(at(50)), until: Some(at(120)), ..base.clone() },
            Search { from: Some(at(50)), until: Some(at(190)), connection: Some([0; 16]), ..base.clone() },
            Search { record: Some([12; 16]), ..base.clone() },
            Search { record: Some([177; 16]), ..base.clone() },
            Search { record: Some([250; 16]), ..base.clone() },
            Search { about: vec![[12; 16]], ..base.clone() },
            Search { about: vec![[180; 16], [16; 16], [250; 16]], limit: 9, ..base.clone() },
            Search { about: vec![[250; 16]], ..base.clone() },
            Search { about: vec![[3; 16], [150; 16]], record: Some([5; 16]), ..base.clone() },
            Search { about: vec![[2; 16]], actor: Some(ActorKind::Connection), before: Some(170), limit: 4, ..base.clone() },
            Search { record: Some([5; 16]), connection: Some([1; 16]), outcome: Some(Outcome::Allowed), ..base.clone() },
            Search {
                record: Some([5; 16]),
                from: Some(at(50)),
                until: Some(at(190)),
                before: Some(150),
                limit: 2,
                ..base.clone()
            },
            Search { before: Some(77), ..base.clone() },
            Search { before: Some(190), outcome: Some(Outcome::Refused), ..base.clone() },
            Search { limit: 3, ..base.clone() },
            Search { limit: 0, ..base.clone() },
            Search { request_id: Some(entry(64).request_id), ..base.clone() },
        ]);
    }
    all
}

fn holds(groups: &[RecordGroup], id: &Bytes16) -> bool {
    groups.iter().any(|group| group.ids.chunks(16).any(|one| one == id))
}

/// What a search should find, by looking at everything.
fn naive(all: &[Found], search: &Search) -> Vec<i64> {
    let same = |wanted: &Option<Bytes16>, found: &Option<Bytes16>| wanted.is_none() || wanted == found;
    let fits = |found: &&Found| {
        let entry = &found.entry;
        let refused = entry.status >= 400;
        same(&search.clinic, &entry.clinic)
            && same(&search.credential, &entry.actor.credential)
            && same(&search.connection, &entry.actor.connection)
            && search.request_id.is_none_or(|id| id == entry.request_id)
            && search.operation.as_ref().is_none_or(|operation| *operation == entry.operation)
            && search.actor.is_none_or(|kind| kind == entry.actor.kind)
            && same(&search.person, &entry.actor.on_behalf_of)
            && search.only_looked.is_none_or(|looked| looked == only_looked(entry.actor.kind, &entry.route, entry.status))
            && search.outcome.is_none_or(|outcome| (outcome == Outcome::Refused) == refused)
            && search.from.is_none_or(|from| entry.at >= from)
            && search.until.is_none_or(|until| entry.at < until)
            && search.before.is_none_or(|before| found.position < before)
            && search.record.is_none_or(|record| holds(&entry.records, &record))
            && (search.about.is_empty()
                || search.about.iter().any(|one| entry.told.iter().any(|told| holds(&told.subjects, one))))
    };
    all.iter().rev().filter(fits).map(|found| found.position).take(search.limit).collect()
}

async fn every_condition_finds_what_it_should(home: &Home) {
    for (segment, least) in [(64, 2), (10_000, 0)] {
        let store = home.open_with(segment).await;
        if least > 0 {
            fill(&store).await;
            leave_a_tail(&store).await;
            assert!(number(&store, "SELECT count(*) FROM audit_segments").await >= least);
        }
        let all = all_entries(&store).await;
        assert!(all.len() >= ENTRIES as usize);
        let mut hits = 0;
        for search in searches() {
            let found: Vec<_> = find(&store, &search).await.iter().map(|found| found.position).collect();
            assert_eq!(found, naive(&all, &search), "{search:?}");
            hits += found.len();
        }
        assert!(hits > 500, "{hits}");
        pages_join(&store, &all).await;
        store.close().await.unwrap();
    }
}

/// What an older program indexed has no postings of people. The step of the schema that gives it some
/// is run here over what it would have left.
async fn what_was_indexed_before_people_were_is_found(home: &Home) {
    let store = home.open_with(64).await;
    fill(&store).await;
    let step = migrate::ALL.iter().find(|one| one.name == "0019_people_of_the_log").unwrap();
    let text = if home.engine == Engine::Sqlite { step.sqlite } else { step.postgres };
    let of_all_people = "SELECT count(*) FROM audit_postings WHERE kind = 8 AND length(value) = 0";
    assert_eq!(number(&store, of_all_people).await, 0);
    let redone = write(&store, move |conn, _| {
        async move {
            conn.execute("DELETE FROM audit_postings WHERE kind >= 7", &[]).await.unwrap();
            for statement in text.split_inclusive(';').filter(|statement| statement.contains("INSERT")) {
                conn.execute(statement, &[]).await.unwrap();
            }
            Effect::Keep(Box::new(journal(entry(ENTRIES))))
        }
        .boxed()
    });
    redone.await.unwrap();
    assert!(number(&store, of_all_people).await > 0, "nothing was indexed anew");
    let all = all_entries(&store).await;
    let mut hits = 0;
    for search in searches().into_iter().filter(|search| search.person.is_some() || search.only_looked.is_some()) {
        let found: Vec<_> = find(&store, &search).await.iter().map(|found| found.position).collect();
        assert_eq!(found, naive(&all, &search), "{search:?}");
        hits += found.len();
    }
    assert!(hits > 50, "{hits}");
    store.close().await.unwrap();
}

async fn pages_join(store: &Store, all: &[Found]) {
    let whole = Search { connection: Some([2; 16]), limit: 1_000, ..Search::default() };
    let mut page = Search { limit: 7, ..whole.clone() };
    let mut joined = Vec::new();
    loop {
        let found = find(store, &page).await;
        let Some(last) = found.last() else { break };
        page.before = Some(last.position);
        joined.extend(found.iter().map(|found| found.position));
    }
    assert_eq!(joined, naive(all, &whole));
}

async fn requests_are_found_by_id(home: &Home) {
    let store = home.open_with(32).await;
    fill(&store).await;
    let by_id = |clinic: Option<Bytes16>, id: Bytes16| {
        let found = read(&store, move |conn| by_request(conn, clinic, id).boxed());
        async { found.await.unwrap().unwrap().map(|found| found.entry) }
    };
    for number in [0, 64, 199] {
        let found = by_id(None, varied(number).request_id).await.unwrap();
        assert_eq!(found.operation, varied(number).operation);
    }
    assert!(by_id(varied(64).clinic, varied(64).request_id).await.is_some());
    assert!(by_id(Some([9; 16]), varied(64).request_id).await.is_none());
    assert!(by_id(None, request_id(1_000_064, 9_999)).await.is_none());
}

/// An answer that leaves out an entry would look as if the call had never been made.
async fn a_missing_batch_is_told(home: &Home) {
    let store = home.open_with(64).await;
    fill(&store).await;
    let looks = [
        Search { connection: Some([2; 16]), limit: 1_000, ..Search::default() },
        Search { record: Some([12; 16]), clinic: Some([1; 16]), limit: 1_000, ..Search::default() },
    ];
    for look in &looks {
        assert!(find(&store, look).await.len() > 3, "{look:?}");
    }
    let removed = write(&store, |conn, _| {
        async move {
            let sql = "DELETE FROM audit_batches WHERE first_position = \
                       (SELECT max(first_position) FROM audit_batches WHERE first_position <= 33)";
            assert_eq!(conn.execute(sql, &[]).await.unwrap(), 1);
            Effect::Keep(Box::new(journal(entry(1_000))))
        }
        .boxed()
    });
    removed.await.unwrap();
    for look in looks {
        let found = read(&store, move |conn| {
            let look = look.clone();
            async move { search(conn, &Tail::default(), &look).await.map(|found| found.len()) }.boxed()
        });
        let error = found.await.unwrap().unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
    }
}

/// Entries that no sealer has numbered yet are found all the same.
#[test]
fn unnumbered_entries_are_found() {
    crate::home::run(Engine::Postgres, async |home: &Home| {
        let sealer = home.hold_sealer().await;
        let store = home.open().await;
        for number in 0..20 {
            store.journal(varied(number)).await.unwrap();
        }
        assert_eq!(number(&store, "SELECT count(*) FROM audit_batches").await, 0);
        let refused = Search { outcome: Some(Outcome::Refused), limit: 10, ..Search::default() };
        let found: Vec<_> = find(&store, &refused).await.iter().map(|found| found.position).collect();
        assert_eq!(found, [19, 10, 1]);
        let id = varied(7).request_id;
        let one = read(&store, move |conn| by_request(conn, None, id).boxed()).await.unwrap().unwrap();
        assert!(one.is_some());
        drop(sealer);
        let all = all_entries(&store).await;
        assert_eq!(all.iter().map(|found| found.position).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
        admin(home.url(), "SELECT 1").await;
    });
}

/// Where nobody sealed for hours, entries that arrived hours apart are numbered together, and found.
#[test]
fn a_late_seal_hides_nothing() {
    crate::home::run(Engine::Postgres, async |home: &Home| {
        let sealer = home.hold_sealer().await;
        let store = home.open().await;
        let hourly = |number: u32| {
            let millis = 1_000_000 + i64::from(number) * 3_600_000;
            Entry { at: millis * 1_000, request_id: request_id(millis, number), ..varied(number) }
        };
        for number in 0..12 {
            store.journal(hourly(number)).await.unwrap();
        }
        drop(sealer);
        store.sealed().await.unwrap();
        for number in 0..12 {
            let id = hourly(number).request_id;
            let one = read(&store, move |conn| by_request(conn, None, id).boxed()).await.unwrap().unwrap();
            assert_eq!(one.map(|found| found.position), Some(i64::from(number) + 1));
        }
    });
}
