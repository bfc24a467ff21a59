//! Connections: what is connected to a clinic, what it may do, and the switches that stop it.

pub mod addresses;
pub mod bounds;
mod changes;
pub mod events;
mod get;
pub mod history;
mod list;
pub mod model;
pub mod narrowing;
mod pause;
mod preview;
mod resume;
mod revoke;
mod revoke_made;
pub mod rows;
mod switch;
mod update;

use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What its scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "connections",
    singular: "connection",
    title: "Connections",
    can_see: "see what is connected to the clinic and what it may do",
    can_change: "pause, narrow and revoke what is connected",
    primary: Category::Practice,
};

/// What can be done with them.
pub static OPERATIONS: &[&dyn AnyOperation] = &[
    &list::List,
    &get::Get,
    &update::Update,
    &pause::Pause,
    &resume::Resume,
    &revoke::Revoke,
    &revoke_made::RevokeMade,
    &changes::Changes,
    &preview::Preview,
];
