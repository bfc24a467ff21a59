//! Every statement about imports.

use std::borrow::Cow;

use clinicos_contract::wire::{Doc, IntoStatic as _};
use clinicos_contract::{Timestamp, View, Writer};
use clinicos_gate::ClinicId;
use clinicos_gate::rows::id;
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError};

use super::model::{Import, ImportId, State};

type Result<T> = std::result::Result<T, StoreError>;

const COLUMNS: &str = "i.id, i.clinic_id, i.name, i.mapping, i.dry_run, i.state, i.runs, i.detail, i.files, i.started_by, \
    i.created_at, i.updated_at, i.finished_at, i.version, i.preview, \
    i.made_by";

const OF_CLINIC: ListSql = ListSql {
    columns: COLUMNS,
    column_count: 16,
    table: "imports",
    alias: "i",
    scope: "i.clinic_id = $1",
    id: "i.id",
    expressions: &[],
    indexed: &[],
    worklist: None,
    through: &[],
};

/// The list of a clinic's imports.
pub static LIST: ListSql = OF_CLINIC;

/// The list of the imports that a connection made: `$2` is the connection.
pub static LIST_OWN: ListSql = ListSql { scope: "i.clinic_id = $1 AND i.made_by = $2", ..OF_CLINIC };

/// Writes one row.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<()> {
    out.record(&decode(row)?, view);
    Ok(())
}

fn decode(row: &dyn Row) -> Result<Import<'_>> {
    Ok(Import {
        id: id(row, 0)?,
        clinic_id: id(row, 1)?,
        name: Cow::Borrowed(row.text(2)?),
        mapping: row.opt_text(3)?.map(Cow::Borrowed),
        dry_run: row.int(4)? != 0,
        state: State::parse(row.text(5)?).ok_or_else(|| StoreError::Corrupt("an import's state".to_owned()))?,
        runs: row.int(6)?,
        detail: row.opt_text(7)?.map(Cow::Borrowed),
        files: Doc::from_stored(row.text(8)?),
        started_by: Cow::Borrowed(row.text(9)?),
        made_by: Cow::Borrowed(row.text(15)?),
        created_at: Timestamp::from_micros(row.int(10)?),
        updated_at: Timestamp::from_micros(row.int(11)?),
        finished_at: row.opt_int(12)?.map(Timestamp::from_micros),
        version: row.int(13)?,
        preview: Doc::from_stored(row.text(14)?),
    })
}

/// One import.
pub async fn get(conn: &mut dyn Conn, clinic: ClinicId, import: ImportId) -> Result<Option<Import<'static>>> {
    let sql = format!("SELECT {COLUMNS} FROM imports i WHERE i.clinic_id = $1 AND i.id = $2");
    conn.one(&sql, &[clinic.into(), import.into()], |row| decode(row).map(Import::into_static)).await
}

/// One import, locked until the transaction ends.
pub async fn lock(conn: &mut dyn Conn, clinic: ClinicId, import: ImportId) -> Result<Option<Import<'static>>> {
    let sql = format!("SELECT {COLUMNS} FROM imports i WHERE i.clinic_id = $1 AND i.id = $2 FOR UPDATE");
    conn.one(&sql, &[clinic.into(), import.into()], |row| decode(row).map(Import::into_static)).await
}

/// The import of the same files that was begun since then and cut off, locked until the transaction
/// ends.
pub async fn lock_cut_off(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    digest: &str,
    since: Timestamp,
) -> Result<Option<Import<'static>>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM imports i WHERE i.clinic_id = $1 AND i.digest = $2 AND i.state = 'running' \
         AND i.created_at > $3 ORDER BY i.id DESC LIMIT 1 FOR UPDATE"
    );
    conn.one(&sql, &[clinic.into(), digest.into(), since.into()], |row| decode(row).map(Import::into_static)).await
}

/// Adds an import.
pub async fn insert(conn: &mut dyn Conn, import: &Import<'_>, digest: &str) -> Result<()> {
    conn.execute(
        "INSERT INTO imports (clinic_id, id, name, mapping, digest, dry_run, state, runs, detail, files, started_by, \
         created_at, updated_at, finished_at, version, preview, made_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        &[
            import.clinic_id.into(),
            import.id.into(),
            import.name.as_ref().into(),
            import.mapping.as_deref().into(),
            digest.into(),
            import.dry_run.into(),
            import.state.name().into(),
            import.runs.into(),
            import.detail.as_deref().into(),
            import.files.text().into(),
            import.started_by.as_ref().into(),
            import.created_at.into(),
            import.updated_at.into(),
            import.finished_at.into(),
            import.version.into(),
            import.preview.text().into(),
            import.made_by.as_ref().into(),
        ],
    )
    .await
    .map(drop)
}

/// Saves how far it is.
pub async fn update(conn: &mut dyn Conn, import: &Import<'_>) -> Result<()> {
    conn.execute(
        "UPDATE imports SET state = $3, runs = $4, detail = $5, files = $6, updated_at = $7, finished_at = $8, version = $9, \
         preview = $10, dry_run = $11, started_by = $12, mapping = $13 WHERE clinic_id = $1 AND id = $2",
        &[
            import.clinic_id.into(),
            import.id.into(),
            import.state.name().into(),
            import.runs.into(),
            import.detail.as_deref().into(),
            import.files.text().into(),
            import.updated_at.into(),
            import.finished_at.into(),
            import.version.into(),
            import.preview.text().into(),
            import.dry_run.into(),
            import.started_by.as_ref().into(),
            import.mapping.as_deref().into(),
        ],
    )
    .await
    .map(drop)
}

/// Forgets the files that were sent along.
pub async fn remove_files(conn: &mut dyn Conn, clinic: ClinicId, import: ImportId) -> Result<()> {
    const SQL: &str = "DELETE FROM import_files WHERE clinic_id = $1 AND import_id = $2";
    conn.execute(SQL, &[clinic.into(), import.into()]).await.map(drop)
}

/// The names of the files that were sent along.
pub async fn file_names(conn: &mut dyn Conn, clinic: ClinicId, import: ImportId) -> Result<Vec<String>> {
    const SQL: &str = "SELECT DISTINCT f.name FROM import_files f WHERE f.clinic_id = $1 AND f.import_id = $2 ORDER BY f.name";
    conn.all(SQL, &[clinic.into(), import.into()], |row| Ok(row.text(0)?.to_owned())).await
}

/// A part that a file lacks between its first and its last one: the file's name, and the first such
/// part.
pub async fn missing_part(conn: &mut dyn Conn, clinic: ClinicId, import: ImportId) -> Result<Option<(String, i64)>> {
    // Parts count from 1. The first that is missing follows one that is there, or is 1 itself.
    const SQL: &str = "SELECT f.name, MIN(f.part) FROM import_files f WHERE f.clinic_id = $1 AND f.import_id = $2 AND f.part > 1 \
         AND NOT EXISTS (SELECT 1 FROM import_files p WHERE p.clinic_id = $1 AND p.import_id = $2 AND p.name = f.name \
         AND p.part = f.part - 1) GROUP BY f.name ORDER BY f.name LIMIT 1";
    let found = conn.one(SQL, &[clinic.into(), import.into()], |row| Ok((row.text(0)?.to_owned(), row.int(1)?))).await?;
    Ok(found.map(|(name, part)| (name, part - 1)))
}
