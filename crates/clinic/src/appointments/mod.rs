//! Appointments: times that are booked.

pub mod bookable;
pub mod events;
pub mod model;
pub mod parts;
pub mod rows;
pub mod sample;
pub mod status;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Appointment;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "appointments",
    singular: "appointment",
    title: "Appointments",
    can_see: "see who is booked when, for what and with whom",
    can_change: "book, change, cancel and delete appointments",
    primary: Category::Appointments,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(Appointment<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[
    Appointment::CREATED,
    Appointment::UPDATED,
    Appointment::DELETED,
    &events::CONFIRMED,
    &events::ARRIVED,
    &events::NO_SHOW,
    &events::CANCELLED,
];
