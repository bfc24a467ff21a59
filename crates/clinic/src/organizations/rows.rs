//! Statements on organizations.

use clinicos_contract::wire::IntoStatic;
use clinicos_contract::{View, Writer};
use clinicos_gate::OrganizationId;
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};

use super::model::{Organization, OrganizationType};
use crate::decode;
use crate::texts::Country;

macro_rules! columns {
    () => {
        "o.id, o.name, o.legal_name, o.type, o.default_currency, o.country, o.external_ids, o.created_at, o.updated_at, \
         o.version, o.deleted_at"
    };
}

/// A page: `$1` is the only organization to see or empty for all, `$2` is `all` to see tombstones.
pub static LIST: ListSql = ListSql {
    columns: columns!(),
    column_count: 11,
    table: "organizations",
    alias: "o",
    scope: "-- all clinics: organizations stand above clinics\n($1 = '' OR o.id = $1) AND ($2 = 'all' OR o.deleted_at IS NULL)",
    id: "o.id",
    expressions: &[],
    indexed: &[],
    worklist: None,
    through: &[],
};

const FIND: &str = concat!(
    "-- all clinics: organizations stand above clinics\nSELECT ",
    columns!(),
    " FROM organizations o WHERE o.id = $1 AND ($2 = '' OR o.id = $2)"
);
const LOCK: &str = concat!(
    "-- all clinics: organizations stand above clinics\nSELECT ",
    columns!(),
    " FROM organizations o WHERE o.id = $1 AND ($2 = '' OR o.id = $2) FOR UPDATE"
);
const INSERT: &str = "-- all clinics: organizations stand above clinics\n\
    INSERT INTO organizations (id, name, legal_name, type, default_currency, country, external_ids, created_at, updated_at, \
    version, deleted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const UPDATE: &str = "-- all clinics: organizations stand above clinics\n\
    UPDATE organizations SET name = $2, legal_name = $3, type = $4, default_currency = $5, country = $6, external_ids = $7, \
    updated_at = $8, version = $9, deleted_at = $10 WHERE id = $1";

/// Reads [`columns`].
pub fn decode(row: &dyn Row) -> Result<Organization<'_>, StoreError> {
    Ok(Organization {
        id: decode::id(row, 0)?,
        name: decode::text(row, 1)?,
        legal_name: decode::opt_text(row, 2)?,
        r#type: decode::word(row, 3, OrganizationType::parse)?,
        default_currency: decode::currency(row, 4)?,
        country: decode::opt_text(row, 5)?.map(Country),
        external_ids: decode::doc(row, 6)?,
        created_at: decode::time(row, 7)?,
        updated_at: decode::time(row, 8)?,
        version: row.int(9)?,
        deleted_at: decode::opt_time(row, 10)?,
    })
}

/// Writes one row of a page.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError> {
    out.record(&decode(row)?, view);
    Ok(())
}

/// One organization, if it is the one that may be seen.
pub async fn find(
    conn: &mut dyn Conn,
    seen: Option<OrganizationId>,
    id: OrganizationId,
) -> Result<Option<Organization<'static>>, StoreError> {
    conn.one(FIND, &[id.into(), seen_param(seen)], |row| Ok(decode(row)?.into_static())).await
}

/// The same, held until the transaction ends.
pub async fn lock(
    conn: &mut dyn Conn,
    seen: Option<OrganizationId>,
    id: OrganizationId,
) -> Result<Option<Organization<'static>>, StoreError> {
    conn.one(LOCK, &[id.into(), seen_param(seen)], |row| Ok(decode(row)?.into_static())).await
}

/// What `$1` of [`LIST`] is for a caller who sees only this one, or all.
pub fn seen_param(seen: Option<OrganizationId>) -> Value<'static> {
    Value::Owned(seen.map(|id| id.to_string()).unwrap_or_default())
}

/// Adds one.
pub async fn insert(conn: &mut dyn Conn, new: &Organization<'_>) -> Result<(), StoreError> {
    let params: [Value<'_>; 11] = [
        new.id.into(),
        (&*new.name).into(),
        new.legal_name.as_deref().into(),
        new.r#type.name().into(),
        new.default_currency.code().into(),
        new.country.as_ref().map(|country| &*country.0).into(),
        new.external_ids.text().into(),
        new.created_at.into(),
        new.updated_at.into(),
        new.version.into(),
        new.deleted_at.into(),
    ];
    conn.execute(INSERT, &params).await.map(drop)
}

/// Saves all that can change.
pub async fn update(conn: &mut dyn Conn, changed: &Organization<'_>) -> Result<(), StoreError> {
    let params: [Value<'_>; 10] = [
        changed.id.into(),
        (&*changed.name).into(),
        changed.legal_name.as_deref().into(),
        changed.r#type.name().into(),
        changed.default_currency.code().into(),
        changed.country.as_ref().map(|country| &*country.0).into(),
        changed.external_ids.text().into(),
        changed.updated_at.into(),
        changed.version.into(),
        changed.deleted_at.into(),
    ];
    conn.execute(UPDATE, &params).await.map(drop)
}

/// How many clinics it has.
pub async fn count_clinics(conn: &mut dyn Conn, id: OrganizationId) -> Result<i64, StoreError> {
    const SQL: &str = "-- all clinics: an organization is asked about its clinics\n\
        SELECT COUNT(*) FROM clinics WHERE organization_id = $1 AND deleted_at IS NULL";
    Ok(conn.one(SQL, &[id.into()], |row| row.int(0)).await?.unwrap_or(0))
}
