//! The clinic's emergency switch: while it is set, no connection writes, whatever it was granted.

mod allow;
pub mod events;
mod get;
pub mod model;
mod rows;
mod stop;

use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What its decisions speak of. No scope grants it: only people may set it.
pub static RESOURCE: Resource = Resource {
    name: "emergency",
    singular: "emergency",
    title: "Emergency",
    can_see: "see whether all changes are stopped",
    can_change: "stop all changes of the clinic's connections, and allow them again",
    primary: Category::Practice,
};

/// What can be done with it.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&get::Get, &stop::Stop, &allow::Allow];
