//! What is announced about shifts beside creation, change and deletion.

use clinicos_contract::event::EventType;

/// It is no longer a draft.
pub static PUBLISHED: EventType = EventType::new("shift.published", "A shift was published; it may still be open.");
/// Somebody wants it.
pub static CLAIMED: EventType = EventType::new("shift.claimed", "Somebody claimed an open shift.");
/// Somebody is at work.
pub static STARTED: EventType = EventType::new("shift.started", "Somebody started a shift.");
/// Nobody came.
pub static MISSED: EventType = EventType::new("shift.missed", "Who should have worked did not come.");
