//! What can happen to a key.

use clinicos_contract::event::EventType;

/// A key was made.
pub static CREATED: EventType = EventType::new("key.created", "A key was made.");
/// What it is called, or held to, changed.
pub static UPDATED: EventType = EventType::new("key.updated", "A key's name, addresses or end was changed.");
/// Another key replaces it.
pub static ROTATED: EventType =
    EventType::new("key.rotated", "A key is replaced by another one, `replaced_by`, and ends at `ends_at`.");
/// A key is over.
pub static REVOKED: EventType = EventType::new("key.revoked", "A key was revoked, for good.");
/// A key was found where it does not belong.
pub static LEAKED: EventType = EventType::new("key.leaked", "A key was reported to be public, and revoked for it.");
