//! Every statement about keys.

use std::borrow::Cow;

use clinicos_contract::wire::IntoStatic as _;
use clinicos_contract::{Timestamp, View, Writer};
use clinicos_gate::rows::id;
use clinicos_gate::{ClinicId, KeyId};
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError};

use super::model::Key;

type Result<T> = std::result::Result<T, StoreError>;

const COLUMNS: &str =
    "k.id, k.clinic_id, k.connection_id, k.name, k.hint, k.expires_at, k.revoked_at, k.created_at, k.updated_at, k.version";

/// The list of a clinic's keys.
pub static LIST: ListSql = ListSql {
    columns: COLUMNS,
    column_count: 10,
    table: "keys",
    alias: "k",
    scope: "k.clinic_id = $1",
    id: "k.id",
    expressions: &[],
    indexed: &["connection_id"],
};

/// Writes one row.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<()> {
    out.record(&decode(row)?, view);
    Ok(())
}

fn decode(row: &dyn Row) -> Result<Key<'_>> {
    Ok(Key {
        id: id(row, 0)?,
        clinic_id: id(row, 1)?,
        connection_id: id(row, 2)?,
        name: Cow::Borrowed(row.text(3)?),
        hint: Cow::Borrowed(row.text(4)?),
        secret: None,
        opt_ins: None,
        expires_at: row.opt_int(5)?.map(Timestamp::from_micros),
        revoked_at: row.opt_int(6)?.map(Timestamp::from_micros),
        created_at: Timestamp::from_micros(row.int(7)?),
        updated_at: Timestamp::from_micros(row.int(8)?),
        version: row.int(9)?,
    })
}

/// One key.
pub async fn get(conn: &mut dyn Conn, clinic: ClinicId, key: KeyId) -> Result<Option<Key<'static>>> {
    let sql = format!("SELECT {COLUMNS} FROM keys k WHERE k.clinic_id = $1 AND k.id = $2");
    conn.one(&sql, &[clinic.into(), key.into()], |row| decode(row).map(Key::into_static)).await
}

/// One key, locked until the transaction ends.
pub async fn lock(conn: &mut dyn Conn, clinic: ClinicId, key: KeyId) -> Result<Option<Key<'static>>> {
    let sql = format!("SELECT {COLUMNS} FROM keys k WHERE k.clinic_id = $1 AND k.id = $2 FOR UPDATE");
    conn.one(&sql, &[clinic.into(), key.into()], |row| decode(row).map(Key::into_static)).await
}

/// Adds a key under its hash.
pub async fn insert(conn: &mut dyn Conn, key: &Key<'_>, hash: &str) -> Result<()> {
    conn.execute(
        "INSERT INTO keys (clinic_id, id, connection_id, name, hash, hint, expires_at, revoked_at, created_at, updated_at, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            key.clinic_id.into(),
            key.id.into(),
            key.connection_id.into(),
            key.name.as_ref().into(),
            hash.into(),
            key.hint.as_ref().into(),
            key.expires_at.into(),
            key.revoked_at.into(),
            key.created_at.into(),
            key.updated_at.into(),
            key.version.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Marks a key as revoked. Nothing ever takes the mark away.
pub async fn revoke(conn: &mut dyn Conn, key: &Key<'_>) -> Result<()> {
    conn.execute(
        "UPDATE keys SET revoked_at = $3, updated_at = $4, version = $5 WHERE clinic_id = $1 AND id = $2",
        &[key.clinic_id.into(), key.id.into(), key.revoked_at.into(), key.updated_at.into(), key.version.into()],
    )
    .await?;
    Ok(())
}
