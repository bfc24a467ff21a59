//! The change feed: what happened to a clinic's records, in commit order, with each record as it is
//! now. Who follows it holds an exact copy.

mod list;
pub mod model;

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
