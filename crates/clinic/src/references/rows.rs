//! Statements that let records refer to another one.

use clinicos_contract::Timestamp;
use clinicos_gate::ClinicId;
use clinicos_store::{Conn, StoreError, Value};

use super::Reference;
use crate::decode;
use crate::ids::{ClientId, InvoiceId, PatientId};
use crate::texts::Decimal;

/// Lets rows of a table refer to another record; tells each one's id and its version after it.
pub async fn turn_over(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    Reference { table, column, .. }: &Reference,
    (from, to): (Value<'static>, Value<'static>),
    now: Timestamp,
) -> Result<Vec<(String, i64)>, StoreError> {
    let sql = format!(
        "UPDATE {table} SET {column} = $3, updated_at = $4, version = version + 1 WHERE clinic_id = $1 AND {column} = $2 \
         RETURNING id, version"
    );
    conn.all(&sql, &[clinic.into(), from, to, now.into()], |row| Ok((row.text(0)?.to_owned(), row.int(1)?))).await
}

/// The documents of a table in which an identifier stands, each with its record's id, oldest first.
pub async fn documents_with(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    Reference { table, column, .. }: &Reference,
    id: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    let sql = format!("SELECT id, {column} FROM {table} WHERE clinic_id = $1 AND {column} LIKE $2 ORDER BY id");
    let like = format!("%{id}%");
    conn.all(&sql, &[clinic.into(), Value::Owned(like)], |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).await
}

/// Puts another document in the place of one; tells the record's version after it.
pub async fn put_document(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    Reference { table, column, .. }: &Reference,
    (id, document): (&str, &str),
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let sql = format!(
        "UPDATE {table} SET {column} = $3, updated_at = $4, version = version + 1 WHERE clinic_id = $1 AND id = $2 \
         RETURNING version"
    );
    conn.one(&sql, &[clinic.into(), id.into(), document.into(), now.into()], |row| row.int(0)).await
}

/// The patients that a client owns or owned.
pub async fn owned_by(conn: &mut dyn Conn, clinic: ClinicId, client: ClientId) -> Result<Vec<PatientId>, StoreError> {
    const SQL: &str = "SELECT DISTINCT patient_id FROM patient_ownerships WHERE clinic_id = $1 AND client_id = $2";
    conn.all(SQL, &[clinic.into(), client.into()], |row| decode::id(row, 0)).await
}

/// The clients who decided something about a patient.
pub async fn deciding_about(conn: &mut dyn Conn, clinic: ClinicId, patient: PatientId) -> Result<Vec<ClientId>, StoreError> {
    const SQL: &str = "SELECT DISTINCT client_id FROM consents WHERE clinic_id = $1 AND patient_id = $2";
    conn.all(SQL, &[clinic.into(), patient.into()], |row| decode::id(row, 0)).await
}

/// The invoices that have lines for a patient, oldest first.
pub async fn billed_for(conn: &mut dyn Conn, clinic: ClinicId, patient: PatientId) -> Result<Vec<InvoiceId>, StoreError> {
    const SQL: &str = "SELECT DISTINCT invoice_id FROM invoice_lines WHERE clinic_id = $1 AND patient_id = $2";
    let mut found = conn.all(SQL, &[clinic.into(), patient.into()], |row| decode::id(row, 0)).await?;
    found.sort_unstable();
    Ok(found)
}

/// Counts a change of an invoice; tells its version after it.
pub async fn touch_invoice(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    invoice: InvoiceId,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    const SQL: &str =
        "UPDATE invoices SET updated_at = $3, version = version + 1 WHERE clinic_id = $1 AND id = $2 RETURNING version";
    conn.one(SQL, &[clinic.into(), invoice.into(), now.into()], |row| row.int(0)).await
}

/// Lets the lines of an invoice that were for one patient be for another one.
pub async fn bill_for(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    (invoice, version): (InvoiceId, i64),
    (from, to): (PatientId, PatientId),
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE invoice_lines SET patient_id = $4, version = $5 \
        WHERE clinic_id = $1 AND invoice_id = $2 AND patient_id = $3";
    let params = [clinic.into(), invoice.into(), from.into(), to.into(), version.into()];
    conn.execute(SQL, &params).await.map(drop)
}

/// What either of two patients weighed when one of them was last weighed.
pub async fn last_weight(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    (one, other): (PatientId, PatientId),
) -> Result<Option<Decimal<'static>>, StoreError> {
    const SQL: &str = "SELECT weight_kg FROM vitals WHERE clinic_id = $1 AND patient_id IN ($2, $3) \
        AND weight_kg IS NOT NULL AND deleted_at IS NULL ORDER BY taken_at DESC, id DESC LIMIT 1";
    conn.one(SQL, &[clinic.into(), one.into(), other.into()], |row| Ok(Decimal::from(row.text(0)?.to_owned()))).await
}
