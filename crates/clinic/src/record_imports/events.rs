//! What record imports announce.

use clinicos_contract::event::EventType;

/// It came to its end.
pub static FINISHED: EventType = EventType::new(
    "record_import.finished",
    "The clinic's record was taken in from an export. Its records are not announced one by one: nothing happened to them.",
);
/// It was given up.
pub static ABANDONED: EventType =
    EventType::new("record_import.abandoned", "Taking in the clinic's record was given up, and what was in was taken out again.");
