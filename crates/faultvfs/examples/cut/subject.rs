//! What the cut is tried on: the product's store, with a small table of its own.
//!
//! The rest of the example knows it by `open`, `call`, `read` and `read_back` only. The store
//! knows nothing of fault layers: the layer is made SQLite's default while it is open.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use anyhow::{Context as _, Result, anyhow};
use clinicos_contract::{Clock, Timestamp};
use clinicos_store::journal::audit::{Entry, Search, Tail, search};
use clinicos_store::journal::idempotency::Stored;
use clinicos_store::journal::outbox::{self, Event};
use clinicos_store::migrate::{self, Migration};
use clinicos_store::store::Tuning;
use clinicos_store::{Conn, Effect, Journal, Location, Options, ReadWork, Receipt, Store, StoreError, Value, WriteWork};
use futures_util::future::BoxFuture;

/// Low, so that cuts hit the making of postings too.
const SEGMENT_ENTRIES: usize = 200;
const PAGE: usize = 500;
const CUPS: &str = "CREATE TABLE cups (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL) CLUSTERED;";

/// What a call comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A row, an event, a stored result and an audit entry.
    Written,
    /// A row that is taken back; an audit entry.
    Refused,
    /// An audit entry that stands alone.
    Read,
}

/// What was found after the cut.
#[derive(Debug, Default)]
pub struct Found {
    pub rows: Vec<u64>,
    pub entries: Vec<u64>,
    pub events: Vec<u64>,
    pub results: Vec<u64>,
    /// The database is whole, and positions have no gaps.
    pub sound: bool,
}

/// The store under test.
pub struct Subject {
    store: Store,
}

struct StillClock;

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_767_225_600_000_000)
    }
    fn monotonic_ns(&self) -> u64 {
        0
    }
}

impl Subject {
    /// Opens or creates it.
    pub fn open(path: &Path) -> Result<Self> {
        let options = Options {
            location: Location::Sqlite(path.to_owned()),
            environment: "sandbox".to_owned(),
            clock: Arc::new(StillClock),
            faults: None,
        };
        let tuning = Tuning { segment_entries: SEGMENT_ENTRIES, migrations: schema() };
        Ok(Self { store: wait(Store::open_tuned(options, tuning))? })
    }

    /// Makes a call; `Ok` is the acknowledgement.
    pub fn call(&self, id: u64, kind: Kind) -> Result<()> {
        if kind == Kind::Read {
            let _on_disk: Receipt = wait(self.store.journal(entry(id, 200)))?;
            return Ok(());
        }
        let (done, answer) = channel();
        self.store.submit(Box::new(Call { id, kind, done }));
        answer.recv().context("the call was never settled")?.map_err(|error| anyhow!("not committed: {error}"))
    }

    /// A read beside the writer.
    pub fn read(&self) -> Result<u64> {
        let mut everything = Everything::default();
        wait(self.store.read(&mut everything))?;
        Ok(everything.found.rows.len() as u64)
    }

    /// Opens the image of a disk as a server would at its start, and reads everything.
    pub fn read_back(path: &Path) -> Result<Found> {
        let subject = Self::open(path)?;
        let mut everything = Everything::default();
        wait(subject.store.read(&mut everything))?;
        if let Some(error) = everything.error {
            return Err(error.into());
        }
        wait(subject.store.close())?;
        drop(subject);
        let connection = rusqlite::Connection::open(path)?;
        let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        let dense = everything.positions.iter().zip(1..).all(|(position, expected)| *position == expected);
        Ok(Found { sound: check == "ok" && dense, ..everything.found })
    }
}

/// The product's schema, and a table to write to.
fn schema() -> &'static [Migration] {
    let version = migrate::ALL.len() as i64 + 1;
    let mut all = migrate::ALL.to_vec();
    all.push(Migration { version, name: "cups", common: CUPS, sqlite: "", postgres: "" });
    Box::leak(all.into_boxed_slice())
}

fn wait<T>(work: impl Future<Output = clinicos_store::Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    Ok(runtime.block_on(work)?)
}

fn entry(id: u64, status: u16) -> Entry {
    Entry {
        request_id: u128::from(id).to_be_bytes(),
        environment: "sandbox".to_owned(),
        operation: "cups.create".to_owned(),
        status,
        // Each from a source of its own, so that refusals are not folded into one entry.
        source_key: id,
        ..Entry::default()
    }
}

struct Call {
    id: u64,
    kind: Kind,
    done: Sender<Result<(), StoreError>>,
}

impl WriteWork for Call {
    fn is_security(&self) -> bool {
        false
    }

    fn attempt<'c>(&'c mut self, conn: &'c mut dyn Conn, _applied_seq: i64) -> BoxFuture<'c, Effect> {
        Box::pin(async move {
            let id = self.id.cast_signed();
            let name = format!("cup number {id}, with a name of some length");
            let insert = "INSERT INTO cups (id, name) VALUES ($1, $2)";
            if let Err(error) = conn.execute(insert, &[Value::Int(id), Value::Owned(name)]).await {
                return Effect::Failed(error);
            }
            if self.kind == Kind::Refused {
                return Effect::Discard(Box::new(entry(self.id, 409)));
            }
            Effect::Keep(Box::new(Journal {
                entry: entry(self.id, 201),
                beside: Vec::new(),
                events: vec![event(self.id)],
                idempotency: Some(result(self.id)),
                security: Vec::new(),
            }))
        })
    }

    fn settle(self: Box<Self>, outcome: Result<Receipt, StoreError>) {
        let _ = self.done.send(outcome.map(|_receipt| ()));
    }
}

fn event(id: u64) -> Event {
    Event {
        id: format!("evt_{id}"),
        name: "cup.created",
        version: 1,
        clinic_id: None,
        record_id: id.to_string(),
        sequence: 1,
        payload: "{}".to_owned(),
        at: 0,
    }
}

fn result(id: u64) -> Stored {
    Stored {
        scope: "operator".to_owned(),
        key: id.to_string(),
        operation: "cups.create".to_owned(),
        fingerprint: Vec::new(),
        result: Vec::new(),
        at: 0,
    }
}

#[derive(Default)]
struct Everything {
    found: Found,
    positions: Vec<i64>,
    error: Option<StoreError>,
}

impl ReadWork for Everything {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move {
            self.error = self.load(conn).await.err();
        })
    }
}

impl Everything {
    async fn load(&mut self, conn: &mut dyn Conn) -> clinicos_store::Result<()> {
        let number = |text: &str| text.parse().unwrap_or(u64::MAX);
        self.found.rows = conn.all("SELECT id FROM cups", &[], |row| row.int(0).map(i64::cast_unsigned)).await?;
        self.found.results = conn.all("SELECT key FROM idempotency", &[], |row| row.text(0).map(number)).await?;
        let events = outbox::after(conn, 0, i64::MAX).await?;
        self.found.events = events.iter().map(|event| number(&event.record_id)).collect();
        let mut before = None;
        loop {
            let page = search(conn, &Tail::default(), &Search { before, limit: PAGE, ..Search::default() }).await?;
            let Some(last) = page.last() else { break };
            before = Some(last.position);
            self.positions.extend(page.iter().map(|found| found.position));
            self.found.entries.extend(page.iter().map(|found| u128::from_be_bytes(found.entry.request_id) as u64));
        }
        self.positions.reverse();
        Ok(())
    }
}
