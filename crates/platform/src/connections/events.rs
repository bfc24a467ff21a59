//! What can happen to a connection.

use clinicos_contract::event::EventType;

/// A connection was made.
pub static CREATED: EventType = EventType::new("connection.created", "A connection was made and approved.");
/// What it may do changed.
pub static SCOPES_CHANGED: EventType = EventType::new(
    "connection.scopes_changed",
    "An admin changed what a connection may do: scopes, opt-ins, limits or switches.",
);
/// It was paused.
pub static PAUSED: EventType = EventType::new("connection.paused", "An admin paused a connection.");
/// It was resumed.
pub static RESUMED: EventType = EventType::new("connection.resumed", "An admin resumed a paused connection.");
/// It is over.
pub static REVOKED: EventType = EventType::new("connection.revoked", "An admin revoked a connection, for good.");
