//! Time off: when somebody is away.

pub mod model;
pub mod sample;
pub mod status;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::TimeOff;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "time_off",
    singular: "time_off",
    title: "Time off",
    can_see: "see who is away when",
    can_change: "ask for, grant, change and delete time off",
    primary: Category::Staff,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(TimeOff<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[TimeOff::CREATED, TimeOff::UPDATED, TimeOff::DELETED];
