//! What is announced about payments.

use clinicos_contract::event::EventType;

/// A new payment.
pub static RECORDED: EventType = EventType::new("payment.recorded", "A payment was recorded; `status` tells how far it is.");
/// Other fields.
pub static UPDATED: EventType =
    EventType::new("payment.updated", "Fields of a payment changed, or what it pays; `changed` names them.");
/// It did not come through.
pub static FAILED: EventType = EventType::new("payment.failed", "A payment failed; what it paid is owed again.");
/// The payer objects.
pub static DISPUTED: EventType = EventType::new("payment.disputed", "The payer disputes a payment; it counts until it fails.");
/// A tombstone.
pub static DELETED: EventType =
    EventType::new("payment.deleted", "A payment was deleted; what it paid is owed again, and a tombstone remains.");
