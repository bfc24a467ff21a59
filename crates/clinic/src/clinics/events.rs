//! What is announced about clinics.

use clinicos_contract::event::EventType;

/// A new clinic.
pub static CREATED: EventType = EventType::new("clinic.created", "A clinic was created.");
/// Other details.
pub static UPDATED: EventType = EventType::new("clinic.updated", "Details of a clinic changed.");
/// A tombstone.
pub static DELETED: EventType = EventType::new("clinic.deleted", "A clinic was deleted; a tombstone remains.");
