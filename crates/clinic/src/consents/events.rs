//! What is announced about consents beside creation, change and deletion.

use clinicos_contract::event::EventType;

/// A client allows something.
pub static GRANTED: EventType = EventType::new(
    "consent.granted",
    "A client allowed something; a consent that is new and in force is announced so beside `consent.created`.",
);
/// A client took a decision back.
pub static WITHDRAWN: EventType = EventType::new("consent.withdrawn", "A client took back what they had decided.");
