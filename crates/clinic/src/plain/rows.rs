//! Statements on plain records. `plain_record!` fills in tables and columns.

use clinicos_contract::event::EventType;
use clinicos_contract::{Id, Schema};
use clinicos_gate::ClinicId;
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, StoreError};

use super::Plain;
use crate::batch;

/// The statements of one kind of record.
#[derive(Debug)]
pub struct Statements {
    /// The fields.
    pub schema: &'static Schema,
    /// What a change is announced as.
    pub updated: &'static EventType,
    /// Pages: `$1` is the clinic, `$2` is `all` to see tombstones.
    pub list: &'static ListSql,
    /// One record of the clinic.
    pub find: &'static str,
    /// The same, held until the transaction ends.
    pub lock: &'static str,
    /// New rows, up to `VALUES `.
    pub insert: &'static str,
    /// How many values a row has.
    pub width: usize,
    /// What follows to put a row in place of the one that is stored.
    pub overwrite: &'static str,
}

/// One record of the clinic.
pub async fn find<R: Plain>(conn: &mut dyn Conn, clinic: ClinicId, id: Id<R::Kind>) -> Result<Option<R>, StoreError> {
    conn.one(R::STATEMENTS.find, &[clinic.into(), id.into()], R::read).await
}

/// The same, held until the transaction ends.
pub async fn lock<R: Plain>(conn: &mut dyn Conn, clinic: ClinicId, id: Id<R::Kind>) -> Result<Option<R>, StoreError> {
    conn.one(R::STATEMENTS.lock, &[clinic.into(), id.into()], R::read).await
}

/// Adds some.
pub async fn insert<R: Plain>(conn: &mut dyn Conn, new: &[R]) -> Result<(), StoreError> {
    batch::insert(conn, R::STATEMENTS.insert, R::STATEMENTS.width, new, R::values).await?;
    R::beside(conn, new).await
}

/// Saves one that is stored already.
pub async fn save<R: Plain>(conn: &mut dyn Conn, changed: &R) -> Result<(), StoreError> {
    let Statements { insert, overwrite, width, .. } = R::STATEMENTS;
    batch::write(conn, insert, overwrite, *width, std::slice::from_ref(changed), R::values).await?;
    R::beside(conn, std::slice::from_ref(changed)).await
}

/// Whether a table has this record of the clinic, and not only its tombstone.
pub async fn exists(conn: &mut dyn Conn, clinic: ClinicId, table: &'static str, id: &str) -> Result<bool, StoreError> {
    let sql = format!("SELECT 1 FROM {table} WHERE clinic_id = $1 AND id = $2 AND deleted_at IS NULL");
    Ok(conn.one(&sql, &[clinic.into(), id.into()], |_| Ok(())).await?.is_some())
}

/// Writes the statements of a kind of record: table, its columns that fields fill, indexed fields.
#[macro_export]
macro_rules! plain_statements {
    ($schema:expr, $updated:expr, $table:literal, [$($field:ident)+], [$($currency:ident)?], [$($indexed:literal)*], $worklist:expr, $through:expr) => {
        &$crate::plain::rows::Statements {
            schema: $schema,
            updated: $updated,
            list: &clinicos_store::page::ListSql {
                columns: $crate::plain_columns!([$($field)+], [$($currency)?]),
                column_count: $crate::plain_columns!(count [$($field)+], [$($currency)?]),
                table: $table,
                alias: "t",
                scope: "t.clinic_id = $1 AND ($2 = 'all' OR t.deleted_at IS NULL)",
                id: "t.id",
                expressions: &[],
                indexed: &[$($indexed),*],
                worklist: $worklist,
                through: $through,
            },
            find: concat!(
                "SELECT ", $crate::plain_columns!([$($field)+], [$($currency)?]),
                " FROM ", $table, " t WHERE t.clinic_id = $1 AND t.id = $2"
            ),
            lock: concat!(
                "SELECT ", $crate::plain_columns!([$($field)+], [$($currency)?]),
                " FROM ", $table, " t WHERE t.clinic_id = $1 AND t.id = $2 FOR UPDATE"
            ),
            insert: concat!(
                "INSERT INTO ", $table, " (id, clinic_id, ", $(stringify!($currency), ", ",)? $(stringify!($field), ", ",)+
                "external_ids, created_at, updated_at, version, deleted_at) VALUES "
            ),
            width: $crate::plain_columns!(count [$($field)+], [$($currency)?]),
            overwrite: concat!(
                " ON CONFLICT (clinic_id, id) DO UPDATE SET ", $(stringify!($field), " = excluded.", stringify!($field), ", ",)+
                "external_ids = excluded.external_ids, updated_at = excluded.updated_at, version = excluded.version, \
                 deleted_at = excluded.deleted_at"
            ),
        }
    };
}

/// The columns that rows are read by, or how many those are.
#[macro_export]
macro_rules! plain_columns {
    ([$($field:ident)+], [$($currency:ident)?]) => {
        concat!(
            "t.id, t.clinic_id, ", $("t.", stringify!($currency), ", ",)? $("t.", stringify!($field), ", ",)+
            "t.external_ids, t.created_at, t.updated_at, t.version, t.deleted_at"
        )
    };
    (count [$($field:ident)+], [$($currency:ident)?]) => {
        7 + [$(stringify!($currency),)? $(stringify!($field),)+].len()
    };
}
