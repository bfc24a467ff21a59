//! Messages: what went to owners and partners, and what came from them. Nothing is sent here; this is the
//! record of it.

pub mod events;
pub mod model;
pub mod parts;
pub mod sample;
pub mod status;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Message;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "messages",
    singular: "message",
    title: "Messages",
    can_see: "see messages with owners and partners: who, when, by which channel and what",
    can_change: "record, change and delete messages with owners and partners; nothing is sent",
    primary: Category::Communications,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Message<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[
    Message::CREATED,
    Message::UPDATED,
    Message::DELETED,
    &events::RECEIVED,
    &events::DELIVERED,
    &events::FAILED,
    &events::OPTED_OUT,
];
