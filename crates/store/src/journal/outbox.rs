//! The outbox: events, committed with the rows that they speak of.

/// An event to be committed.
#[derive(Debug, Clone)]
pub struct Event {
    /// `evt_…`
    pub id: String,
    /// Declared name, such as `invoice.voided`.
    pub name: &'static str,
    /// Version of the payload.
    pub version: u16,
    /// The clinic's id, if the record belongs to one.
    pub clinic_id: Option<String>,
    /// The record's id.
    pub record_id: String,
    /// The record's version after the change: orders the events of one record.
    pub sequence: i64,
    /// JSON: ids and what changed, never personal values.
    pub payload: String,
    /// When, in microseconds.
    pub at: i64,
}
