//! Record imports: a clinic's record that was exported, into a clinic that has none.
//!
//! The opposite of `exports`: every record comes in as it stood, with its id, its version and its
//! times. Nothing is worked out anew and nothing is announced but the end, because nothing of it
//! happens now. Only the operator does it, and only into a clinic without records.

mod abandon;
mod add;
mod begin;
pub mod events;
mod finish;
pub mod model;
pub mod rows;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Access, Category, Reach, Resource, Spec, problem};
use clinicos_gate::AnyOperation;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "record_imports",
    singular: "record_import",
    title: "Record imports",
    can_see: "see which exported record was taken in",
    can_change: "take in a clinic's exported record",
    primary: Category::RecordSystem,
};

/// What all of its operations are like.
const SPEC: Spec = Spec {
    access: Access::Write,
    resource: &RESOURCE,
    reach: Reach::Clinic,
    operator_only: true,
    into_empty: true,
    idempotent: true,
    problems: &[&problem::CONFLICT],
    ..Spec::DEFAULT
};

/// What can be done with them.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&begin::Begin, &add::Add, &finish::Finish, &abandon::Abandon];

/// What they announce.
pub static EVENTS: &[&EventType] = &[&events::FINISHED, &events::ABANDONED];
