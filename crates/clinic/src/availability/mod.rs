//! Availability: when somebody or a room can be booked.

pub mod model;
pub mod recurrence;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Availability;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "availability",
    singular: "availability",
    title: "Availability",
    can_see: "see when staff and rooms can be booked",
    can_change: "open, block and delete times of staff and rooms",
    primary: Category::Appointments,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Availability<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[Availability::CREATED, Availability::UPDATED, Availability::DELETED];
