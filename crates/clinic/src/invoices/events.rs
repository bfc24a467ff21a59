//! What is announced about invoices.

use clinicos_contract::event::EventType;

/// A new invoice.
pub static CREATED: EventType = EventType::new("invoice.created", "An invoice was created, as a draft or issued at once.");
/// Other fields.
pub static UPDATED: EventType =
    EventType::new("invoice.updated", "Fields of an invoice changed, or what is paid of it; `changed` names them.");
/// The client is asked for the money.
pub static ISSUED: EventType = EventType::new("invoice.issued", "An invoice left its draft; from now on its balance is owed.");
/// Nothing is left to pay.
pub static PAID: EventType = EventType::new("invoice.paid", "An invoice was paid in full.");
/// Withdrawn.
pub static VOIDED: EventType = EventType::new("invoice.voided", "An invoice was voided; nothing is owed for it any more.");
/// A tombstone.
pub static DELETED: EventType = EventType::new("invoice.deleted", "A draft or void invoice was deleted; a tombstone remains.");
