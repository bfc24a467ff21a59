//! How batches reach the door.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde::Deserialize;

/// Rows of one resource, at most as many as its operation takes.
pub struct Batch {
    /// The path of the operation.
    pub path: &'static str,
    /// Its idempotency key.
    pub key: String,
    /// The body.
    pub body: Bytes,
}

/// Sends batches to the door.
pub trait Way: Send + Sync {
    /// Sends one; an error is one of the whole batch.
    fn send(&self, batch: Batch) -> BoxFuture<'static, anyhow::Result<Answer>>;
}

/// What the operation says of a batch.
#[derive(Debug, Deserialize)]
pub struct Answer {
    /// Rows that made a record.
    pub created: u64,
    /// Rows that changed one.
    pub changed: u64,
    /// Rows that said what was so already.
    pub unchanged: u64,
    /// What became of the rows that it lists.
    pub rows: Vec<RowAnswer>,
}

/// What became of a row.
#[derive(Debug, Deserialize)]
pub struct RowAnswer {
    /// Its place in the batch.
    pub index: usize,
    /// `created`, `changed`, `unchanged` or `rejected`.
    pub outcome: String,
    /// What is wrong.
    pub errors: Vec<RowError>,
}

/// What is wrong with a field of a row.
#[derive(Debug, Deserialize)]
pub struct RowError {
    /// A pointer into the row.
    pub pointer: String,
    /// The kind of fault.
    pub code: String,
    /// What is expected.
    pub detail: String,
}
