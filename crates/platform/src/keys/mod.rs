//! Keys: the first kind of integration. A key belongs to a connection, and so is named, has a
//! purpose and a reason, and can be narrowed, paused and revoked like any other.

mod create;
pub mod events;
mod get;
mod list;
pub mod model;
mod revoke;
pub mod rows;

use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What its scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "keys",
    singular: "key",
    title: "Keys",
    can_see: "see which keys exist, never the keys themselves",
    can_change: "create and revoke keys",
    primary: Category::Practice,
};

/// What can be done with them.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&list::List, &get::Get, &create::Create, &revoke::Revoke];
