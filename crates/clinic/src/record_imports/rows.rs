//! Statements on record imports.

use clinicos_contract::wire::IntoStatic;
use clinicos_gate::ClinicId;
use clinicos_store::{Conn, Row, StoreError};

use super::model::{RecordImport, RecordImportState};
use crate::decode;

/// The one that is under way for a clinic, held until the transaction ends.
pub async fn lock_running(conn: &mut dyn Conn, clinic: ClinicId) -> Result<Option<RecordImport<'static>>, StoreError> {
    const SQL: &str = "SELECT id, clinic_id, digest, state, files, last_invoice_number, created_at, updated_at, version \
        FROM record_imports WHERE clinic_id = $1 AND state = 'running' ORDER BY id LIMIT 1 FOR UPDATE";
    conn.one(SQL, &[clinic.into()], |row| Ok(decode(row)?.into_static())).await
}

fn decode(row: &dyn Row) -> Result<RecordImport<'_>, StoreError> {
    Ok(RecordImport {
        id: decode::id(row, 0)?,
        clinic_id: decode::id(row, 1)?,
        digest: decode::text(row, 2)?,
        state: decode::word(row, 3, RecordImportState::parse)?,
        files: decode::doc(row, 4)?,
        taken: clinicos_contract::wire::Doc::from_stored("[]"),
        last_invoice_number: row.int(5)?,
        created_at: decode::time(row, 6)?,
        updated_at: decode::time(row, 7)?,
        version: row.int(8)?,
    })
}

/// Adds one, or saves it as it is now.
pub async fn save(conn: &mut dyn Conn, import: &RecordImport<'_>) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO record_imports (id, clinic_id, digest, state, files, last_invoice_number, created_at, \
        updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (clinic_id, id) DO UPDATE SET \
        state = excluded.state, updated_at = excluded.updated_at, version = excluded.version";
    let params = [
        import.id.into(),
        import.clinic_id.into(),
        (&*import.digest).into(),
        import.state.name().into(),
        import.files.text().into(),
        import.last_invoice_number.into(),
        import.created_at.into(),
        import.updated_at.into(),
        import.version.into(),
    ];
    conn.execute(SQL, &params).await.map(drop)
}

/// Says whether a record is on its way into a clinic.
pub async fn set_coming(conn: &mut dyn Conn, clinic: ClinicId, comes_in: bool) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE clinics SET record_comes_in = $2 WHERE id = $1 -- clinic_id is the id here";
    conn.execute(SQL, &[clinic.into(), i64::from(comes_in).into()]).await.map(drop)
}

/// What records hold in tables of their own, which go with them.
const HELD: &[&str] =
    &["appointment_patients", "external_ids", "invoice_lines", "payment_allocations", "patient_ownerships", "refund_lines"];

/// Takes everything that came in out of a clinic again.
pub async fn empty(conn: &mut dyn Conn, clinic: ClinicId) -> Result<(), StoreError> {
    let tables = crate::record().map(|kind| kind.list().table);
    for table in HELD.iter().copied().chain(tables) {
        conn.execute(&format!("DELETE FROM {table} WHERE clinic_id = $1"), &[clinic.into()]).await?;
    }
    Ok(())
}
