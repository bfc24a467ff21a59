//! What the cut is tried on: a store in the shape of the product's, with one writer thread,
//! group commit, a savepoint per call, and a row, an event and an audit batch in one commit.
//!
//! The rest of the example knows it by `open`, `call`, `read` and `read_back` only.

use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use anyhow::{Context as _, Result, anyhow};
use rusqlite::{Connection, OpenFlags};

const BATCH_MAX: usize = 512;
/// Pages in the log before it is copied into the database: low, so that cuts hit that too.
const CHECKPOINT_PAGES: i64 = 50;

const SCHEMA: &str = "
    CREATE TABLE clients (clinic_id TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL,
                          PRIMARY KEY (clinic_id, id)) WITHOUT ROWID;
    CREATE TABLE outbox (id INTEGER PRIMARY KEY, record_id INTEGER NOT NULL);
    CREATE TABLE audit_batches (position INTEGER PRIMARY KEY, entries BLOB NOT NULL);
";

/// What a call comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A row, an event and an audit entry.
    Written,
    /// An audit entry only.
    Refused,
}

/// What was found after the cut.
#[derive(Debug, Default)]
pub struct Found {
    pub rows: Vec<u64>,
    pub entries: Vec<u64>,
    pub events: Vec<u64>,
    pub sound: bool,
}

struct Call {
    id: u64,
    kind: Kind,
    done: SyncSender<bool>,
}

/// The store under test.
pub struct Subject {
    calls: Option<SyncSender<Call>>,
    writer: Option<JoinHandle<()>>,
    reader: Mutex<Connection>,
}

impl Subject {
    /// Opens or creates it through a file layer.
    pub fn open(path: &Path, vfs: Option<&str>) -> Result<Self> {
        let mut connection = connect(path, vfs)?;
        connection.execute_batch(SCHEMA)?;
        let reader = Mutex::new(connect(path, vfs)?);
        let (calls, waiting) = sync_channel(BATCH_MAX);
        let writer = std::thread::spawn(move || write_batches(&mut connection, &waiting));
        Ok(Self { calls: Some(calls), writer: Some(writer), reader })
    }

    /// Makes a call; `Ok` is the acknowledgement.
    pub fn call(&self, id: u64, kind: Kind) -> Result<()> {
        let (done, answer) = sync_channel(1);
        let calls = self.calls.as_ref().context("the store is closed")?;
        calls.send(Call { id, kind, done }).map_err(|_| anyhow!("the writer has stopped"))?;
        if answer.recv().unwrap_or(false) { Ok(()) } else { Err(anyhow!("not committed")) }
    }

    /// A read beside the writer, on another connection.
    pub fn read(&self) -> Result<i64> {
        let reader = self.reader.lock().map_err(|_| anyhow!("a reader panicked"))?;
        Ok(reader.query_row("SELECT count(*) FROM clients WHERE clinic_id = 'cli_a'", [], |row| row.get(0))?)
    }

    /// Opens the image of a disk and reads everything.
    pub fn read_back(path: &Path) -> Result<Found> {
        let connection = connect(path, None)?;
        let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        let mut found = Found { sound: check == "ok", ..Found::default() };
        found.rows = numbers(&connection, "SELECT id FROM clients WHERE clinic_id = 'cli_a'")?;
        found.events = numbers(&connection, "SELECT record_id FROM outbox")?;
        let mut statement = connection.prepare("SELECT entries FROM audit_batches ORDER BY position")?;
        let mut batches = statement.query([])?;
        while let Some(batch) = batches.next()? {
            let packed: Vec<u8> = batch.get(0)?;
            found.entries.extend(packed.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)));
        }
        Ok(found)
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        self.calls = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn connect(path: &Path, vfs: Option<&str>) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match vfs {
        Some(name) => Connection::open_with_flags_and_vfs(path, flags, name)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    Ok(connection)
}

fn numbers(connection: &Connection, sql: &str) -> Result<Vec<u64>> {
    let mut statement = connection.prepare(sql)?;
    let found = statement.query_map([], |row| row.get::<_, i64>(0))?;
    Ok(found.map(|number| number.map(i64::cast_unsigned)).collect::<rusqlite::Result<_>>()?)
}

fn write_batches(connection: &mut Connection, waiting: &Receiver<Call>) {
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter().take(BATCH_MAX - 1));
        let committed = commit(connection, &batch).is_ok();
        for call in batch {
            let _ = call.done.send(committed);
        }
    }
}

fn commit(connection: &mut Connection, batch: &[Call]) -> Result<()> {
    let mut transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut packed = Vec::new();
    for call in batch {
        let mut savepoint = transaction.savepoint()?;
        let id = call.id.cast_signed();
        let name = format!("client number {id} with a name of some length");
        savepoint.execute("INSERT INTO clients (clinic_id, id, name) VALUES ('cli_a', ?1, ?2)", (id, name))?;
        savepoint.execute("INSERT INTO outbox (record_id) VALUES (?1)", [id])?;
        if call.kind == Kind::Refused {
            savepoint.rollback()?;
        }
        savepoint.commit()?;
        packed.extend(call.id.to_le_bytes());
    }
    transaction.execute("INSERT INTO audit_batches (entries) VALUES (?1)", [packed])?;
    transaction.commit()?;
    Ok(())
}
