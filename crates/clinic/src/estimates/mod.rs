//! Estimates: what care may cost, and what the client said to it.

pub mod lines;
pub mod model;
pub mod sample;
pub mod status;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Estimate;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "estimates",
    singular: "estimate",
    title: "Estimates",
    can_see: "see what care was estimated to cost, and what clients accepted",
    can_change: "write, send, change and delete estimates, and record what clients accepted",
    primary: Category::OwnerFinancial,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Estimate<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[Estimate::CREATED, Estimate::UPDATED, Estimate::DELETED];
