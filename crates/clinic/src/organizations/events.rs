//! What is announced about organizations.

use clinicos_contract::event::EventType;

/// A new organization.
pub static CREATED: EventType = EventType::new("organization.created", "An organization was created.");
/// Other details.
pub static UPDATED: EventType = EventType::new("organization.updated", "Details of an organization changed.");
/// A tombstone.
pub static DELETED: EventType = EventType::new("organization.deleted", "An organization was deleted; a tombstone remains.");
