//! Where records refer to clients and patients, and how they come to refer to another one: what a
//! merge turns over. A test reads the migrations, and fails if a column is missing here.
//!
//! Each record that refers to another one then is changed like by any other write: it counts a
//! version, and its event says so.

use clinicos_contract::{Id, Kind, Problem, Timestamp};
use clinicos_gate::{Announcement, Cx, OrProblem as _, conflict};

use crate::ids::{self, ClientId, PatientId};
pub use crate::invoices::events::UPDATED as INVOICE_UPDATED;
use crate::patients;
pub use crate::patients::events::UPDATED as PATIENT_UPDATED;
pub use crate::payments::events::UPDATED as PAYMENT_UPDATED;
use crate::references::{Reference, rows};
pub use crate::refunds::events::UPDATED as REFUND_UPDATED;

/// Most records that one merge changes: it is one write, and others wait for it.
pub const CHANGED_MAX: usize = 5_000;

/// To clients. Ownerships of patients are a list of the patient's own, and turned over by themselves.
/// In the order in which rows are locked everywhere.
pub static TO_CLIENTS: &[Reference] = &[
    Reference { table: "payments", column: "client_id", event: &PAYMENT_UPDATED },
    Reference { table: "invoices", column: "client_id", event: &INVOICE_UPDATED },
    Reference { table: "refunds", column: "client_id", event: &REFUND_UPDATED },
];

/// Tables whose rows are parts of records, and that [`clients`] and [`patients`] know by themselves.
pub const PARTS: &[(&str, &str)] =
    &[("patients", "client_id"), ("patient_ownerships", "client_id"), ("invoice_lines", "patient_id")];

/// Lets everything that refers to one client refer to another one.
pub async fn clients(cx: &mut Cx<'_>, from: ClientId, to: ClientId, now: Timestamp) -> Result<(), Problem> {
    let clinic = cx.clinic_id()?;
    let mut changed = 0;
    for reference in TO_CLIENTS {
        changed += turn_over(cx, reference, from, to, now).await?;
    }
    let owned = rows::owned_by(cx.conn(), clinic, from).await.or_problem()?;
    check_bound(changed + owned.len())?;
    let mut owned: Vec<_> = patients::rows::lock_many(cx.conn(), clinic, &owned).await.or_problem()?.into_values().collect();
    owned.sort_by_key(|patient| patient.id);
    for mut patient in owned {
        patient.change_owner(from, to, now);
        patients::rows::update(cx.conn(), &patient).await.or_problem()?;
        patients::rows::replace_ownerships(cx.conn(), &patient).await.or_problem()?;
        cx.emit(patient.announce(&PATIENT_UPDATED).changed(["ownerships", "client_id"]));
    }
    Ok(())
}

/// Lets everything that refers to one patient refer to another one: lines of invoices.
pub async fn patients(cx: &mut Cx<'_>, from: PatientId, to: PatientId, now: Timestamp) -> Result<(), Problem> {
    let clinic = cx.clinic_id()?;
    let invoices = rows::billed_for(cx.conn(), clinic, from).await.or_problem()?;
    check_bound(invoices.len())?;
    for invoice in invoices {
        let version = rows::touch_invoice(cx.conn(), clinic, invoice, now).await.or_problem()?.unwrap_or_default();
        rows::bill_for(cx.conn(), clinic, (invoice, version), (from, to)).await.or_problem()?;
        cx.emit(Announcement::new(&INVOICE_UPDATED, invoice.any(), version).changed(["lines"]));
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

fn check_bound(changed: usize) -> Result<(), Problem> {
    if changed > CHANGED_MAX {
        return Err(conflict(format!("more than {CHANGED_MAX} records refer to it; it is too much to merge")));
    }
    Ok(())
}
