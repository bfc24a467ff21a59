//! Usage: how often each connection called, and how much it read, by hour and category of data.
//!
//! Sums grow in memory with a segment's postings and are added to their rows when the segment is
//! written; a question adds the entries of the tail that no segment covers yet ([`super::Tail`]).

mod ask;

use std::collections::BTreeMap;

use super::{Bytes16, Entry, fold};
use crate::error::Result;
use crate::sql::{Conn, Value};

pub use ask::{Used, by_connection, by_hour, forget_sessions, last_uses, last_uses_of_sessions, of_connection};

const US_PER_HOUR: i64 = 3_600_000_000;
/// The hour that stands for all of time.
const EVER: i64 = 0;
/// The category that stands for all of them.
const EVERY: i64 = -1;
/// Stands where a category would, for the last use of credentials: those rows hold a credential
/// where the others hold a connection.
const CREDENTIALS: i64 = -2;
/// The same, for sessions of people.
const SESSIONS: i64 = -3;
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

/// What a connection used in one hour.
pub(super) struct Sum {
    pub(super) hour: i64,
    pub(super) connection: Bytes16,
    pub(super) usage: Usage,
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

    pub(super) fn add_call(&mut self, call: &Call) {
        let Some(clinic) = call.clinic else { return };
        let calls = call.folded.map_or(1, i64::from);
        let refused = if call.is_refusal { calls } else { 0 };
        let records = i64::try_from(call.records).unwrap_or(i64::MAX);
        let usage = Usage { calls, refused, records, last_at: call.at };
        let Some(connection) = call.connection else {
            // A person calls by no connection; what they show is their session.
            if let Some(session) = call.credential {
                self.0.entry((clinic, SESSIONS, EVER, session)).or_default().add(usage);
            }
            return;
        };
        let hour = call.at.div_euclid(US_PER_HOUR);
        let disclosed = (0..CATEGORIES).filter(|bit| call.disclosed >> bit & 1 == 1);
        for category in disclosed.chain([EVERY]) {
            self.0.entry((clinic, category, hour, connection)).or_default().add(usage);
        }
        if let Some(credential) = call.credential {
            self.0.entry((clinic, CREDENTIALS, EVER, credential)).or_default().add(usage);
        }
    }

    /// Those of a clinic that are wanted, of one category or of every one.
    fn of(&self, clinic: Bytes16, category: Option<i64>, is_wanted: impl Fn(&Key) -> bool) -> Self {
        let (first, last) = (category.unwrap_or(i64::MIN), category.unwrap_or(i64::MAX));
        let range = (clinic, first, i64::MIN, [0; 16])..=(clinic, last, i64::MAX, [u8::MAX; 16]);
        let wanted = self.0.range(range).filter(|(key, _)| is_wanted(key));
        Self(wanted.map(|(key, usage)| (*key, *usage)).collect())
    }

    fn add_all(&mut self, others: &Self) {
        for (key, usage) in &others.0 {
            self.0.entry(*key).or_default().add(*usage);
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
