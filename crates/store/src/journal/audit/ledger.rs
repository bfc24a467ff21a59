//! The ledger gives entries their position, sequence and epoch. There is one for each
//! database, held by whoever commits batches: the writer, or the sealer.

use std::collections::HashMap;

use crate::journal::idempotency;

use super::postings::Segment;
use super::{Bytes16, Entry, batch};
use crate::error::{Result, StoreError};
use crate::sql::{Conn, Value};

/// Entries that one segment of postings covers.
pub(crate) const SEGMENT_ENTRIES: usize = 4096;

/// The longest time between the first and the last arrival in one batch.
pub(crate) const BATCH_SPAN_MAX_US: i64 = 900_000_000;

/// Where the numbering stands, and what is not indexed yet.
pub(crate) struct Ledger {
    epoch: u32,
    last_position: i64,
    /// The last sequence of each clinic; of entries without a clinic under `None`.
    sequences: HashMap<Option<Bytes16>, u64>,
    segment: Segment,
    segment_entries: usize,
}

/// A batch as it is stored.
pub(crate) struct Sealed {
    first_position: i64,
    last_position: i64,
    first_at: i64,
    last_at: i64,
    bytes: Vec<u8>,
}

impl Ledger {
    /// Recovers the numbering from the heads of the last segment and the batches after it.
    pub(crate) async fn load(conn: &mut dyn Conn, epoch: u32, segment_entries: usize) -> Result<Self> {
        let indexed = super::search::indexed_through(conn).await?;
        let mut sequences = HashMap::new();
        let mut head = |row: &dyn crate::Row| {
            let sequence = u64::try_from(row.int(1)?).map_err(|_| StoreError::Corrupt("a head of the audit log".to_owned()))?;
            sequences.insert(row.bytes(0)?.try_into().ok(), sequence);
            Ok(())
        };
        let heads = "SELECT clinic_id, sequence FROM audit_heads -- all clinics: numbering goes on for each";
        conn.query(heads, &[], &mut head).await?;
        let mut ledger = Self { epoch, last_position: indexed, sequences, segment: Segment::new(indexed), segment_entries };
        let mut tail = |row: &dyn crate::Row| ledger.replay(row.int(0)?, row.bytes(1)?);
        let sql = "SELECT first_position, batch FROM audit_batches WHERE first_position > $1 ORDER BY first_position";
        conn.query(sql, &[Value::Int(indexed)], &mut tail).await?;
        Ok(ledger)
    }

    /// Takes in a batch that was committed before.
    fn replay(&mut self, first_position: i64, bytes: &[u8]) -> Result<()> {
        if first_position != self.last_position + 1 {
            return Err(StoreError::Corrupt(format!("the audit log has a gap before position {first_position}")));
        }
        for entry in batch::unpack(bytes)? {
            self.last_position += 1;
            self.sequences.insert(entry.clinic, entry.sequence);
            self.segment.add(self.last_position, &entry);
        }
        Ok(())
    }

    /// Numbers entries and packs them. They count as committed: if they are not, the ledger
    /// has to be loaded again.
    pub(crate) fn seal(&mut self, entries: &mut [Entry]) -> Result<Option<Sealed>> {
        let Some(first) = entries.first() else { return Ok(None) };
        let first_position = self.last_position + 1;
        let (mut first_at, mut last_at) = (first.at, first.at);
        for entry in entries.iter_mut() {
            let sequence = self.sequences.entry(entry.clinic).or_insert(0);
            *sequence += 1;
            (entry.epoch, entry.sequence) = (self.epoch, *sequence);
            self.last_position += 1;
            (first_at, last_at) = (first_at.min(entry.at), last_at.max(entry.at));
            self.segment.add(self.last_position, entry);
        }
        let bytes = batch::pack(entries)?;
        Ok(Some(Sealed { first_position, last_position: self.last_position, first_at, last_at, bytes }))
    }

    /// Writes a batch, and the postings of a segment once it is full.
    pub(crate) async fn append(&mut self, conn: &mut dyn Conn, sealed: &Sealed) -> Result<()> {
        let sql =
            "INSERT INTO audit_batches (first_position, last_position, first_at, last_at, batch) VALUES ($1, $2, $3, $4, $5)";
        let params = [
            Value::Int(sealed.first_position),
            Value::Int(sealed.last_position),
            Value::Int(sealed.first_at),
            Value::Int(sealed.last_at),
            Value::Bytes(&sealed.bytes),
        ];
        conn.execute(sql, &params).await?;
        if self.segment.entries() >= self.segment_entries {
            let full = std::mem::replace(&mut self.segment, Segment::new(self.last_position));
            full.write(conn, &self.sequences).await?;
            // The journal's own measure of time passing: results that nobody may replay any more go.
            idempotency::purge(conn, sealed.last_at.saturating_sub(idempotency::KEPT_US)).await?;
        }
        Ok(())
    }
}
