//! The sums of the entries that no segment covers yet, remembered from one question to the next:
//! each of those entries is read once, and not by every page that asks.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Call, Key, Sums};
use crate::error::Result;
use crate::journal::audit::{Bytes16, batch, glance, search};
use crate::sql::{Conn, Row, Value};

/// What a process knows of the tail of one database.
///
/// A question may learn of entries that were committed after its own snapshot was taken; it never
/// misses one from before.
#[derive(Default)]
pub struct Tail(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// The last position that a segment covers.
    indexed: i64,
    /// The last position that is in the sums.
    through: i64,
    sums: Sums,
}

/// The calls of one batch.
struct Batch {
    first_position: i64,
    last_position: i64,
    calls: Vec<Call>,
}

impl Tail {
    /// The tail's sums of a clinic, of one category or of every one, as far as they are wanted.
    pub(super) async fn sums(
        &self,
        conn: &mut dyn Conn,
        clinic: Bytes16,
        category: Option<i64>,
        is_wanted: impl Fn(&Key) -> bool,
    ) -> Result<Sums> {
        let indexed = search::indexed_through(conn).await?;
        let through = self.known_through(indexed);
        let new = batches_after(conn, through.unwrap_or(indexed)).await?;
        let is_wanted = |key: &Key| category.is_none_or(|category| key.1 == category) && is_wanted(key);
        let known = through.and_then(|through| self.learn(indexed, through, &new));
        let known = known.map(|known| known.sums.of(clinic, category, &is_wanted));
        let mut found = match known {
            Some(found) => found,
            None => {
                let mut all = Sums::default();
                let after = if through.is_some() { batches_after(conn, indexed).await? } else { new };
                after.iter().flat_map(|batch| &batch.calls).for_each(|call| all.add_call(call));
                all.of(clinic, category, &is_wanted)
            }
        };
        // Without a position yet, so they are read anew each time; they are few.
        let mut pending = Sums::default();
        let sql = "SELECT batch FROM audit_pending -- all clinics: filtered below";
        let calls = conn.all(sql, &[], |row| calls(row.bytes(0)?)).await?;
        calls.iter().flatten().for_each(|call| pending.add_call(call));
        found.add_all(&pending.of(clinic, category, &is_wanted));
        Ok(found)
    }

    /// Up to where the tail behind this segment is known. `None` if only a later tail is: this
    /// question's snapshot is older than that.
    fn known_through(&self, indexed: i64) -> Option<i64> {
        let mut known = self.lock();
        if known.indexed < indexed || known.through < indexed {
            *known = Known { indexed, through: indexed, sums: Sums::default() };
        }
        (known.indexed == indexed).then_some(known.through)
    }

    /// Takes in what another question has not meanwhile. `None` if the tail became another one.
    fn learn(&self, indexed: i64, read_from: i64, new: &[Batch]) -> Option<MutexGuard<'_, Known>> {
        let mut known = self.lock();
        if known.indexed != indexed || known.through < read_from {
            return None;
        }
        for batch in new {
            if batch.first_position > known.through {
                batch.calls.iter().for_each(|call| known.sums.add_call(call));
                known.through = batch.last_position;
            }
        }
        Some(known)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn batches_after(conn: &mut dyn Conn, position: i64) -> Result<Vec<Batch>> {
    let read =
        |row: &dyn Row| Ok(Batch { first_position: row.int(0)?, last_position: row.int(1)?, calls: calls(row.bytes(2)?)? });
    let sql = "SELECT first_position, last_position, batch FROM audit_batches WHERE first_position > $1 \
               ORDER BY first_position -- all clinics: filtered above";
    conn.all(sql, &[Value::Int(position)], read).await
}

fn calls(bytes: &[u8]) -> Result<Vec<Call>> {
    batch::Packed::new(bytes)?.map(|bytes| Ok(glance::at(bytes?)?.call())).collect()
}
