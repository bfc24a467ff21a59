//! Clinics: places of practice, and the tenants of all data.

pub mod create;
pub mod delete;
pub mod events;
pub mod get;
pub mod list;
pub mod model;
pub mod rows;
pub mod sample;
pub mod update;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "clinics",
    singular: "clinic",
    title: "Clinics",
    can_see: "see the clinic's name, address, hours and rooms",
    can_change: "change the clinic's own details",
    primary: Category::Practice,
};

/// The security change that makes the gate read clinics again: it keeps their time zone,
/// currency, status and organization in memory.
pub const CHANGED: &str = "clinic.changed";

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&list::List, &get::Get, &create::Create, &update::Update, &delete::Delete];

/// Every event.
pub static EVENTS: &[&EventType] = &[&events::CREATED, &events::UPDATED, &events::DELETED];
