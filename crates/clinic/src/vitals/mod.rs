//! Vitals: what was measured of a patient at one time.

pub mod model;
pub mod parts;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Vitals;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "vitals",
    singular: "vitals",
    title: "Vitals",
    can_see: "see what was measured of patients, such as weight and temperature",
    can_change: "add, change and delete what was measured of patients",
    primary: Category::Clinical,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Vitals<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[Vitals::CREATED, Vitals::UPDATED, Vitals::DELETED];
