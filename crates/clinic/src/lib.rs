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
pub mod clinic_documents;
pub mod clinics;
pub mod consents;
pub mod decode;
pub mod documents;
pub mod external_ids;
pub mod ids;
pub mod invoices;
pub mod ledger;
pub mod links;
pub mod messages;
pub mod organizations;
pub mod patients;
pub mod payments;
pub mod plain;
pub mod products;
pub mod reach;
pub mod referral_partners;
pub mod referrals;
pub mod refunds;
pub mod refusals;
pub mod reminders;
pub mod staff;
pub mod synthetic;
pub mod texts;

use clinicos_contract::Resource;
use clinicos_contract::event::EventType;
use clinicos_gate::AnyOperation;

use self::plain::Plain;
use self::plain::rows::Statements;

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
}

impl Folder {
    /// A folder that has its verbs in files of its own.
    const fn of(
        resource: &'static Resource,
        operations: &'static [&'static dyn AnyOperation],
        events: &'static [&'static EventType],
    ) -> Self {
        Self { resource, operations, events, statements: None }
    }

    /// A folder of records that are read and written as they stand.
    const fn plain<R: Plain>(operations: &'static [&'static dyn AnyOperation], events: &'static [&'static EventType]) -> Self {
        Self { resource: R::RESOURCE, operations, events, statements: Some(R::STATEMENTS) }
    }
}

/// Every resource of this crate.
pub static RESOURCES: &[Folder] = &[
    Folder::of(&organizations::RESOURCE, organizations::OPERATIONS, organizations::EVENTS),
    Folder::of(&clinics::RESOURCE, clinics::OPERATIONS, clinics::EVENTS),
    Folder::of(&clients::RESOURCE, clients::OPERATIONS, clients::EVENTS),
    Folder::of(&patients::RESOURCE, patients::OPERATIONS, patients::EVENTS),
    Folder::of(&products::RESOURCE, products::OPERATIONS, products::EVENTS),
    Folder::of(&invoices::RESOURCE, invoices::OPERATIONS, invoices::EVENTS),
    Folder::of(&payments::RESOURCE, payments::OPERATIONS, payments::EVENTS),
    Folder::of(&payments::RESOURCE, refunds::OPERATIONS, refunds::EVENTS),
    Folder::plain::<appointment_types::model::AppointmentType<'_>>(appointment_types::OPERATIONS, appointment_types::EVENTS),
    Folder::plain::<staff::model::Staff<'_>>(staff::OPERATIONS, staff::EVENTS),
    Folder::plain::<appointments::model::Appointment<'_>>(appointments::OPERATIONS, appointments::EVENTS),
    Folder::plain::<messages::model::Message<'_>>(messages::OPERATIONS, messages::EVENTS),
    Folder::plain::<reminders::model::Reminder<'_>>(reminders::OPERATIONS, reminders::EVENTS),
    Folder::plain::<referral_partners::model::ReferralPartner<'_>>(referral_partners::OPERATIONS, referral_partners::EVENTS),
    Folder::plain::<referrals::model::Referral<'_>>(referrals::OPERATIONS, referrals::EVENTS),
    Folder::plain::<consents::model::Consent<'_>>(consents::OPERATIONS, consents::EVENTS),
    Folder::plain::<clinic_documents::model::Document<'_>>(clinic_documents::OPERATIONS, clinic_documents::EVENTS),
    Folder::of(&synthetic::RESOURCE, synthetic::OPERATIONS, synthetic::EVENTS),
];

/// Every operation of this crate.
pub fn operations() -> impl Iterator<Item = &'static dyn AnyOperation> {
    RESOURCES.iter().flat_map(|folder| folder.operations.iter().copied())
}

/// Every event of this crate.
pub fn events() -> impl Iterator<Item = &'static EventType> {
    RESOURCES.iter().flat_map(|folder| folder.events.iter().copied())
}
