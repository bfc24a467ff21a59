//! What is announced about products.

use clinicos_contract::event::EventType;

/// A new product.
pub static CREATED: EventType = EventType::new("product.created", "A product or service was created.");
/// Other details, another price, another stock.
pub static UPDATED: EventType =
    EventType::new("product.updated", "Details, price or stock of a product changed; `changed` names the fields.");
/// A tombstone.
pub static DELETED: EventType = EventType::new("product.deleted", "A product or service was deleted; a tombstone remains.");
