//! A snapshot that is held over several reads: all of them see the same point in time.
//!
//! It keeps no writer waiting. What it costs is that the database keeps what was overwritten since,
//! on SQLite in the write-ahead log; so it must be bounded in time and number by whoever holds it.

use std::sync::Arc;

use crate::error::{Result, StoreError};
use crate::postgres::HeldPg;
use crate::sqlite::HeldSqlite;
use crate::store::Shared;
use crate::work::ReadWork;

/// One point in time of the database, until it is dropped.
pub struct Snapshot {
    shared: Arc<Shared>,
    held: Held,
}

pub(crate) enum Held {
    Sqlite(HeldSqlite),
    Postgres(HeldPg),
}

impl Snapshot {
    pub(crate) fn new(shared: Arc<Shared>, held: Held) -> Self {
        Self { shared, held }
    }

    /// Runs a read in it.
    pub async fn read(&mut self, work: &mut dyn ReadWork) -> Result<()> {
        self.shared.check()?;
        match &mut self.held {
            Held::Sqlite(held) => held.read(work),
            Held::Postgres(held) => {
                held.read(work).await;
                Ok(())
            }
        }
    }
}

/// What a read on an engine that never waits came to.
pub(crate) fn at_once(ran: Option<()>) -> Result<()> {
    ran.ok_or_else(|| StoreError::Statement("a read waited for something else than the store".to_owned()))
}
