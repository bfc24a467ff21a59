//! What is announced about patients.

use clinicos_contract::event::EventType;

/// A new patient.
pub static CREATED: EventType = EventType::new("patient.created", "A patient was created.");
/// Other details, or other owners.
pub static UPDATED: EventType =
    EventType::new("patient.updated", "Details of a patient changed, or who owns it; `changed` names the fields.");
/// A duplicate became another one.
pub static MERGED: EventType = EventType::new(
    "patient.merged",
    "A patient was merged into another one, which `merged_into` names; a tombstone remains. Another event tells of the one that stays.",
);
/// A tombstone.
pub static DELETED: EventType = EventType::new("patient.deleted", "A patient was deleted; a tombstone remains.");
