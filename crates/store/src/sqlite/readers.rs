//! Readers: a connection for each thread and store, opened when first needed.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use futures_util::FutureExt;

use super::conn::SqliteConn;
use crate::error::{Result, StoreError};
use crate::snapshot::at_once;
use crate::work::ReadWork;

static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// Which database a reader belongs to. Readers of a store that is gone are closed when their
/// thread next opens one.
pub(super) struct Source {
    id: u64,
    file: PathBuf,
}

impl Source {
    pub(super) fn new(file: PathBuf) -> Arc<Self> {
        Arc::new(Self { id: NEXT_ID.fetch_add(1, Ordering::Relaxed), file })
    }
}

struct Reader {
    id: u64,
    source: Weak<Source>,
    conn: SqliteConn,
}

thread_local! {
    static READERS: RefCell<Vec<Reader>> = const { RefCell::new(Vec::new()) };
}

/// Runs a read on this thread, in one snapshot.
pub(super) fn read(source: &Arc<Source>, work: &mut dyn ReadWork) -> Result<()> {
    // The reader is out of the list while it works, so a read inside a read opens another one.
    let mut reader = match borrow(source.id) {
        Some(reader) => reader,
        None => Reader { id: source.id, source: Arc::downgrade(source), conn: SqliteConn::reader(&source.file)? },
    };
    reader.conn.command("BEGIN DEFERRED")?;
    let ran = work.run(&mut reader.conn).now_or_never();
    reader.conn.command("COMMIT")?;
    READERS.with_borrow_mut(|readers| readers.push(reader));
    ran.ok_or_else(|| StoreError::Statement("a read waited for something else than the store".to_owned()))
}

/// A reader whose snapshot stays.
pub(crate) struct HeldSqlite(SqliteConn);

impl HeldSqlite {
    pub(super) fn open(source: &Source) -> Result<Self> {
        let conn = SqliteConn::reader(&source.file)?;
        // The snapshot is taken by the first read, not by the beginning.
        conn.batch("BEGIN DEFERRED; SELECT 1 FROM sqlite_schema LIMIT 1;")?;
        Ok(Self(conn))
    }

    pub(crate) fn read(&mut self, work: &mut dyn ReadWork) -> Result<()> {
        at_once(work.run(&mut self.0).now_or_never())
    }
}

fn borrow(id: u64) -> Option<Reader> {
    READERS.with_borrow_mut(|readers| match readers.iter().position(|reader| reader.id == id) {
        Some(at) => Some(readers.swap_remove(at)),
        None => {
            readers.retain(|reader| reader.source.strong_count() > 0);
            None
        }
    })
}
