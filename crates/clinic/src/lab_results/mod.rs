//! Laboratory results: what a laboratory found.

pub mod events;
pub mod model;
pub mod parts;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::LabResult;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "lab_results",
    singular: "lab_result",
    title: "Laboratory results",
    can_see: "see what laboratories found",
    can_change: "add, change and delete laboratory results",
    primary: Category::Diagnostics,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(LabResult<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[LabResult::CREATED, LabResult::UPDATED, LabResult::DELETED, &events::FINAL];
