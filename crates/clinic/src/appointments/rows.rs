//! What is asked of appointments beside what every plain record has.

use std::sync::LazyLock;

use clinicos_contract::Timestamp;
use clinicos_gate::ClinicId;
use clinicos_store::{Conn, StoreError, Value};

use super::model::SECONDS_MAX;
use super::status::AppointmentStatus;
use crate::appointment_types::model::CareKind;
use crate::decode;
use crate::ids::{AppointmentId, AppointmentTypeId};

/// A time that somebody or a room is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'w> {
    /// The column that names who or which, and the name.
    pub of: (&'static str, &'w str),
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
/// The same of the kinds that take up nobody's time.
static WAITING: LazyLock<String> = LazyLock::new(|| CareKind::WAITING.map(|kind| format!("'{}'", kind.name())).join(", "));

/// The first other appointment that holds what is wanted at that time.
pub async fn in_the_way(conn: &mut dyn Conn, clinic: ClinicId, wanted: Wanted<'_>) -> Result<Option<AppointmentId>, StoreError> {
    let (column, name) = wanted.of;
    let (holding, waiting) = (&*HOLDING, &*WAITING);
    let sql = format!(
        "SELECT a.id FROM appointments a WHERE a.clinic_id = $1 AND a.{column} = $2 AND a.starts_at > $3 \
         AND a.starts_at < $4 AND a.ends_at > $5 AND a.id <> $6 AND a.deleted_at IS NULL AND a.status IN ({holding}) \
         AND NOT EXISTS (SELECT 1 FROM appointment_types t WHERE t.clinic_id = $1 AND t.id = a.type_id \
         AND t.kind IN ({waiting})) ORDER BY a.starts_at, a.id LIMIT 1"
    );
    // None is longer, so none that starts earlier is still going on.
    let from = wanted.starts_at.plus_seconds(-SECONDS_MAX - 1);
    let params: [Value<'_>; 6] =
        [clinic.into(), name.into(), from.into(), wanted.ends_at.into(), wanted.starts_at.into(), wanted.by.into()];
    conn.one(&sql, &params, |row| decode::id(row, 0)).await
}

/// What sort of care a type is.
pub async fn care_of(conn: &mut dyn Conn, clinic: ClinicId, id: AppointmentTypeId) -> Result<Option<CareKind>, StoreError> {
    const SQL: &str = "SELECT kind FROM appointment_types WHERE clinic_id = $1 AND id = $2";
    conn.one(SQL, &[clinic.into(), id.into()], |row| decode::word(row, 0, CareKind::parse)).await
}
