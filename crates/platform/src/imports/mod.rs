//! Imports: whole files of another system, on their way into the clinic.
//!
//! An import itself writes no clinic's record. Its rows go through the bulk operations of their
//! resources, in batches, each a call of its own that is decided and journaled like any other.
//! What stands here is what people look at: which files, how far, and what became of them.

mod begin;
mod cancel;
mod create;
pub mod events;
mod finish;
mod get;
mod list;
pub mod model;
mod report;
pub mod rows;
mod start;

use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What its scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "imports",
    singular: "import",
    title: "Imports",
    can_see: "see which files were imported and what became of their rows",
    can_change: "import files of another system, as far as it may change what they hold",
    primary: Category::Practice,
};

/// What can be done with them.
pub static OPERATIONS: &[&dyn AnyOperation] =
    &[&list::List, &get::Get, &create::Create, &start::Start, &cancel::Cancel, &begin::Begin, &report::Report, &finish::Finish];
