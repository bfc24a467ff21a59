//! Columns that name another record, and the statements that let them name another one. `merging.rs`
//! says which there are.

pub mod rows;

use clinicos_contract::event::EventType;

/// A column of a table of records that names another record.
#[derive(Debug)]
pub struct Reference {
    /// The table; its rows have `id`, `updated_at` and `version`.
    pub table: &'static str,
    /// The column, and the field that callers know it by.
    pub column: &'static str,
    /// What is announced about the record that refers.
    pub event: &'static EventType,
}
