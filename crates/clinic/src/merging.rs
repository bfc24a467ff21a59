//! Where records refer to clients and patients, and how they come to refer to another one: what a
//! merge turns over. A test reads the migrations, and fails if a column is missing here.
//!
//! Each record that refers to another one then is changed like by any other write: it counts a
//! version, and its event says so.

use clinicos_contract::event::EventType;
use clinicos_contract::{Id, Kind, Problem, Timestamp};
use clinicos_gate::{Announcement, Cx, OrProblem as _, conflict};
use serde_json::Value as Json;

use crate::ids::{self, ClientId, PatientId};
pub use crate::invoices::events::UPDATED as INVOICE_UPDATED;
pub use crate::patients::events::UPDATED as PATIENT_UPDATED;
pub use crate::payments::events::UPDATED as PAYMENT_UPDATED;
use crate::plain::Declared;
use crate::references::{self, Reference, rows};
pub use crate::refunds::events::UPDATED as REFUND_UPDATED;
use crate::{appointments, patients};

/// Most records that one merge changes: it is one write, and others wait for it.
pub const CHANGED_MAX: usize = 5_000;

/// To clients, of records that are not plain. Ownerships of patients are a list of the patient's own, and turned over by themselves.
/// In the order in which rows are locked everywhere.
pub static TO_CLIENTS: &[Reference] = &[
    Reference { table: "payments", column: "client_id", event: &PAYMENT_UPDATED },
    Reference { table: "invoices", column: "client_id", event: &INVOICE_UPDATED },
    Reference { table: "refunds", column: "client_id", event: &REFUND_UPDATED },
];

/// What merging clients announces. A test compares it with what the schemas say refers to clients.
pub const CLIENTS_EMIT: &[&EventType] = &[
    &crate::clients::events::MERGED,
    &crate::clients::events::UPDATED,
    &PAYMENT_UPDATED,
    &INVOICE_UPDATED,
    &REFUND_UPDATED,
    &PATIENT_UPDATED,
    <crate::appointments::model::Appointment<'static> as Declared>::UPDATED,
    <crate::visits::model::Visit<'static> as Declared>::UPDATED,
    <crate::estimates::model::Estimate<'static> as Declared>::UPDATED,
    <crate::messages::model::Message<'static> as Declared>::UPDATED,
    <crate::reminders::model::Reminder<'static> as Declared>::UPDATED,
    <crate::referrals::model::Referral<'static> as Declared>::UPDATED,
    <crate::consents::model::Consent<'static> as Declared>::UPDATED,
    <crate::clinic_documents::model::Document<'static> as Declared>::UPDATED,
];
/// The same of patients.
pub const PATIENTS_EMIT: &[&EventType] = &[
    &crate::patients::events::MERGED,
    &PATIENT_UPDATED,
    &INVOICE_UPDATED,
    <crate::appointments::model::Appointment<'static> as Declared>::UPDATED,
    <crate::visits::model::Visit<'static> as Declared>::UPDATED,
    <crate::estimates::model::Estimate<'static> as Declared>::UPDATED,
    <crate::messages::model::Message<'static> as Declared>::UPDATED,
    <crate::reminders::model::Reminder<'static> as Declared>::UPDATED,
    <crate::referrals::model::Referral<'static> as Declared>::UPDATED,
    <crate::consents::model::Consent<'static> as Declared>::UPDATED,
    <crate::clinic_documents::model::Document<'static> as Declared>::UPDATED,
    <crate::vitals::model::Vitals<'static> as Declared>::UPDATED,
    <crate::diagnoses::model::Diagnosis<'static> as Declared>::UPDATED,
    <crate::treatments::model::Treatment<'static> as Declared>::UPDATED,
    <crate::prescriptions::model::Prescription<'static> as Declared>::UPDATED,
    <crate::vaccinations::model::Vaccination<'static> as Declared>::UPDATED,
    <crate::lab_orders::model::LabOrder<'static> as Declared>::UPDATED,
    <crate::lab_results::model::LabResult<'static> as Declared>::UPDATED,
    <crate::imaging_studies::model::ImagingStudy<'static> as Declared>::UPDATED,
];

/// Tables whose rows are parts of records, and that [`clients`] and [`patients`] know by themselves.
pub const PARTS: &[(&str, &str)] = &[
    ("patients", "client_id"),
    ("patient_ownerships", "client_id"),
    ("invoice_lines", "patient_id"),
    ("appointment_patients", "patient_id"),
];

