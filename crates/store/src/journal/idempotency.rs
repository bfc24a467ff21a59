//! Results of requests that must happen once.

/// A result to be kept for a replay.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Who asked: the connection's id, or `operator`.
    pub scope: String,
    /// The caller's key.
    pub key: String,
    /// The operation's id.
    pub operation: String,
    /// Hash of clinic, path parameters and body: another request with the same key differs here.
    pub fingerprint: Vec<u8>,
    /// The typed, unredacted result, sealed.
    pub result: Vec<u8>,
    /// When, in microseconds.
    pub at: i64,
}
