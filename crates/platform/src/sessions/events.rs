//! What can happen to a session.

use clinicos_contract::event::EventType;

/// A person signed in.
pub static CREATED: EventType = EventType::new("session.created", "A person signed in.");
/// A session is over.
pub static ENDED: EventType = EventType::new("session.ended", "A session was ended.");
