//! Keys: the first kind of integration. A key belongs to a connection, and so is named, has a
//! purpose and a reason, and can be narrowed, paused and revoked like any other.

mod add;
mod bounds;
mod create;
pub mod events;
mod get;
mod issue;
mod leak;
mod list;
mod mark_leaked;
pub mod model;
mod report_leak;
mod revoke;
mod rotate;
pub mod rows;
mod update;

use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What its scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "keys",
    singular: "key",
    title: "Keys",
    can_see: "see which keys exist, never the keys themselves",
    can_change: "create, replace and revoke keys",
    primary: Category::Practice,
};

/// What can be done with them.
pub static OPERATIONS: &[&dyn AnyOperation] = &[
    &list::List,
    &get::Get,
    &create::Create,
    &add::Add,
    &update::Update,
    &rotate::Rotate,
    &revoke::Revoke,
    &mark_leaked::MarkLeaked,
    &report_leak::ReportLeak,
];
