//! Appointment types: what times are booked for, and how long that takes.

pub mod model;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::AppointmentType;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "appointment_types",
    singular: "appointment_type",
    title: "Appointment types",
    can_see: "see what appointments can be booked for",
    can_change: "add, change and delete what appointments can be booked for",
    primary: Category::Appointments,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(AppointmentType<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[AppointmentType::CREATED, AppointmentType::UPDATED, AppointmentType::DELETED];
