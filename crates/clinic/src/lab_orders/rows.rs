//! What other folders ask of laboratory orders.

use clinicos_gate::ClinicId;
use clinicos_store::{Conn, StoreError};

use crate::decode;
use crate::ids::{LabOrderId, PatientId, VisitId};

/// For whom and on which visit it was ordered, if the clinic has it.
pub async fn ordered_for(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    id: LabOrderId,
) -> Result<Option<(PatientId, Option<VisitId>)>, StoreError> {
    const SQL: &str = "SELECT patient_id, visit_id FROM lab_orders WHERE clinic_id = $1 AND id = $2";
    conn.one(SQL, &[clinic.into(), id.into()], |row| Ok((decode::id(row, 0)?, decode::opt_id(row, 1)?))).await
}
