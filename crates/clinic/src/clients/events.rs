//! What is announced about clients.

use clinicos_contract::event::EventType;

/// A new client.
pub static CREATED: EventType = EventType::new("client.created", "A client was created.");
/// Other details.
pub static UPDATED: EventType = EventType::new("client.updated", "Details of a client changed.");
/// A duplicate became another one.
pub static MERGED: EventType = EventType::new(
    "client.merged",
    "A client was merged into another one, which `merged_into` names; a tombstone remains. Another event tells of the one that stays.",
);
/// A tombstone.
pub static DELETED: EventType = EventType::new("client.deleted", "A client was deleted; a tombstone remains.");
