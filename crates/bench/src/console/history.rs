//! What a clinic has behind it after some years: connections, and audit entries by the million.
//!
//! Entries are copies of ones that the server made itself, moved in time and given to other
//! connections and records. The store journals them as it journals any.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use anyhow::{Context as _, Result, bail};
use clinicos_contract::{Clock, Timestamp, id};
use clinicos_store::journal::audit::{self, ActorKind, Bytes16, Entry, Found, RecordGroup, Search};
use clinicos_store::{Conn, Location, Options, ReadWork, Store};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;

/// From one entry to the next: a million make ninety days.
const STEP_US: i64 = 7_776_000;
/// Entries that are on their way to the disk at a time, and so in one batch at most: it spans
/// minutes, and no batch that a server writes spans more.
const UNDER_WAY: usize = 64;
/// Of a hundred calls so many ask for a list, and so many are refused; the rest ask for one record.
const LISTS: u64 = 15;
const REFUSALS: u64 = 10;

/// A connection that called.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The connection's UUID.
    pub connection: Bytes16,
    /// Its key's.
    pub key: Bytes16,
}

/// What to search for afterwards.
#[derive(Debug, Clone)]
pub struct Marks {
    /// A record that few entries show, all of them old.
    pub record: Bytes16,
    /// An entry in the middle.
    pub request: Bytes16,
    /// When that entry was made, in microseconds.
    pub at: i64,
    /// A connection that stopped calling long ago.
    pub connection: Bytes16,
    /// A client of whom few entries tell, all of them old.
    pub client: Bytes16,
}

/// A clock that stands where the next entry is.
struct At(AtomicI64, AtomicU64);

impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }

    fn monotonic_ns(&self) -> u64 {
        self.1.fetch_add(1_000, Ordering::SeqCst)
    }
}

/// Who called, which records they were shown, and whose those are.
type Told<'t> = (&'t [Caller], &'t [Bytes16], &'t [Bytes16]);

/// Journals so many entries of these. The server is stopped.
pub fn fill(location: Location, told: Told<'_>, wanted: u64) -> Result<Marks> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let now = jiff::Timestamp::now().as_microsecond();
        let clock = Arc::new(At(AtomicI64::new(now), AtomicU64::new(0)));
        let options = Options { location, environment: "sandbox".to_owned(), clock: clock.clone(), faults: None };
        let store = Store::open(options).await?;
        let samples = Samples::read(&store).await?;
        let marks = journal(&store, &clock, &samples, told, wanted, now).await?;
        store.sealed().await?;
        store.close().await?;
        Ok(marks)
    })
}

async fn journal(
    store: &Store,
    clock: &At,
    samples: &Samples,
    (callers, records, clients): Told<'_>,
    wanted: u64,
    now: i64,
) -> Result<Marks> {
    let (mut random, mut under_way) = (Random(7), FuturesUnordered::new());
    let (rare, others) = records.split_first().context("the clinic has no records")?;
    let (quiet, busy) = callers.split_first().context("the clinic has no connections")?;
    let (client, other_clients) = clients.split_first().context("the clinic has no clients")?;
    let mut marks = Marks { record: *rare, request: [0; 16], at: 0, connection: quiet.connection, client: *client };
    for number in 0..wanted {
        let at = now - i64::try_from(wanted - number)? * STEP_US;
        clock.0.store(at, Ordering::SeqCst);
        let entry_id = id::uuid_v7(at / 1_000, random.bytes());
        // What is rare came in the first hundredth.
        let is_early = number < wanted / 100 && number % 97 == 0;
        let caller = if is_early { quiet } else { random.of(busy)? };
        let mut entry = samples.pick(&mut random).clone();
        entry.at = at;
        entry.request_id = entry_id;
        entry.salt = id::uuid_v7(at, random.bytes());
        entry.actor.connection = Some(caller.connection);
        entry.actor.credential = Some(caller.key);
        let is_of_client = is_early && number % 9_700 == 0;
        for group in &mut entry.records {
            replace(group, &mut random, is_early.then_some(rare), others)?;
        }
        for group in entry.told.iter_mut().flat_map(|told| &mut told.subjects) {
            replace(group, &mut random, is_of_client.then_some(client), other_clients)?;
        }
        if number == wanted / 2 {
            (marks.request, marks.at) = (entry_id, at);
        }
        under_way.push(store.journal(entry));
        while under_way.len() >= UNDER_WAY {
            drop(under_way.next().await.context("nothing is under way")??);
        }
        if number % 100_000 == 0 {
            eprintln!("{number} audit entries of {wanted}");
        }
    }
    while let Some(done) = under_way.next().await {
        drop(done?);
    }
    Ok(marks)
}

/// Puts others in the place of ids: one, or any of several.
fn replace(group: &mut RecordGroup, random: &mut Random, only: Option<&Bytes16>, others: &[Bytes16]) -> Result<()> {
    let count = group.ids.len() / 16;
    group.ids.clear();
    for _ in 0..count {
        group.ids.extend_from_slice(match only {
            Some(only) => only,
            None => random.of(others)?,
        });
    }
    Ok(())
}

/// Entries that the server made.
struct Samples {
    one: Entry,
    list: Entry,
    refused: Entry,
}

impl Samples {
    async fn read(store: &Store) -> Result<Self> {
        store.sealed().await?;
        let mut read = Read(None);
        store.read(&mut read).await?;
        let found = read.0.context("nothing was read")??;
        let of = |operation: &str, refused: bool| {
            let mut fitting = found.iter().map(|found| &found.entry).filter(|entry| {
                entry.operation == operation && entry.actor.kind == ActorKind::Connection && (entry.status >= 400) == refused
            });
            fitting.next().cloned().with_context(|| format!("the server made no entry of `{operation}`"))
        };
        Ok(Self { one: of("invoices.get", false)?, list: of("invoices.list", false)?, refused: of("clients.list", true)? })
    }

    fn pick(&self, random: &mut Random) -> &Entry {
        match random.next() % 100 {
            0..LISTS => &self.list,
            part if part < LISTS + REFUSALS => &self.refused,
            _ => &self.one,
        }
    }
}

struct Read(Option<clinicos_store::Result<Vec<Found>>>);

impl ReadWork for Read {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async {
            self.0 = Some(audit::search(conn, &audit::Tail::default(), &Search { limit: 5_000, ..Search::default() }).await);
        })
    }
}

/// Numbers that repeat with each run (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn of<'i, T>(&mut self, items: &'i [T]) -> Result<&'i T> {
        if items.is_empty() {
            bail!("there is nothing to choose from");
        }
        let place = self.next() % items.len() as u64;
        items.get(usize::try_from(place)?).context("the place is beyond the end")
    }

    fn bytes(&mut self) -> [u8; 10] {
        let (a, b) = (self.next().to_le_bytes(), self.next().to_le_bytes());
        let mut all = a.into_iter().take(5).chain(b.into_iter().take(5));
        std::array::from_fn(|_| all.next().unwrap_or_default())
    }
}
