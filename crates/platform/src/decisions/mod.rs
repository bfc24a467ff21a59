//! Decisions: why a call was allowed or refused, for any decision id that an answer named.

mod get;
pub mod model;

use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What its scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "decisions",
    singular: "decision",
    title: "Decisions",
    can_see: "see why its own calls were allowed or refused",
    can_change: "",
    primary: Category::Practice,
};

/// What can be done with it: nothing changes it.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&get::Get];
