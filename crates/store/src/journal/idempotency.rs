//! Results of requests that must happen once.

use crate::error::Result;
use crate::sql::{Conn, Value};

/// A result to be kept for a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Who asked: the connection's id, or `operator`.
    pub scope: String,
    /// The caller's key, hashed.
    pub key: String,
    /// The operation's id.
    pub operation: String,
    /// Keyed hash of clinic, path parameters and body: another request with the same key differs here.
    pub fingerprint: Vec<u8>,
    /// The typed, unredacted result, sealed.
    pub result: Vec<u8>,
    /// When, in microseconds.
    pub at: i64,
}

/// What was kept for this caller and key.
pub async fn find(conn: &mut dyn Conn, scope: &str, key: &str) -> Result<Option<Stored>> {
    conn.one(
        "SELECT operation, fingerprint, result, at FROM idempotency WHERE scope = $1 AND key = $2",
        &[Value::Text(scope), Value::Text(key)],
        |row| {
            Ok(Stored {
                scope: scope.to_owned(),
                key: key.to_owned(),
                operation: row.text(0)?.to_owned(),
                fingerprint: row.bytes(1)?.to_vec(),
                result: row.bytes(2)?.to_vec(),
                at: row.int(3)?,
            })
        },
    )
    .await
}

/// How long a result is kept for a replay.
pub const KEPT_HOURS: i64 = 72;
pub(crate) const KEPT_US: i64 = KEPT_HOURS * 3_600 * 1_000_000;

/// Forgets what was kept before this time; tells how many rows went.
pub async fn purge(conn: &mut dyn Conn, before: i64) -> Result<u64> {
    conn.execute("DELETE FROM idempotency WHERE at < $1", &[Value::Int(before)]).await
}

pub(crate) async fn insert(conn: &mut dyn Conn, stored: &Stored) -> Result<()> {
    conn.execute(
        // A row that is in the way was kept longer than it is good for.
        "INSERT INTO idempotency (scope, key, operation, fingerprint, result, at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (scope, key) DO UPDATE SET operation = excluded.operation, fingerprint = excluded.fingerprint, \
         result = excluded.result, at = excluded.at",
        &[
            Value::Text(&stored.scope),
            Value::Text(&stored.key),
            Value::Text(&stored.operation),
            Value::Bytes(&stored.fingerprint),
            Value::Bytes(&stored.result),
            Value::Int(stored.at),
        ],
    )
    .await
    .map(drop)
}
