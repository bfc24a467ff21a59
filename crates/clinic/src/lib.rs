//! What a clinic has: a folder for each resource, of one shape.
//!
//! `mod.rs` is a folder's table of contents, `model.rs` holds types and rules without I/O, each
//! verb has a file, `rows.rs` has every SQL statement, `events.rs` what it announces and
//! `sample.rs` example bodies. A new resource is a folder, its line below, and a migration.

pub mod appointment_types;
pub mod appointments;
pub mod batch;
pub mod bulk;
pub mod changes;
pub mod clients;
pub mod clinics;
pub mod decode;
pub mod documents;
pub mod exports;
pub mod external_ids;
pub mod ids;
pub mod invoices;
pub mod ledger;
pub mod links;
pub mod organizations;
pub mod patients;
pub mod payments;
pub mod plain;
pub mod products;
pub mod reach;
pub mod record_imports;
pub mod refunds;
pub mod refusals;
pub mod staff;
pub mod standing;
pub mod synthetic;
pub mod texts;

use clinicos_contract::Resource;
use clinicos_contract::event::EventType;
use clinicos_gate::AnyOperation;

use self::plain::Plain;
use self::plain::rows::Statements;
use self::standing::{AnyStanding, Of, Standing};

/// A folder's table of contents.
pub struct Folder {
    /// What its scopes and opt-ins speak of.
    pub resource: &'static Resource,
    /// Its operations.
    pub operations: &'static [&'static dyn AnyOperation],
    /// What it announces.
    pub events: &'static [&'static EventType],
    /// The statements of its records, if those are read and written as they stand.
    pub statements: Option<&'static Statements>,
    /// How its records go out and in as they stand, if they are a part of a clinic's record.
    pub standing: Option<&'static dyn AnyStanding>,
}

impl Folder {
    /// A folder that has its verbs in files of its own.
    const fn of(
        resource: &'static Resource,
        operations: &'static [&'static dyn AnyOperation],
        events: &'static [&'static EventType],
    ) -> Self {
        Self { resource, operations, events, statements: None, standing: None }
    }

    /// A folder of records that are read and written as they stand.
    const fn plain<R: Plain>(operations: &'static [&'static dyn AnyOperation], events: &'static [&'static EventType]) -> Self {
        Self { resource: R::RESOURCE, operations, events, statements: Some(R::STATEMENTS), standing: Some(&Of::<R>::NEW) }
    }

    /// The same, of records that go out and in as they stand.
    const fn standing<R: Standing>(self) -> Self {
        Self { standing: Some(&Of::<R>::NEW), ..self }
    }
}

/// Every resource of this crate.
pub static RESOURCES: &[Folder] = &[
    Folder::of(&organizations::RESOURCE, organizations::OPERATIONS, organizations::EVENTS),
    Folder::of(&clinics::RESOURCE, clinics::OPERATIONS, clinics::EVENTS),
    Folder::of(&clients::RESOURCE, clients::OPERATIONS, clients::EVENTS).standing::<clients::model::Client<'_>>(),
    Folder::of(&patients::RESOURCE, patients::OPERATIONS, patients::EVENTS).standing::<patients::model::Patient<'_>>(),
    Folder::of(&products::RESOURCE, products::OPERATIONS, products::EVENTS).standing::<products::model::Product<'_>>(),
    Folder::of(&invoices::RESOURCE, invoices::OPERATIONS, invoices::EVENTS).standing::<invoices::model::Invoice<'_>>(),
    Folder::of(&payments::RESOURCE, payments::OPERATIONS, payments::EVENTS).standing::<payments::model::Payment<'_>>(),
    Folder::of(&payments::RESOURCE, refunds::OPERATIONS, refunds::EVENTS).standing::<refunds::model::Refund<'_>>(),
    Folder::plain::<appointment_types::model::AppointmentType<'_>>(appointment_types::OPERATIONS, appointment_types::EVENTS),
    Folder::plain::<staff::model::Staff<'_>>(staff::OPERATIONS, staff::EVENTS),
    Folder::plain::<appointments::model::Appointment<'_>>(appointments::OPERATIONS, appointments::EVENTS),
    Folder::of(&exports::RESOURCE, exports::OPERATIONS, exports::EVENTS),
    Folder::of(&record_imports::RESOURCE, record_imports::OPERATIONS, record_imports::EVENTS),
    Folder::of(&synthetic::RESOURCE, synthetic::OPERATIONS, synthetic::EVENTS),
];

/// Every operation of this crate.
pub fn operations() -> impl Iterator<Item = &'static dyn AnyOperation> {
    RESOURCES.iter().flat_map(|folder| folder.operations.iter().copied())
}

/// Every kind of record that a clinic's record has, in the order in which they name one another.
pub fn record() -> impl Iterator<Item = &'static dyn AnyStanding> {
    RESOURCES.iter().filter_map(|folder| folder.standing)
}

/// Every event of this crate.
pub fn events() -> impl Iterator<Item = &'static EventType> {
    RESOURCES.iter().flat_map(|folder| folder.events.iter().copied())
}
