//! Referral cases: work that one practice sends to another.

pub mod events;
pub mod model;
pub mod parts;
pub mod sample;
pub mod status;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Referral;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "referrals",
    singular: "referral",
    title: "Referrals",
    can_see: "see referral cases: who sent whom for what, how it stands, and what is shared",
    can_change: "add, change and delete referral cases, and share records in them",
    primary: Category::Clinical,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Referral<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[
    Referral::CREATED,
    Referral::UPDATED,
    Referral::DELETED,
    &events::RECEIVED,
    &events::ACCEPTED,
    &events::SCHEDULED,
    &events::REPORT_SENT,
    &events::COMPLETED,
];
