//! Reminders: what an owner should be reminded of, and when.

pub mod model;
pub mod parts;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Reminder;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "reminders",
    singular: "reminder",
    title: "Reminders",
    can_see: "see what owners are to be reminded of, and whether they were",
    can_change: "add, change and delete reminders; nothing is sent",
    primary: Category::Communications,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Reminder<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[Reminder::CREATED, Reminder::UPDATED, Reminder::DELETED];
