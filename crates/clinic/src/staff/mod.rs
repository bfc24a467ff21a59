//! Staff: the people who work at the clinic.

pub mod model;
pub mod parts;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Staff;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "staff",
    singular: "staff",
    title: "Staff",
    can_see: "see who works at the clinic, in which role, and with which licenses",
    can_change: "add, change and delete people who work at the clinic",
    primary: Category::Staff,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Staff<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[Staff::CREATED, Staff::UPDATED, Staff::DELETED];
