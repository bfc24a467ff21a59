//! Payments: what clients paid, and which invoices it went towards.

pub mod allocate;
pub mod create;
pub mod create_for_invoice;
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
    name: "payments",
    singular: "payment",
    title: "Payments",
    can_see: "see payments and which invoices they pay",
    can_change: "record, change and delete payments",
    primary: Category::OwnerFinancial,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &[
    &list::List,
    &get::Get,
    &create::Create,
    &create_for_invoice::CreateForInvoice,
    &update::Update,
    &delete::Delete,
    &allocate::Allocate,
    &import::Import,
];

/// Every event.
pub static EVENTS: &[&EventType] = &[&events::RECORDED, &events::UPDATED, &events::FAILED, &events::DISPUTED, &events::DELETED];