/// Lets everything that refers to one client refer to another one.
pub async fn clients(cx: &mut Cx<'_>, from: ClientId, to: ClientId, now: Timestamp) -> Result<(), Problem> {
    let clinic = cx.clinic_id()?;
    let mut changed = 0;
    for reference in TO_CLIENTS {
        changed += turn_over(cx, reference, from, to, now).await?;
    }
    changed += turn_over_plain(cx, from, to, now).await?;
    let owned = rows::owned_by(cx.conn(), clinic, from).await.or_problem()?;
    check_bound(changed + owned.len())?;
    let mut owned: Vec<_> = patients::rows::lock_many(cx.conn(), clinic, &owned).await.or_problem()?.into_values().collect();
    owned.sort_by_key(|patient| patient.id);
    for mut patient in owned {
        patient.change_owner(from, to, now);
        patients::rows::update(cx.conn(), &patient).await.or_problem()?;
        patients::rows::replace_ownerships(cx.conn(), &patient).await.or_problem()?;
        patient.tell_owners(cx)?;
        cx.emit(patient.announce(&PATIENT_UPDATED).changed(["ownerships", "client_id"]));
    }
    // What the one decided is the other's word now.
    cx.client_decided(from.any())?;
    cx.client_decided(to.any())
}

/// Lets everything that refers to one patient refer to another one.
pub async fn patients(cx: &mut Cx<'_>, from: PatientId, to: PatientId, now: Timestamp) -> Result<(), Problem> {
    let clinic = cx.clinic_id()?;
    let invoices = rows::billed_for(cx.conn(), clinic, from).await.or_problem()?;
    check_bound(invoices.len() + turn_over_plain(cx, from, to, now).await?)?;
    appointments::rows::turn_over(cx.conn(), clinic, from, to).await.or_problem()?;
    for invoice in invoices {
        let version = rows::touch_invoice(cx.conn(), clinic, invoice, now).await.or_problem()?.unwrap_or_default();
        rows::bill_for(cx.conn(), clinic, (invoice, version), (from, to)).await.or_problem()?;
        cx.emit(Announcement::new(&INVOICE_UPDATED, invoice.any(), version).changed(["lines"]));
    }
    // What a client said of the one animal is said of the other now.
    for client in rows::deciding_about(cx.conn(), clinic, to).await.or_problem()? {
        cx.client_decided(client.any())?;
    }
    Ok(())
}

async fn turn_over<K: Kind>(
    cx: &mut Cx<'_>,
    reference: &Reference,
    from: Id<K>,
    to: Id<K>,
    now: Timestamp,
) -> Result<usize, Problem> {
    let clinic = cx.clinic_id()?;
    let mut changed = rows::turn_over(cx.conn(), clinic, reference, (from.into(), to.into()), now).await.or_problem()?;
    check_bound(changed.len())?;
    changed.sort_unstable();
    for (id, version) in &changed {
        let id = ids::any(id).ok_or_else(|| Problem::unavailable(format!("`{id}` in {} is no id", reference.table)))?;
        cx.emit(Announcement::new(reference.event, id, *version).changed([reference.column]));
    }
    Ok(changed.len())
}

/// Plain records, whose schemas tell where they refer to others.
async fn turn_over_plain<K: Kind>(cx: &mut Cx<'_>, from: Id<K>, to: Id<K>, now: Timestamp) -> Result<usize, Problem> {
    let mut changed = 0;
    for reference in references::plain(K::PREFIX) {
        changed += turn_over(cx, &reference, from, to, now).await?;
        check_bound(changed)?;
    }
    for reference in references::in_documents(K::PREFIX) {
        changed += turn_over_documents(cx, &reference, &from.to_string(), &to.to_string(), now).await?;
        check_bound(changed)?;
    }
    Ok(changed)
}

async fn turn_over_documents(
    cx: &mut Cx<'_>,
    reference: &Reference,
    from: &str,
    to: &str,
    now: Timestamp,
) -> Result<usize, Problem> {
    let clinic = cx.clinic_id()?;
    let found = rows::documents_with(cx.conn(), clinic, reference, from).await.or_problem()?;
    check_bound(found.len())?;
    for (id, document) in &found {
        let document: Json = serde_json::from_str(document).map_err(Problem::unavailable)?;
        let document = references::renamed(document, from, to).to_string();
        let version = rows::put_document(cx.conn(), clinic, reference, (id, &document), now).await.or_problem()?;
        let record = ids::any(id).ok_or_else(|| Problem::unavailable(format!("`{id}` in {} is no id", reference.table)))?;
        cx.emit(Announcement::new(reference.event, record, version.unwrap_or_default()).changed([reference.column]));
    }
    Ok(found.len())
}

fn check_bound(changed: usize) -> Result<(), Problem> {
    if changed > CHANGED_MAX {
        return Err(conflict(format!("more than {CHANGED_MAX} records refer to it; it is too much to merge")));
    }
    Ok(())
}
