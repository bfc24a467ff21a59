//! Statements on the identifiers of other systems.

use std::collections::HashMap;

use clinicos_gate::ClinicId;
use clinicos_store::{Conn, StoreError, Value};

use super::Claim;
use crate::batch;
use crate::documents::ExternalId;

const INSERT: &str = "INSERT INTO external_ids (clinic_id, kind, system, value, record_id) VALUES ";
const INSERT_WIDTH: usize = 5;

/// The record that an identifier means, tombstones included.
pub async fn find(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    kind: &'static str,
    external: &ExternalId,
) -> Result<Option<String>, StoreError> {
    const SQL: &str = "SELECT record_id FROM external_ids WHERE clinic_id = $1 AND kind = $2 AND system = $3 AND value = $4";
    let params = [clinic.into(), kind.into(), external.system.as_str().into(), external.value.as_str().into()];
    conn.one(SQL, &params, |row| Ok(row.text(0)?.to_owned())).await
}

/// The records that many identifiers of one system mean, by identifier.
pub async fn find_many(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    kind: &'static str,
    system: &str,
    values: &[&str],
) -> Result<HashMap<String, String>, StoreError> {
    const HEAD: &str =
        "SELECT value, record_id FROM external_ids WHERE clinic_id = $1 AND kind = $2 AND system = $3 AND value IN ";
    let fixed = [clinic.into(), kind.into(), system.into()];
    let values: Vec<Value<'_>> = values.iter().map(|value| Value::Text(value)).collect();
    let mut found = HashMap::with_capacity(values.len());
    batch::among(conn, HEAD, "", &fixed, &values, &mut |row| {
        found.insert(row.text(0)?.to_owned(), row.text(1)?.to_owned());
        Ok(())
    })
    .await?;
    Ok(found)
}

/// Remembers what identifiers mean.
pub async fn insert(conn: &mut dyn Conn, claims: &[Claim]) -> Result<(), StoreError> {
    batch::insert(conn, INSERT, INSERT_WIDTH, claims, |claim, params| {
        params.extend([
            claim.clinic.into(),
            claim.record.prefix.into(),
            claim.external.system.as_str().into(),
            claim.external.value.as_str().into(),
            claim.record.to_string().into(),
        ]);
    })
    .await
}

/// Forgets what an identifier means.
pub async fn delete(conn: &mut dyn Conn, clinic: ClinicId, kind: &'static str, external: &ExternalId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM external_ids WHERE clinic_id = $1 AND kind = $2 AND system = $3 AND value = $4";
    let params = [clinic.into(), kind.into(), external.system.as_str().into(), external.value.as_str().into()];
    conn.execute(SQL, &params).await.map(drop)
}
