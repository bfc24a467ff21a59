//! Consents: what clients allow or deny. What was decided is never written anew.

pub mod decision;
pub mod events;
mod explain;
pub mod model;
pub mod parts;
pub mod sample;
pub mod status;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Consent;
use crate::plain::Declared as _;
use crate::plain::create::Create;
use crate::plain::delete::Delete;
use crate::plain::get::Get;
use crate::plain::list::List;
use crate::plain::update::Update;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "consents",
    singular: "consent",
    title: "Consents",
    can_see: "see what clients allow or deny, for which purpose and to whom",
    can_change: "record what clients allow or deny, and that they withdraw it, and delete what was entered in error",
    primary: Category::Communications,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &[
    &List::<Consent<'static>>::NEW,
    &Get::<Consent<'static>>::NEW,
    &Create::<Consent<'static>>::NEW,
    &Update::<Consent<'static>>::NEW,
    &Delete::<Consent<'static>>::NEW,
    &explain::Explain,
];

/// Every event.
pub static EVENTS: &[&EventType] = &[Consent::CREATED, Consent::UPDATED, Consent::DELETED, &events::GRANTED, &events::WITHDRAWN];
