//! Visits: one animal's stay each, and what was written about it.

pub mod add_addendum;
pub mod events;
pub mod model;
pub mod parts;
pub mod rows;
pub mod sample;
pub mod sign;
pub mod status;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Visit;
use crate::plain::Declared as _;
use crate::plain::{create::Create, delete::Delete, get::Get, list::List, update::Update};

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "visits",
    singular: "visit",
    title: "Visits",
    can_see: "see when a patient was at the clinic, who saw it, and what was written about it",
    can_change: "add, change, sign and delete visits, and add to signed ones",
    primary: Category::Clinical,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &[
    &List::<Visit<'static>>::NEW,
    &Get::<Visit<'static>>::NEW,
    &Create::<Visit<'static>>::NEW,
    &Update::<Visit<'static>>::NEW,
    &Delete::<Visit<'static>>::NEW,
    &sign::Sign,
    &add_addendum::AddAddendum,
];

/// Every event.
pub static EVENTS: &[&EventType] =
    &[Visit::CREATED, Visit::UPDATED, Visit::DELETED, &events::CHECKED_IN, &events::COMPLETED, &events::SIGNED];
