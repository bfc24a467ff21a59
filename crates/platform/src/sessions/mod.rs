//! Sessions: from a sign-in until it ends. A page keeps the token in a cookie.

mod create;
mod end;
pub mod events;
mod list;
pub mod model;
pub mod rows;
mod sign_out;

use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What its decisions speak of. No scope grants it: people are not for integrations.
pub static RESOURCE: Resource = Resource {
    name: "sessions",
    singular: "session",
    title: "Sessions",
    can_see: "see who is signed in",
    can_change: "sign people out",
    primary: Category::Staff,
};

/// What can be done with them.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&create::Create, &list::List, &end::End, &sign_out::SignOut];
