//! Laboratory orders: what a laboratory is asked for.

pub mod model;
pub mod parts;
pub mod rows;
pub mod sample;
pub mod status;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::LabOrder;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "lab_orders",
    singular: "lab_order",
    title: "Laboratory orders",
    can_see: "see what laboratories are asked for",
    can_change: "order from laboratories, and change and delete orders",
    primary: Category::Diagnostics,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(LabOrder<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[LabOrder::CREATED, LabOrder::UPDATED, LabOrder::DELETED];
