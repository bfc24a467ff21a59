//! The change feed: what happened to the records of one clinic, or of all that let a key in, in commit order, with each record as it is
//! now. Who follows it holds an exact copy.

mod list;
pub mod model;
mod place;
mod walk;

use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What its scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "changes",
    singular: "change",
    title: "Changes",
    can_see: "be told what changes in the records that it may see",
    can_change: "",
    primary: Category::RecordSystem,
};

/// What can be done with it: nothing changes it.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&list::List];
