//! What a clinic has: a folder for each resource, of one shape.
//!
//! `mod.rs` is a folder's table of contents, `model.rs` holds types and rules without I/O, each
//! verb has a file, `rows.rs` has every SQL statement, `events.rs` what it announces and
//! `sample.rs` example bodies. A new resource is a folder, its line below, and a migration.

pub mod accounts;
pub mod appointment_types;
pub mod appointments;
pub mod availability;
pub mod batch;
pub mod bulk;
pub mod changes;
pub mod chart;
pub mod clients;
pub mod clinic_documents;
pub mod clinics;
pub mod consents;
pub mod decode;
pub mod diagnoses;
pub mod documents;
pub mod estimates;
pub mod exports;
pub mod external_ids;
pub mod ids;
pub mod imaging_studies;
pub mod invoices;
pub mod journal_entries;
pub mod lab_orders;
pub mod lab_results;
pub mod ledger;
pub mod links;
pub mod merging;
pub mod messages;
pub mod organizations;
pub mod patients;
pub mod payments;
pub mod payouts;
pub mod plain;
pub mod prescriptions;
pub mod products;
pub mod reach;
pub mod record_imports;
pub mod references;
pub mod referral_partners;
pub mod referrals;
pub mod refunds;
pub mod refusals;
pub mod reminders;
pub mod shifts;
pub mod staff;
pub mod standing;
#[cfg(test)]
mod steps;
pub mod stock_movements;
pub mod sums;
pub mod synthetic;
pub mod texts;
pub mod time_off;
pub mod treatments;
pub mod vaccinations;
pub mod visits;
pub mod vitals;

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
    /// What they hold that goes out and in behind them, in lines of its own.
    pub held: Option<&'static dyn AnyStanding>,
}

impl Folder {
    /// A folder that has its verbs in files of its own.
    const fn of(
        resource: &'static Resource,
        operations: &'static [&'static dyn AnyOperation],
        events: &'static [&'static EventType],
    ) -> Self {
        Self { resource, operations, events, statements: None, standing: None, held: None }
    }

    /// A folder of records that are read and written as they stand.
    const fn plain<R: Plain>(operations: &'static [&'static dyn AnyOperation], events: &'static [&'static EventType]) -> Self {
        let (statements, standing) = (Some(R::STATEMENTS), Some(&Of::<R>::NEW as &dyn AnyStanding));
        Self { resource: R::RESOURCE, operations, events, statements, standing, held: None }
    }

    /// The same, of records that go out and in as they stand.
    const fn standing<R: Standing>(self) -> Self {
        Self { standing: Some(&Of::<R>::NEW), ..self }
    }

    /// The same, of records that hold something which goes out and in behind them.
    const fn holding<R: Standing>(self) -> Self {
        Self { held: Some(&Of::<R>::NEW), ..self }
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
    Folder::plain::<visits::model::Visit<'_>>(visits::OPERATIONS, visits::EVENTS),
    Folder::plain::<referral_partners::model::ReferralPartner<'_>>(referral_partners::OPERATIONS, referral_partners::EVENTS),
    Folder::plain::<clinic_documents::model::Document<'_>>(clinic_documents::OPERATIONS, clinic_documents::EVENTS)
        .holding::<clinic_documents::standing::KeptContent<'_>>(),
    Folder::plain::<consents::model::Consent<'_>>(consents::OPERATIONS, consents::EVENTS),
    Folder::plain::<vitals::model::Vitals<'_>>(vitals::OPERATIONS, vitals::EVENTS),
    Folder::plain::<diagnoses::model::Diagnosis<'_>>(diagnoses::OPERATIONS, diagnoses::EVENTS),
    Folder::plain::<treatments::model::Treatment<'_>>(treatments::OPERATIONS, treatments::EVENTS),
    Folder::plain::<prescriptions::model::Prescription<'_>>(prescriptions::OPERATIONS, prescriptions::EVENTS),
    Folder::plain::<vaccinations::model::Vaccination<'_>>(vaccinations::OPERATIONS, vaccinations::EVENTS),
    Folder::plain::<lab_orders::model::LabOrder<'_>>(lab_orders::OPERATIONS, lab_orders::EVENTS),
    Folder::plain::<lab_results::model::LabResult<'_>>(lab_results::OPERATIONS, lab_results::EVENTS),
    Folder::plain::<imaging_studies::model::ImagingStudy<'_>>(imaging_studies::OPERATIONS, imaging_studies::EVENTS),
    Folder::plain::<shifts::model::Shift<'_>>(shifts::OPERATIONS, shifts::EVENTS),
    Folder::plain::<availability::model::Availability<'_>>(availability::OPERATIONS, availability::EVENTS),
    Folder::plain::<time_off::model::TimeOff<'_>>(time_off::OPERATIONS, time_off::EVENTS),
    Folder::plain::<estimates::model::Estimate<'_>>(estimates::OPERATIONS, estimates::EVENTS),
    Folder::plain::<stock_movements::model::StockMovement<'_>>(stock_movements::OPERATIONS, stock_movements::EVENTS),
    Folder::plain::<payouts::model::Payout<'_>>(payouts::OPERATIONS, payouts::EVENTS),
    Folder::plain::<journal_entries::model::JournalEntry<'_>>(journal_entries::OPERATIONS, journal_entries::EVENTS),
    Folder::plain::<messages::model::Message<'_>>(messages::OPERATIONS, messages::EVENTS),
    Folder::plain::<reminders::model::Reminder<'_>>(reminders::OPERATIONS, reminders::EVENTS),
    Folder::plain::<referrals::model::Referral<'_>>(referrals::OPERATIONS, referrals::EVENTS),
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
    RESOURCES.iter().flat_map(|folder| folder.standing.into_iter().chain(folder.held))
}

/// Every event of this crate.
pub fn events() -> impl Iterator<Item = &'static EventType> {
    RESOURCES.iter().flat_map(|folder| folder.events.iter().copied())
}
