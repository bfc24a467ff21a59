//! Refunds: what of payments went back to clients, and from which invoices it was taken.
//!
//! Who may see payments may see their refunds; to make one takes the action `payments:refund`.

pub mod create;
pub mod events;
pub mod get;
pub mod list;
pub mod model;
pub mod rows;
pub mod sample;
mod standing;
pub mod update;

use clinicos_contract::event::EventType;
use clinicos_gate::AnyOperation;

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&list::List, &get::Get, &create::Create, &update::Update];

/// Every event.
pub static EVENTS: &[&EventType] = &[&events::CREATED, &events::UPDATED, &events::SUCCEEDED, &events::FAILED];
