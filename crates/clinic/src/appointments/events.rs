//! What is announced about appointments beside creation, change and deletion.

use clinicos_contract::event::EventType;

/// The client said that they come.
pub static CONFIRMED: EventType = EventType::new("appointment.confirmed", "An appointment was confirmed.");
/// They are here.
pub static ARRIVED: EventType = EventType::new("appointment.arrived", "Who was booked has arrived.");
/// They did not come.
pub static NO_SHOW: EventType = EventType::new("appointment.no_show", "Who was booked did not come.");
/// It does not take place.
pub static CANCELLED: EventType = EventType::new("appointment.cancelled", "An appointment was cancelled.");
