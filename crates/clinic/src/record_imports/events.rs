//! What record imports announce.

use clinicos_contract::event::EventType;

/// It came to its end.
pub static FINISHED: EventType = EventType::new(
    "record_import.finished",
    "The clinic's record was taken in from an export. Its records are not announced one by one: nothing happened to them.",
);
