//! What is announced about refunds.

use clinicos_contract::event::EventType;

/// A new refund.
pub static CREATED: EventType = EventType::new(
    "refund.created",
    "A refund of a payment was made, pending or done; what it took back from invoices is owed again.",
);
/// Other fields.
pub static UPDATED: EventType = EventType::new("refund.updated", "Fields of a refund changed; `changed` names them.");
/// The client has the money.
pub static SUCCEEDED: EventType = EventType::new("refund.succeeded", "A refund came through.");
/// The clinic still has it.
pub static FAILED: EventType =
    EventType::new("refund.failed", "A refund failed; the payment counts again, towards its invoices as far as they take it.");
