//! Statements on records as they stand, whatever their kind.

use std::collections::HashSet;

use clinicos_contract::query::Query;
use clinicos_gate::ClinicId;
use clinicos_store::page::{After, ListSql, PageOf};
use clinicos_store::sql::OnRow;
use clinicos_store::{Conn, StoreError, Value};

use super::Part;
use crate::batch;

/// The rows of a part, in the order of their ids.
pub async fn some(
    conn: &mut dyn Conn,
    list: &'static ListSql,
    scope: &[Value<'static>],
    part: &Part,
    on_row: &mut OnRow<'_>,
) -> Result<(), StoreError> {
    let (query, after) = (Query::default(), part.after.clone().map(|id| After { sort: None, id }));
    let page = PageOf { list, scope, query: &query, after: after.as_ref() };
    let statement = page.statement(part.limit);
    conn.query(&statement.sql, &statement.params, on_row).await
}

/// How many a clinic has, tombstones included.
pub async fn count(conn: &mut dyn Conn, clinic: ClinicId, list: &ListSql) -> Result<i64, StoreError> {
    let sql = format!("SELECT COUNT(*) FROM {} WHERE clinic_id = $1", list.table);
    Ok(conn.one(&sql, &[clinic.into()], |row| row.int(0)).await?.unwrap_or(0))
}

/// The id of the record at a place, in the order of ids.
pub async fn id_at(conn: &mut dyn Conn, clinic: ClinicId, list: &ListSql, place: i64) -> Result<Option<String>, StoreError> {
    let ListSql { table, alias, id, .. } = list;
    let sql = format!("SELECT {id} FROM {table} {alias} WHERE {alias}.clinic_id = $1 ORDER BY {id} LIMIT 1 OFFSET $2");
    conn.one(&sql, &[clinic.into(), place.into()], |row| Ok(row.text(0)?.to_owned())).await
}

/// The last id.
pub async fn last_id(conn: &mut dyn Conn, clinic: ClinicId, list: &ListSql) -> Result<Option<String>, StoreError> {
    let ListSql { table, alias, id, .. } = list;
    let sql = format!("SELECT {id} FROM {table} {alias} WHERE {alias}.clinic_id = $1 ORDER BY {id} DESC LIMIT 1");
    conn.one(&sql, &[clinic.into()], |row| Ok(row.text(0)?.to_owned())).await
}

/// Those of these ids that the clinic has, tombstones included.
pub async fn known<'i>(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    table: &str,
    ids: impl Iterator<Item = &'i String>,
) -> Result<HashSet<String>, StoreError> {
    let head = format!("SELECT id FROM {table} WHERE clinic_id = $1 AND id IN ");
    let ids: Vec<Value<'_>> = ids.map(|id| Value::Text(id)).collect();
    let mut found = HashSet::with_capacity(ids.len());
    batch::among(conn, &head, "", &[clinic.into()], &ids, &mut |row| {
        found.insert(row.text(0)?.to_owned());
        Ok(())
    })
    .await?;
    Ok(found)
}
