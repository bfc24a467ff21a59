//! What can happen to a user.

use clinicos_contract::event::EventType;

/// A person was invited.
pub static INVITED: EventType = EventType::new("user.invited", "A person was invited to sign in.");
/// A person accepted.
pub static ACCEPTED: EventType = EventType::new("user.accepted", "A person accepted an invitation and set a password.");
/// A user changed.
pub static UPDATED: EventType = EventType::new("user.updated", "A user's name, role, state, password or second factor changed.");
