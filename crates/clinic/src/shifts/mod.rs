//! Shifts: when somebody works.

pub mod events;
pub mod model;
pub mod sample;
pub mod status;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Shift;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "shifts",
    singular: "shift",
    title: "Shifts",
    can_see: "see who works when",
    can_change: "plan, change and delete shifts",
    primary: Category::Staff,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Shift<'static>);

/// Every event.
pub static EVENTS: &[&EventType] =
    &[Shift::CREATED, Shift::UPDATED, Shift::DELETED, &events::PUBLISHED, &events::CLAIMED, &events::STARTED, &events::MISSED];
