//! Changes to who may do what, in one numbered sequence.

use crate::error::Result;
use crate::sql::{Conn, Value};

/// A change to be committed; its number is given at the commit.
#[derive(Debug, Clone)]
pub struct Change {
    /// `connection.revoked` and the like.
    pub kind: &'static str,
    /// The clinic whose grants changed; empty for all.
    pub clinic_id: String,
    /// The record that changed.
    pub subject_id: String,
    /// When, in microseconds.
    pub at: i64,
}

/// A committed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its number: dense from 1.
    pub seq: i64,
    /// `connection.revoked` and the like.
    pub kind: String,
    /// The clinic whose grants changed; empty for all.
    pub clinic_id: String,
    /// The record that changed.
    pub subject_id: String,
    /// When, in microseconds.
    pub at: i64,
}

/// The number of the last committed change; 0 if there was none.
pub async fn latest(conn: &mut dyn Conn) -> Result<i64> {
    let last = conn.one("SELECT max(seq) FROM security_changes", &[], |row| row.opt_int(0)).await?;
    Ok(last.flatten().unwrap_or(0))
}

/// The changes after a number, oldest first.
pub async fn after(conn: &mut dyn Conn, seq: i64) -> Result<Vec<Recorded>> {
    conn.all(
        "SELECT seq, kind, clinic_id, subject_id, at FROM security_changes WHERE seq > $1 ORDER BY seq \
         -- all clinics: a node puts every change in force",
        &[Value::Int(seq)],
        |row| {
            Ok(Recorded {
                seq: row.int(0)?,
                kind: row.text(1)?.to_owned(),
                clinic_id: row.text(2)?.to_owned(),
                subject_id: row.text(3)?.to_owned(),
                at: row.int(4)?,
            })
        },
    )
    .await
}

pub(crate) async fn insert(conn: &mut dyn Conn, change: &Change, seq: i64) -> Result<()> {
    conn.execute(
        "INSERT INTO security_changes (seq, kind, clinic_id, subject_id, at) VALUES ($1, $2, $3, $4, $5)",
        &[
            Value::Int(seq),
            Value::Text(change.kind),
            Value::Text(&change.clinic_id),
            Value::Text(&change.subject_id),
            Value::Int(change.at),
        ],
    )
    .await
    .map(drop)
}
