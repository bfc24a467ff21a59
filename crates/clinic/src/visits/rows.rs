//! What other folders ask of visits.

use clinicos_gate::ClinicId;
use clinicos_store::{Conn, StoreError};

use crate::decode;
use crate::ids::{PatientId, VisitId};

/// Whose visit it is, if the clinic has it.
pub async fn patient_of(conn: &mut dyn Conn, clinic: ClinicId, id: VisitId) -> Result<Option<PatientId>, StoreError> {
    const SQL: &str = "SELECT patient_id FROM visits WHERE clinic_id = $1 AND id = $2";
    conn.one(SQL, &[clinic.into(), id.into()], |row| decode::id(row, 0)).await
}
