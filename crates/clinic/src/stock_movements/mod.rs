//! Stock movements: goods that came or went.

pub mod model;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::StockMovement;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "stock_movements",
    singular: "stock_movement",
    title: "Stock movements",
    can_see: "see which goods came and went",
    can_change: "record, change and delete goods that come and go, which changes how much there is",
    primary: Category::Inventory,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(StockMovement<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[StockMovement::CREATED, StockMovement::UPDATED, StockMovement::DELETED];
