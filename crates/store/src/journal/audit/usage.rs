//! Usage: how often each connection called, and how much it read, by hour and category of data.
//!
//! Sums grow in memory with a segment's postings and are added to their rows when the segment is
//! written; a question adds the entries of the tail that no segment covers yet.

use std::collections::BTreeMap;

use super::{Bytes16, Entry, batch, fold, glance, search};
use crate::error::{Result, StoreError};
use crate::sql::{Conn, Row, Value};

const US_PER_HOUR: i64 = 3_600_000_000;
/// The hour that stands for all of time.
const EVER: i64 = 0;
/// The category that stands for all of them.
const EVERY: i64 = -1;
/// Stands where a category would, for the last use of credentials: those rows hold a credential
/// where the others hold a connection.
const CREDENTIALS: i64 = -2;
const CATEGORIES: i64 = 16;

/// Calls, and what they read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Calls, refused ones included.
    pub calls: i64,
    /// Calls that were refused.
    pub refused: i64,
    /// Records in the answers.
    pub records: i64,
    /// When the last call arrived, in microseconds.
    pub last_at: i64,
}

impl Usage {
    /// Adds another one.
    pub fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.refused += other.refused;
        self.records += other.records;
        self.last_at = self.last_at.max(other.last_at);
    }
}

/// One sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// The connection.
    pub connection: Bytes16,
    /// Hours since 1970; `None` is all of time.
    pub hour: Option<i64>,
    /// A bit of the data categories; `None` is all of them.
    pub category: Option<u8>,
    /// What was used.
    pub usage: Usage,
}

/// Which sums are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The clinic.
    pub clinic: Bytes16,
    /// One connection, by category; `None` is every connection, over all categories.
    pub connection: Option<Bytes16>,
    /// Not before the hour of this time, in microseconds. Sums over all of time come along.
    pub since: i64,
}

/// What an entry adds to the sums.
pub(super) struct Call {
    pub(super) clinic: Option<Bytes16>,
    pub(super) connection: Option<Bytes16>,
    pub(super) credential: Option<Bytes16>,
    pub(super) at: i64,
    pub(super) is_refusal: bool,
    pub(super) folded: Option<u32>,
    pub(super) records: usize,
    pub(super) disclosed: u16,
}

/// Clinic, category, hour, connection.
type Key = (Bytes16, i64, i64, Bytes16);

/// Sums that are not written yet.
#[derive(Default)]
pub(crate) struct Sums(BTreeMap<Key, Usage>);

impl Sums {
    pub(crate) fn add(&mut self, entry: &Entry) {
        self.add_call(&Call {
            clinic: entry.clinic,
            connection: entry.actor.connection,
            credential: entry.actor.credential,
            at: entry.at,
            is_refusal: fold::is_refusal(entry),
            folded: entry.folded.map(|folded| folded.count),
            records: entry.records.iter().map(|group| group.ids.len() / size_of::<Bytes16>()).sum(),
            disclosed: entry.disclosed,
        });
    }

    fn add_call(&mut self, call: &Call) {
        let (Some(clinic), Some(connection)) = (call.clinic, call.connection) else { return };
        let calls = call.folded.map_or(1, i64::from);
        let refused = if call.is_refusal { calls } else { 0 };
        let records = i64::try_from(call.records).unwrap_or(i64::MAX);
        let usage = Usage { calls, refused, records, last_at: call.at };
        let hour = call.at.div_euclid(US_PER_HOUR);
        let disclosed = (0..CATEGORIES).filter(|bit| call.disclosed >> bit & 1 == 1);
        for category in disclosed.chain([EVERY]) {
            self.0.entry((clinic, category, hour, connection)).or_default().add(usage);
        }
        if let Some(credential) = call.credential {
            self.0.entry((clinic, CREDENTIALS, EVER, credential)).or_default().add(usage);
        }
    }

    /// Every sum, and those over all of time that follow from them.
    fn with_ever(&self) -> BTreeMap<Key, Usage> {
        let mut all = self.0.clone();
        for ((clinic, category, _, connection), usage) in self.0.iter().filter(|((_, _, hour, _), _)| *hour != EVER) {
            all.entry((*clinic, *category, EVER, *connection)).or_default().add(*usage);
        }
        all
    }

    /// Adds them to their rows.
    pub(crate) async fn write(&self, conn: &mut dyn Conn) -> Result<()> {
        let sql = "INSERT INTO audit_usage (clinic_id, category, hour, connection_id, calls, refused, records, last_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (clinic_id, category, hour, connection_id) DO UPDATE SET \
                   calls = audit_usage.calls + excluded.calls, refused = audit_usage.refused + excluded.refused, \
                   records = audit_usage.records + excluded.records, \
                   last_at = CASE WHEN excluded.last_at > audit_usage.last_at THEN excluded.last_at ELSE audit_usage.last_at END";
        for ((clinic, category, hour, connection), usage) in &self.with_ever() {
            let params = [
                Value::Bytes(clinic),
                Value::Int(*category),
                Value::Int(*hour),
                Value::Bytes(connection),
                Value::Int(usage.calls),
                Value::Int(usage.refused),
                Value::Int(usage.records),
                Value::Int(usage.last_at),
            ];
            conn.execute(sql, &params).await?;
        }
        Ok(())
    }
}

