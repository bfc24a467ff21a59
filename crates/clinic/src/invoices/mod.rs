//! Invoices: what invoices are asked to pay.

pub mod create;
pub mod delete;
pub mod events;
pub mod get;
pub mod import;
pub mod list;
pub mod model;
pub mod rows;
pub mod sample;
mod standing;
pub mod update;
pub mod void;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "invoices",
    singular: "invoice",
    title: "Invoices",
    can_see: "see invoices and what is owed",
    can_change: "create, change, void and delete invoices",
    primary: Category::OwnerFinancial,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] =
    &[&list::List, &get::Get, &create::Create, &update::Update, &delete::Delete, &void::Void, &import::Import];

/// Every event.
pub static EVENTS: &[&EventType] =
    &[&events::CREATED, &events::UPDATED, &events::ISSUED, &events::PAID, &events::VOIDED, &events::DELETED];
