//! Patients: the animals, and whose they are.

pub mod create;
pub mod delete;
mod duplicates;
pub mod events;
pub mod get;
pub mod import;
pub mod list;
pub mod merge;
pub mod model;
pub mod rows;
pub mod sample;
mod standing;
pub mod update;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "patients",
    singular: "patient",
    title: "Patients",
    can_see: "see patients and which client owns them",
    can_change: "add, change and delete patients",
    primary: Category::PatientIdentity,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] =
    &[&list::List, &get::Get, &create::Create, &update::Update, &delete::Delete, &merge::Merge, &import::Import];

/// Every event.
pub static EVENTS: &[&EventType] = &[&events::CREATED, &events::UPDATED, &events::MERGED, &events::DELETED];
