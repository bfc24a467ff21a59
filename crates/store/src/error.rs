//! What can go wrong below the seam.

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be written or read: disk, network, or a failed commit before.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// Two transactions could not be put in an order; the same work may succeed when repeated.
    #[error("the transaction has to be repeated")]
    Conflict,
    /// A unique or check constraint refused a row.
    #[error("a constraint refused the row: {0}")]
    Constraint(String),
    /// A row holds what this program would not have written.
    #[error("a stored row cannot be read: {0}")]
    Corrupt(String),
    /// The statement itself is wrong: a fault in this program.
    #[error("a statement was refused: {0}")]
    Statement(String),
}

/// What store functions return.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
