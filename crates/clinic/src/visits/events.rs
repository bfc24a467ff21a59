//! What is announced about visits beside creation, change and deletion.

use clinicos_contract::event::EventType;

/// The patient is here.
pub static CHECKED_IN: EventType = EventType::new("visit.checked_in", "A patient was checked in.");
/// The record is complete.
pub static COMPLETED: EventType = EventType::new("visit.completed", "The record of a visit is complete.");
/// A veterinarian answers for it.
pub static SIGNED: EventType =
    EventType::new("visit.signed", "A visit was signed; its clinical text can no longer change except by addenda.");
