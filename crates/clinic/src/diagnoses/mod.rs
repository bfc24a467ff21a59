//! Diagnoses: what patients have, or may have.

pub mod model;
pub mod parts;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Diagnosis;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "diagnoses",
    singular: "diagnosis",
    title: "Diagnoses",
    can_see: "see what patients have or may have",
    can_change: "add, change and delete diagnoses",
    primary: Category::Clinical,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Diagnosis<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[Diagnosis::CREATED, Diagnosis::UPDATED, Diagnosis::DELETED];
