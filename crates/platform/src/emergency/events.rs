//! What can happen to a clinic's writes.

use clinicos_contract::event::EventType;

/// All writes were stopped.
pub static STOPPED: EventType = EventType::new("clinic.writes_stopped", "An admin stopped all writes of the clinic.");
/// Writes are allowed again.
pub static ALLOWED: EventType =
    EventType::new("clinic.writes_allowed", "An admin allowed the clinic's connections to write again.");
