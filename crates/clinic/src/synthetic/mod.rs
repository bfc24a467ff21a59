//! Synthetic records: a clinic's worth of clients, patients, products, invoices and payments
//! from a seed.
//!
//! The same seed gives the same bytes, on every machine and in every version, so that sandboxes,
//! tests and measurements can be repeated. Each client has a generator of its own, made from
//! seed and place, so that any part of a whole can be loaded by itself.

pub mod animals;
pub mod generate;
pub mod load;
pub mod model;
pub mod people;
pub mod pets;
pub mod prices;
pub mod random;
pub mod sample;
pub mod shares;
pub mod stock;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "synthetic",
    singular: "synthetic_batch",
    title: "Synthetic records",
    can_see: "see what synthetic records were loaded",
    can_change: "load synthetic records into a sandbox",
    primary: Category::Practice,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&load::Load];

/// Nothing is announced: the records are of no use to who follows events.
pub static EVENTS: &[&EventType] = &[];
