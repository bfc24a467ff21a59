//! Products: everything that the clinic charges for, goods and services alike.

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

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "products",
    singular: "product",
    title: "Products and services",
    can_see: "see products, services, prices and stock",
    can_change: "add, change and delete products, services, prices and stock",
    primary: Category::Inventory,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] =
    &[&list::List, &get::Get, &create::Create, &update::Update, &delete::Delete, &import::Import];

/// Every event.
pub static EVENTS: &[&EventType] = &[&events::CREATED, &events::UPDATED, &events::DELETED];
