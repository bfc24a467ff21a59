//! Disclosures: what left about a client, to whom, and under which consent. The log holds whose data an
//! answer held; these are its entries as one client sees them.

mod list;
pub mod model;
mod rows;

use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What its scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "disclosures",
    singular: "disclosure",
    title: "What left about a client",
    can_see: "see who was shown data of a client, which, and when",
    can_change: "",
    primary: Category::Practice,
};

/// What can be done with it: nothing changes it.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&list::List];
