//! Payouts: what payment providers paid out, and what was in the till at the end of a day.

pub mod model;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Payout;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "payouts",
    singular: "payout",
    title: "Payouts and closed days",
    can_see: "see what payment providers paid out, and what was in the till",
    can_change: "record, change and delete what payment providers paid out, and what was in the till",
    primary: Category::Aggregates,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Payout<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[Payout::CREATED, Payout::UPDATED, Payout::DELETED];
