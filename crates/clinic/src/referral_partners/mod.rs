//! Referral partners: practices that refer patients, or to which patients are referred.

pub mod model;
pub mod parts;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::ReferralPartner;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "referral_partners",
    singular: "referral_partner",
    title: "Referral partners",
    can_see: "see which practices refer patients or are referred to, and what they may do",
    can_change: "add, change and delete referral partners, and what those may do",
    primary: Category::Communications,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(ReferralPartner<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[ReferralPartner::CREATED, ReferralPartner::UPDATED, ReferralPartner::DELETED];
