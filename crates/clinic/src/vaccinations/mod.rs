//! Vaccinations: vaccines that were given, and when the next is due.

pub mod model;
pub mod parts;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Vaccination;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "vaccinations",
    singular: "vaccination",
    title: "Vaccinations",
    can_see: "see which vaccines patients got, and when the next is due",
    can_change: "add, change and delete vaccinations",
    primary: Category::Clinical,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Vaccination<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[Vaccination::CREATED, Vaccination::UPDATED, Vaccination::DELETED];
