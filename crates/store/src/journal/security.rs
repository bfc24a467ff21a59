//! Changes to who may do what, in one numbered sequence.

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
