//! What is asked of appointments beside what every plain record has.

use std::sync::LazyLock;

use clinicos_contract::Timestamp;
use clinicos_gate::ClinicId;
use clinicos_store::sql::places;
use clinicos_store::{Conn, StoreError, Value};

use super::model::{Appointment, SECONDS_MAX};
use super::status::AppointmentStatus;
use crate::appointment_types::model::CareKind;
use crate::ids::{AppointmentId, AppointmentTypeId, PatientId, StaffId};
use crate::{batch, decode};

/// Appointments to which a patient comes.
pub const OF_PATIENT: &str =
    "t.id IN (SELECT b.appointment_id FROM appointment_patients b WHERE b.clinic_id = $1 AND b.patient_id = {})";

/// A time at which somebody or a room is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Who wants it.
    pub by: AppointmentId,
}

/// The states in which an appointment holds its provider and room, as a list for a statement.
static HOLDING: LazyLock<String> =
    LazyLock::new(|| AppointmentStatus::HOLDING.map(|status| format!("'{}'", status.name())).join(", "));
/// The same of the kinds that may stand beside others.
static OVERLAPPING: LazyLock<String> =
    LazyLock::new(|| CareKind::OVERLAPPING.map(|kind| format!("'{}'", kind.name())).join(", "));

/// Other appointments of that time that hold what they are in. One that may stand beside others is not among them,
/// whichever was booked first.
fn meeting(of: &str, column: &str) -> String {
    let (holding, overlapping) = (&*HOLDING, &*OVERLAPPING);
    format!(
        "SELECT a.id, {column} FROM appointments a WHERE a.clinic_id = $1 AND a.starts_at > $2 AND a.starts_at < $3 \
         AND a.ends_at > $4 AND a.id <> $5 AND {of} AND a.deleted_at IS NULL AND a.allow_overlap = 0 \
         AND a.status IN ({holding}) AND NOT EXISTS (SELECT 1 FROM appointment_types t WHERE t.clinic_id = $1 \
         AND t.id = a.type_id AND t.kind IN ({overlapping})) ORDER BY a.starts_at, a.id"
    )
}

fn params(clinic: ClinicId, wanted: Wanted) -> [Value<'static>; 5] {
    // None is longer, so none that starts earlier is still going on.
    let from = wanted.starts_at.plus_seconds(-SECONDS_MAX - 1);
    [clinic.into(), from.into(), wanted.ends_at.into(), wanted.starts_at.into(), wanted.by.into()]
}

/// Whether another appointment holds somebody at that time.
pub async fn has(conn: &mut dyn Conn, clinic: ClinicId, provider: StaffId, wanted: Wanted) -> Result<bool, StoreError> {
    let sql = meeting("a.provider_id = $6", "a.provider_id") + " LIMIT 1";
    let params: Vec<Value<'_>> = params(clinic, wanted).into_iter().chain([provider.into()]).collect();
    Ok(conn.one(&sql, &params, |_| Ok(())).await?.is_some())
}

/// The rooms that other appointments hold at that time, as they are written there.
pub async fn rooms(conn: &mut dyn Conn, clinic: ClinicId, wanted: Wanted) -> Result<Vec<String>, StoreError> {
    let sql = meeting("a.room IS NOT NULL", "a.room");
    conn.all(&sql, &params(clinic, wanted), |row| Ok(row.text(1)?.to_owned())).await
}

/// What sort of care a type is.
pub async fn care_of(conn: &mut dyn Conn, clinic: ClinicId, id: AppointmentTypeId) -> Result<Option<CareKind>, StoreError> {
    const SQL: &str = "SELECT kind FROM appointment_types WHERE clinic_id = $1 AND id = $2";
    conn.one(SQL, &[clinic.into(), id.into()], |row| decode::word(row, 0, CareKind::parse)).await
}

/// How many appointments one statement forgets the patients of.
const FORGOTTEN_AT_ONCE: usize = 100;

/// Keeps which patients come to these appointments, where one patient's are found.
pub async fn come(conn: &mut dyn Conn, stored: &[Appointment<'_>]) -> Result<(), StoreError> {
    const FORGET: &str = "DELETE FROM appointment_patients WHERE clinic_id = $1 AND appointment_id IN ";
    const HEAD: &str = "INSERT INTO appointment_patients (clinic_id, patient_id, appointment_id) VALUES ";
    for some in stored.chunks(FORGOTTEN_AT_ONCE) {
        let mut params: Vec<Value<'_>> = some.iter().take(1).map(|one| one.clinic_id.into()).collect();
        let places = places(&mut params, some.iter().map(|one| one.id.into()));
        conn.execute(&format!("{FORGET}({places})"), &params).await?;
    }
    let pairs = stored.iter().flat_map(|one| one.patients().into_iter().map(|patient| (one.clinic_id, patient, one.id)));
    let pairs: Vec<(ClinicId, PatientId, AppointmentId)> = pairs.collect();
    batch::insert(conn, HEAD, 3, &pairs, |(clinic, patient, appointment), params| {
        params.extend([(*clinic).into(), (*patient).into(), (*appointment).into()]);
    })
    .await
}

/// Lets appointments of one patient be another one's.
pub async fn turn_over(conn: &mut dyn Conn, clinic: ClinicId, from: PatientId, to: PatientId) -> Result<(), StoreError> {
    const BOTH: &str = "DELETE FROM appointment_patients WHERE clinic_id = $1 AND patient_id = $2 AND appointment_id IN \
        (SELECT o.appointment_id FROM appointment_patients o WHERE o.clinic_id = $1 AND o.patient_id = $3)";
    const ONE: &str = "UPDATE appointment_patients SET patient_id = $3 WHERE clinic_id = $1 AND patient_id = $2";
    for sql in [BOTH, ONE] {
        conn.execute(sql, &[clinic.into(), from.into(), to.into()]).await?;
    }
    Ok(())
}
