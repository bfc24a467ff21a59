//! Consents: what clients allow or deny. What was decided is never written anew.

pub mod events;
pub mod model;
pub mod parts;
pub mod sample;
pub mod status;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Consent;
use crate::plain::Declared as _;

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
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Consent<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[Consent::CREATED, Consent::UPDATED, Consent::DELETED, &events::GRANTED, &events::WITHDRAWN];
