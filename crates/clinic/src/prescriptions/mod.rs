//! Prescriptions: drugs that are prescribed, and how often they may still be dispensed.

pub mod model;
pub mod parts;
pub mod sample;
pub mod status;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Prescription;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "prescriptions",
    singular: "prescription",
    title: "Prescriptions",
    can_see: "see which drugs are prescribed, how much, and by whom",
    can_change: "prescribe drugs, and change and delete prescriptions",
    primary: Category::Prescriptions,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Prescription<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[Prescription::CREATED, Prescription::UPDATED, Prescription::DELETED];
