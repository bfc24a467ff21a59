//! What can happen to a key.

use clinicos_contract::event::EventType;

/// A key was made.
pub static CREATED: EventType = EventType::new("key.created", "A key was made.");
/// A key is over.
pub static REVOKED: EventType = EventType::new("key.revoked", "A key was revoked, for good.");
