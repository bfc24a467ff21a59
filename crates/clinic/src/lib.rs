//! What a clinic has: a folder for each resource, of one shape.
//!
//! `mod.rs` is a folder's table of contents, `model.rs` holds types and rules without I/O, each
//! verb has a file, `rows.rs` has every SQL statement, `events.rs` what it announces and
//! `sample.rs` example bodies. A new resource is a folder, its line below, and a migration.

pub mod accounts;
pub mod batch;
pub mod bulk;
pub mod changes;
pub mod clients;
pub mod clinics;
pub mod decode;
pub mod documents;
pub mod external_ids;
pub mod ids;
pub mod invoices;
pub mod ledger;
pub mod links;
pub mod merging;
pub mod organizations;
pub mod patients;
pub mod payments;
pub mod products;
pub mod reach;
pub mod references;
pub mod refunds;
pub mod refusals;
pub mod synthetic;
pub mod texts;

use clinicos_contract::Resource;
use clinicos_contract::event::EventType;
use clinicos_gate::AnyOperation;

/// A folder's table of contents.
pub struct Folder {
    /// What its scopes and opt-ins speak of.
    pub resource: &'static Resource,
    /// Its operations.
    pub operations: &'static [&'static dyn AnyOperation],
    /// What it announces.
    pub events: &'static [&'static EventType],
}

/// Every resource of this crate.
pub static RESOURCES: &[Folder] = &[
    Folder { resource: &organizations::RESOURCE, operations: organizations::OPERATIONS, events: organizations::EVENTS },
    Folder { resource: &clinics::RESOURCE, operations: clinics::OPERATIONS, events: clinics::EVENTS },
    Folder { resource: &clients::RESOURCE, operations: clients::OPERATIONS, events: clients::EVENTS },
    Folder { resource: &patients::RESOURCE, operations: patients::OPERATIONS, events: patients::EVENTS },
    Folder { resource: &products::RESOURCE, operations: products::OPERATIONS, events: products::EVENTS },
    Folder { resource: &invoices::RESOURCE, operations: invoices::OPERATIONS, events: invoices::EVENTS },
    Folder { resource: &payments::RESOURCE, operations: payments::OPERATIONS, events: payments::EVENTS },
    Folder { resource: &payments::RESOURCE, operations: refunds::OPERATIONS, events: refunds::EVENTS },
    Folder { resource: &synthetic::RESOURCE, operations: synthetic::OPERATIONS, events: synthetic::EVENTS },
];

/// Every operation of this crate.
pub fn operations() -> impl Iterator<Item = &'static dyn AnyOperation> {
    RESOURCES.iter().flat_map(|folder| folder.operations.iter().copied())
}

/// Every event of this crate.
pub fn events() -> impl Iterator<Item = &'static EventType> {
    RESOURCES.iter().flat_map(|folder| folder.events.iter().copied())
}
