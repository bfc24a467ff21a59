//! What must hold in a journal, counted: for `clinicos doctor` and for fault runs.

use std::collections::HashMap;

use futures_util::future::BoxFuture;

use crate::error::{Result, StoreError};
use crate::journal::audit::{Bytes16, Entry, batch};
use crate::sql::{Conn, Value};
use crate::store::Store;
use crate::work::ReadWork;

/// Batches that are read at once.
const BATCHES: i64 = 500;

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// Audit entries.
    pub audit_entries: u64,
    /// Requests with more entries than one.
    pub doubled_entries: u64,
    /// Numbers that are missing from the positions of entries.
    pub position_gaps: u64,
    /// Numbers that are missing from the sequence of a clinic's entries.
    pub sequence_gaps: u64,
    /// Events.
    pub events: u64,
    /// Numbers that are missing from the positions of events.
    pub event_gaps: u64,
}

/// Reads the whole journal and counts.
pub async fn run(store: &Store) -> Result<Health> {
    let mut check = Check { result: None };
    store.read(&mut check).await?;
    check.result.unwrap_or_else(|| Err(StoreError::Unavailable("the check did not run".to_owned())))
}

struct Check {
    result: Option<Result<Health>>,
}

impl ReadWork for Check {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move { self.result = Some(count(conn).await) })
    }
}

#[derive(Default)]
struct Count {
    health: Health,
    position: i64,
    sequences: HashMap<Option<Bytes16>, u64>,
    /// Entries of each request, by clinic: one that several clinics are told of has one at each.
    requests: HashMap<(Option<Bytes16>, Bytes16), u32>,
}

async fn count(conn: &mut dyn Conn) -> Result<Health> {
    let mut count = Count::default();
    loop {
        let batches = conn
            .all(
                "SELECT first_position, batch FROM audit_batches WHERE first_position > $1 ORDER BY first_position LIMIT $2 \
                 -- all clinics: the journal as a whole",
                &[Value::Int(count.position), Value::Int(BATCHES)],
                |row| Ok((row.int(0)?, batch::unpack(row.bytes(1)?)?)),
            )
            .await?;
        if batches.is_empty() {
            break;
        }
        for (first, entries) in batches {
            count.health.position_gaps += first.saturating_sub(count.position + 1).unsigned_abs();
            count.position = first - 1;
            entries.iter().for_each(|entry| count.entry(entry));
        }
    }
    count.health.doubled_entries = count.requests.values().filter(|entries| **entries > 1).count() as u64;
    let (events, last) = conn
        .one("SELECT COUNT(*), COALESCE(MAX(position), 0) FROM outbox -- all clinics: the journal as a whole", &[], |row| {
            Ok((row.int(0)?, row.int(1)?))
        })
        .await?
        .unwrap_or_default();
    count.health.events = events.unsigned_abs();
    count.health.event_gaps = last.abs_diff(events);
    Ok(count.health)
}

impl Count {
    fn entry(&mut self, entry: &Entry) {
        self.position += 1;
        self.health.audit_entries += 1;
        *self.requests.entry((entry.clinic, entry.request_id)).or_default() += 1;
        let last = self.sequences.entry(entry.clinic).or_default();
        self.health.sequence_gaps += u64::from(entry.sequence != *last + 1);
        *last = entry.sequence;
    }
}
