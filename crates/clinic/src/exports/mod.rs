//! Exports: a clinic's whole record, as it stood at one point in time, a chunk at a time.
//!
//! An export is no row. It is a snapshot of the database that the gate holds for whoever asked for it,
//! and it ends by itself. Each chunk is a call of its own: decided again, and in the journal with the
//! id of every record before its bytes leave.

mod cancel;
mod chunk;
mod create;
mod get;
pub mod model;
pub mod plan;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "exports",
    singular: "export",
    title: "Exports",
    can_see: "see which exports are under way",
    can_change: "export what it may read",
    primary: Category::RecordSystem,
};

/// What can be done with them.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&create::Create, &get::Get, &chunk::Chunk, &cancel::Cancel];

/// An export changes nothing, so nothing is announced.
pub static EVENTS: &[&EventType] = &[];
