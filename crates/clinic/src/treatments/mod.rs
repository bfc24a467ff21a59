//! Treatments: what is done for patients.

pub mod model;
pub mod parts;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Treatment;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "treatments",
    singular: "treatment",
    title: "Treatments",
    can_see: "see what is ordered and done for patients",
    can_change: "order, change and delete treatments",
    primary: Category::Clinical,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Treatment<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[Treatment::CREATED, Treatment::UPDATED, Treatment::DELETED];