const COLUMNS: &str = "SELECT category, hour, connection_id, calls, refused, records, last_at FROM audit_usage ";

/// The sums that are wanted, each once.
pub async fn usage(conn: &mut dyn Conn, wanted: &Wanted) -> Result<Vec<Sum>> {
    let since = wanted.since.div_euclid(US_PER_HOUR);
    let (of, whose): (String, Value<'_>) = match &wanted.connection {
        Some(connection) => (format!("{COLUMNS} WHERE clinic_id = $1 AND connection_id = $2"), Value::Bytes(connection)),
        None => (format!("{COLUMNS} WHERE clinic_id = $1 AND category = $2"), Value::Int(EVERY)),
    };
    let mut sums = Vec::new();
    // Two ranges, and two questions: asked for with `OR`, every hour would be read.
    for (hours, from) in [("hour = $3", EVER), ("hour >= $3", since.max(EVER + 1))] {
        let params = [Value::Bytes(&wanted.clinic), whose.clone(), Value::Int(from)];
        sums.extend(conn.all(&format!("{of} AND {hours}"), &params, sum).await?);
    }
    let is_wanted = |call: &Call| {
        call.clinic == Some(wanted.clinic) && wanted.connection.is_none_or(|connection| call.connection == Some(connection))
    };
    let mut new = tail(conn, is_wanted).await?.with_ever();
    new.retain(|(_, category, _, _), _| *category != CREDENTIALS);
    for sum in &mut sums {
        let category = sum.category.map_or(EVERY, i64::from);
        if let Some(usage) = new.remove(&(wanted.clinic, category, sum.hour.unwrap_or(EVER), sum.connection)) {
            sum.usage.add(usage);
        }
    }
    let fits = |category, hour| (hour == EVER || hour >= since) && (wanted.connection.is_some() || category == EVERY);
    let left = new.into_iter().filter(|((_, category, hour, _), _)| fits(*category, *hour));
    sums.extend(left.map(|((_, category, hour, connection), usage)| Sum {
        connection,
        hour: (hour != EVER).then_some(hour),
        category: u8::try_from(category).ok(),
        usage,
    }));
    Ok(sums)
}

fn sum(row: &dyn Row) -> Result<Sum> {
    let connection = row.bytes(2)?.try_into().map_err(|_| StoreError::Corrupt("a connection's usage".to_owned()))?;
    let (category, hour) = (row.int(0)?, row.int(1)?);
    Ok(Sum {
        connection,
        hour: (hour != EVER).then_some(hour),
        category: u8::try_from(category).ok(),
        usage: Usage { calls: row.int(3)?, refused: row.int(4)?, records: row.int(5)?, last_at: row.int(6)? },
    })
}

/// When each credential last called at a clinic, in microseconds; refused calls count. One that
/// never called is not in the answer.
pub async fn last_uses(conn: &mut dyn Conn, clinic: Bytes16) -> Result<BTreeMap<Bytes16, i64>> {
    let sql = format!("{COLUMNS} WHERE clinic_id = $1 AND category = $2 AND hour = $3");
    let params = [Value::Bytes(&clinic), Value::Int(CREDENTIALS), Value::Int(EVER)];
    let written = conn.all(&sql, &params, sum).await?;
    let mut found: BTreeMap<Bytes16, i64> = written.iter().map(|sum| (sum.connection, sum.usage.last_at)).collect();
    let new = tail(conn, |call| call.clinic == Some(clinic)).await?;
    for ((_, category, _, credential), usage) in new.0 {
        if category == CREDENTIALS {
            let last = found.entry(credential).or_insert(usage.last_at);
            *last = usage.last_at.max(*last);
        }
    }
    Ok(found)
}

/// The sums of entries that no segment covers, numbered or not.
async fn tail(conn: &mut dyn Conn, is_wanted: impl Fn(&Call) -> bool + Sync) -> Result<Sums> {
    let mut new = Sums::default();
    let indexed = search::indexed_through(conn).await?;
    let mut add = |row: &dyn Row| {
        for bytes in batch::Packed::new(row.bytes(0)?)? {
            let call = glance::at(bytes?)?.call();
            if is_wanted(&call) {
                new.add_call(&call);
            }
        }
        Ok(())
    };
    let sql = "SELECT batch FROM audit_batches WHERE first_position > $1 -- all clinics: filtered above";
    conn.query(sql, &[Value::Int(indexed)], &mut add).await?;
    conn.query("SELECT batch FROM audit_pending -- all clinics: filtered above", &[], &mut add).await?;
    Ok(new)
}
