//! Every statement about records that were not imported.

use std::borrow::Cow;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Timestamp, View, Writer};
use clinicos_gate::ClinicId;
use clinicos_gate::rows::id;
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError};

use super::model::ImportReject;
use crate::imports::model::ImportId;

type Result<T> = std::result::Result<T, StoreError>;

/// The rejects of a run: `$1` is the clinic, `$2` the import, `$3` the run.
pub static LIST: ListSql = ListSql {
    columns: "r.id, r.clinic_id, r.import_id, r.run, r.file, r.line, r.held_back, r.faults, r.header, r.original, r.created_at",
    column_count: 11,
    table: "import_rejects",
    alias: "r",
    scope: "r.clinic_id = $1 AND r.import_id = $2 AND r.run = $3",
    id: "r.id",
    expressions: &[],
    indexed: &[],
    worklist: None,
    through: &[],
};

/// Writes one row.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<()> {
    let reject = ImportReject {
        id: id(row, 0)?,
        clinic_id: id(row, 1)?,
        import_id: id(row, 2)?,
        run: row.int(3)?,
        file: Cow::Borrowed(row.text(4)?),
        line: row.int(5)?,
        held_back: row.int(6)? != 0,
        faults: Doc::from_stored(row.text(7)?),
        header: Doc::from_stored(row.text(8)?),
        original: Doc::from_stored(row.text(9)?),
        created_at: Timestamp::from_micros(row.int(10)?),
        version: 1,
    };
    out.record(&reject, view);
    Ok(())
}

/// How many are kept of a run.
pub async fn count(conn: &mut dyn Conn, clinic: ClinicId, import: ImportId, run: i64) -> Result<i64> {
    const SQL: &str = "SELECT COUNT(*) FROM import_rejects WHERE clinic_id = $1 AND import_id = $2 AND run = $3";
    Ok(conn.one(SQL, &[clinic.into(), import.into(), run.into()], |row| row.int(0)).await?.unwrap_or(0))
}

/// Adds one, unless its line is there already.
pub async fn insert(conn: &mut dyn Conn, reject: &ImportReject<'_>) -> Result<()> {
    conn.execute(
        "INSERT INTO import_rejects (clinic_id, id, import_id, run, file, line, held_back, faults, header, original, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (clinic_id, import_id, run, file, line) DO NOTHING",
        &[
            reject.clinic_id.into(),
            reject.id.into(),
            reject.import_id.into(),
            reject.run.into(),
            reject.file.as_ref().into(),
            reject.line.into(),
            reject.held_back.into(),
            reject.faults.text().into(),
            reject.header.text().into(),
            reject.original.text().into(),
            reject.created_at.into(),
        ],
    )
    .await
    .map(drop)
}
