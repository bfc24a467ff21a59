//! What is announced about clients.

use clinicos_contract::event::EventType;

/// A new client.
pub static CREATED: EventType = EventType::new("client.created", "A client was created.");
/// Other details.
pub static UPDATED: EventType = EventType::new("client.updated", "Details of a client changed.");
/// A tombstone.
pub static DELETED: EventType = EventType::new("client.deleted", "A client was deleted; a tombstone remains.");
