//! Usage: how much each connection called and read. Granted and used are two things.

mod activity;
mod get;
mod keys;
mod list;
pub mod model;

use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What its scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "usage",
    singular: "usage",
    title: "Usage",
    can_see: "see how much each connection calls and reads, and when keys were used",
    can_change: "",
    primary: Category::Practice,
};

/// What can be done with it.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&list::List, &get::Get, &keys::Keys, &activity::Activity];
