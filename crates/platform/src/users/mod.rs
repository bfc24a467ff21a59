//! People who sign in: invited by an admin, known by a password and, if they like, a second factor.

mod accept;
pub mod events;
mod get;
mod guessable;
mod invite;
mod list;
mod me;
pub mod model;
mod password;
mod reinvite;
pub mod rows;
mod second_factor;
mod update;

use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What its decisions speak of. No scope grants it: people are not for integrations.
pub static RESOURCE: Resource = Resource {
    name: "users",
    singular: "user",
    title: "People",
    can_see: "see who may sign in",
    can_change: "invite people and end their access",
    primary: Category::Staff,
};

/// What can be done with them.
pub static OPERATIONS: &[&dyn AnyOperation] = &[
    &list::List,
    &get::Get,
    &me::Me,
    &me::Invited,
    &invite::Invite,
    &reinvite::Reinvite,
    &update::Update,
    &accept::Accept,
    &password::Change,
    &second_factor::Begin,
    &second_factor::Cancel,
    &second_factor::Confirm,
    &second_factor::Renew,
    &second_factor::End,
    &second_factor::Reset,
];
