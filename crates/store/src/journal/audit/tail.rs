//! The tail of the journal: the entries that no segment covers yet.
//!
//! What questions need of them is remembered from one question to the next, so that each of these
//! entries is read once, and not by every page that asks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::glance::{self, Brief};
use super::usage::{Call, Sum, Sums};
use super::{Bytes16, Search, batch, records, search};
use crate::error::Result;
use crate::sql::{Conn, Row, Value};

/// What a process knows of the tail of one database.
///
/// A question may learn of entries that were committed after its own snapshot was taken; it never
/// misses one from before.
#[derive(Default)]
pub struct Tail {
    known: Mutex<Known>,
    written: Mutex<Written>,
}

/// The hours of a clinic's connections that were asked for lately.
pub(super) type Hours = Arc<Vec<Sum>>;

/// Sums that are written, kept until a segment adds to them.
#[derive(Default)]
struct Written {
    indexed: i64,
    hours: BTreeMap<(Bytes16, i64), Hours>,
}

/// Most clinics and times whose hours are kept.
const KEPT_MAX: usize = 32;

/// A tail, as far as it was read.
#[derive(Default)]
pub(super) struct Known {
    /// The last position that a segment covers.
    indexed: i64,
    /// What each entry behind it is about.
    briefs: Vec<Brief>,
    /// The hashes of the records that they showed and of whose data they told, and for each entry where
    /// its own end.
    shown: Vec<u64>,
    ends: Vec<usize>,
    /// What they add to the sums of usage.
    pub(super) sums: Sums,
}

/// An entry on its way there.
struct New {
    brief: Brief,
    call: Call,
    shown: Vec<u64>,
}

/// The entries of one batch.
struct Batch {
    first_position: i64,
    entries: Vec<New>,
}

impl Tail {
    /// Lets a question look at the tail behind the last segment of its snapshot. One that adds entries
    /// without a position says up to where its snapshot has positions: another may have seen those
    /// entries with one, and they would count twice.
    pub(super) async fn look<T>(&self, conn: &mut dyn Conn, until: i64, look: impl Fn(&Known) -> T) -> Result<T> {
        let indexed = search::indexed_through(conn).await?;
        let through = self.known_through(indexed);
        let mut new = batches_after(conn, through.unwrap_or(indexed)).await?;
        if let Some(through) = through {
            let found = self.learn(indexed, through, &mut new).filter(|known| known.through() <= until).map(|known| look(&known));
            if let Some(found) = found {
                return Ok(found);
            }
            new = batches_after(conn, indexed).await?;
        }
        // Another question has seen more: the tail of this one's snapshot is read for it alone.
        let mut own = Known { indexed, ..Known::default() };
        new.into_iter().for_each(|batch| own.take(batch));
        Ok(look(&own))
    }

    /// Up to where the tail behind this segment is known. `None` if only a later tail is.
    fn known_through(&self, indexed: i64) -> Option<i64> {
        let mut known = self.lock();
        if known.indexed < indexed {
            *known = Known { indexed, ..Known::default() };
        }
        (known.indexed == indexed).then(|| known.through())
    }

    /// Takes in what another question has not meanwhile. `None` if the tail became another one.
    fn learn(&self, indexed: i64, read_from: i64, new: &mut Vec<Batch>) -> Option<MutexGuard<'_, Known>> {
        let mut known = self.lock();
        if known.indexed != indexed || known.through() < read_from {
            return None;
        }
        for batch in new.drain(..) {
            if batch.first_position > known.through() {
                known.take(batch);
            }
        }
        Some(known)
    }

    /// The hours of a clinic since one that are written up to this segment, if they are kept.
    pub(super) fn kept_hours(&self, indexed: i64, clinic: Bytes16, since: i64) -> Option<Hours> {
        let written = self.written();
        written.hours.get(&(clinic, since)).filter(|_| written.indexed == indexed).cloned()
    }

    /// Keeps them.
    pub(super) fn keep_hours(&self, indexed: i64, clinic: Bytes16, since: i64, hours: &Hours) {
        let mut written = self.written();
        if indexed < written.indexed {
            return;
        }
        if written.indexed < indexed || written.hours.len() >= KEPT_MAX {
            *written = Written { indexed, hours: BTreeMap::new() };
        }
        written.hours.insert((clinic, since), hours.clone());
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The last position that is known: positions are dense.
    fn through(&self) -> i64 {
        self.position(self.briefs.len()) - 1
    }

    fn position(&self, index: usize) -> i64 {
        self.indexed + 1 + i64::try_from(index).unwrap_or(i64::MAX)
    }

    fn take(&mut self, batch: Batch) {
        for New { brief, call, shown } in batch.entries {
            self.sums.add_call(&call);
            self.shown.extend(shown);
            self.ends.push(self.shown.len());
            self.briefs.push(brief);
        }
    }

    /// Where entries stand that meet the conditions, oldest first. One of many million others may
    /// be among those that show a record.
    pub(super) fn positions(&self, wanted: &Search) -> Vec<i64> {
        let fits = |index: &usize| self.briefs.get(*index).is_some_and(|brief| search::fits(wanted, &brief.facts()));
        let sought = records::sought(wanted);
        let found: Vec<usize> = match sought.first() {
            // The entries themselves are held against the rest.
            Some(any) => self.holding(any).into_iter().filter(fits).collect(),
            None => (0..self.briefs.len()).filter(fits).collect(),
        };
        found.into_iter().map(|index| self.position(index)).collect()
    }

    /// The entries that hold one of these hashes.
    fn holding(&self, any: &[u64]) -> Vec<usize> {
        let places = self.shown.iter().enumerate().filter(|(_, hash)| any.contains(hash)).map(|(place, _)| place);
        let mut entries: Vec<usize> = places.map(|place| self.ends.partition_point(|end| *end <= place)).collect();
        entries.dedup();
        entries
    }
}

async fn batches_after(conn: &mut dyn Conn, position: i64) -> Result<Vec<Batch>> {
    let read = |row: &dyn Row| {
        let entries = batch::Packed::new(row.bytes(1)?)?.map(|bytes| {
            let glance = glance::at(bytes?)?;
            Ok(New { brief: glance.brief(), call: glance.call(), shown: glance.hashes() })
        });
        Ok(Batch { first_position: row.int(0)?, entries: entries.collect::<Result<_>>()? })
    };
    let sql = "SELECT first_position, batch FROM audit_batches WHERE first_position > $1 \
               ORDER BY first_position -- all clinics: filtered above";
    conn.all(sql, &[Value::Int(position)], read).await
}
