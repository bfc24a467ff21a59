//! The log: who called what, what they were shown, and why it was allowed or refused.

mod get;
mod list;
pub mod model;
pub mod search;

use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What its scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "audit_entries",
    singular: "audit_entry",
    title: "Access log",
    can_see: "see who called what and which records they were shown",
    can_change: "",
    primary: Category::Practice,
};

/// What can be done with it: nothing changes it.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&list::List, &get::Get];
