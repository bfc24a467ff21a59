//! Every statement about files of imports.

use std::borrow::Cow;

use clinicos_contract::{Timestamp, View, Writer};
use clinicos_gate::ClinicId;
use clinicos_gate::rows::id;
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};

use super::model::ImportFile;
use crate::imports::model::ImportId;

type Result<T> = std::result::Result<T, StoreError>;

/// The parts of files of an import: `$1` is the clinic, `$2` the import.
pub static LIST: ListSql = ListSql {
    columns: "f.id, f.clinic_id, f.import_id, f.name, f.part, f.size, f.created_at",
    column_count: 7,
    table: "import_files",
    alias: "f",
    scope: "f.clinic_id = $1 AND f.import_id = $2",
    id: "f.id",
    expressions: &[],
    indexed: &[],
    worklist: None,
    through: &[],
};

/// Writes one row.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<()> {
    let file = ImportFile {
        id: id(row, 0)?,
        clinic_id: id(row, 1)?,
        import_id: id(row, 2)?,
        name: Cow::Borrowed(row.text(3)?),
        part: row.int(4)?,
        size: row.int(5)?,
        created_at: Timestamp::from_micros(row.int(6)?),
        version: 1,
    };
    out.record(&file, view);
    Ok(())
}

/// How many bytes the files of an import have.
pub async fn bytes(conn: &mut dyn Conn, clinic: ClinicId, import: ImportId) -> Result<i64> {
    const SQL: &str = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM import_files WHERE clinic_id = $1 AND import_id = $2";
    Ok(conn.one(SQL, &[clinic.into(), import.into()], |row| row.int(0)).await?.unwrap_or(0))
}

/// Forgets a part.
pub async fn remove(conn: &mut dyn Conn, clinic: ClinicId, import: ImportId, name: &str, part: i64) -> Result<()> {
    const SQL: &str = "DELETE FROM import_files WHERE clinic_id = $1 AND import_id = $2 AND name = $3 AND part = $4";
    conn.execute(SQL, &[clinic.into(), import.into(), name.into(), part.into()]).await.map(drop)
}

/// Adds a part.
pub async fn insert(conn: &mut dyn Conn, file: &ImportFile<'_>, content: &[u8]) -> Result<()> {
    conn.execute(
        "INSERT INTO import_files (clinic_id, id, import_id, name, part, size, content, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            file.clinic_id.into(),
            file.id.into(),
            file.import_id.into(),
            file.name.as_ref().into(),
            file.part.into(),
            file.size.into(),
            Value::Bytes(content),
            file.created_at.into(),
        ],
    )
    .await
    .map(drop)
}
