//! Statements on clinics. The table's own id is what `clinic_id` is elsewhere.

use clinicos_contract::wire::IntoStatic;
use clinicos_contract::{View, Writer};
use clinicos_gate::ClinicId;
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};

use super::model::{Clinic, ClinicStatus, ClinicType};
use crate::decode;
use crate::texts::{Email, TimeZone};

macro_rules! columns {
    () => {
        "c.id, c.organization_id, c.name, c.code, c.type, c.status, c.address, c.phone, c.email, c.timezone, c.currency, \
         c.tax_ids, c.hours, c.rooms, c.departments, c.external_ids, c.created_at, c.updated_at, c.version, c.deleted_at, c.jurisdiction"
    };
}

/// A page: `$1` is the only clinic to see or empty for all, `$2` is `all` to see tombstones.
pub static LIST: ListSql = ListSql {
    columns: columns!(),
    column_count: 21,
    table: "clinics",
    alias: "c",
    scope: "-- all clinics: the operator lists them; anyone else sees one\n\
            ($1 = '' OR c.id = $1) AND ($2 = 'all' OR c.deleted_at IS NULL)",
    id: "c.id",
    expressions: &[],
    indexed: &["organization_id"],
    worklist: None,
    through: &[],
};

const FIND: &str = concat!(
    "-- all clinics: the operator reads any; anyone else one\nSELECT ",
    columns!(),
    " FROM clinics c WHERE c.id = $1 AND ($2 = '' OR c.id = $2)"
);
const LOCK: &str = concat!(
    "-- all clinics: the operator changes any; anyone else one\nSELECT ",
    columns!(),
    " FROM clinics c WHERE c.id = $1 AND ($2 = '' OR c.id = $2) FOR UPDATE"
);
const INSERT: &str = "-- all clinics: the operator adds one\n\
    INSERT INTO clinics (id, organization_id, name, code, type, status, address, phone, email, timezone, currency, tax_ids, \
    hours, rooms, departments, external_ids, created_at, updated_at, version, deleted_at, jurisdiction) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)";
const UPDATE: &str = "-- all clinics: the row was locked within the caller's reach\n\
    UPDATE clinics SET name = $2, code = $3, type = $4, status = $5, address = $6, phone = $7, email = $8, timezone = $9, \
    tax_ids = $10, hours = $11, rooms = $12, departments = $13, external_ids = $14, updated_at = $15, version = $16, \
    deleted_at = $17, jurisdiction = $18 WHERE id = $1";

/// Reads [`columns`].
pub fn decode(row: &dyn Row) -> Result<Clinic<'_>, StoreError> {
    Ok(Clinic {
        id: decode::id(row, 0)?,
        organization_id: decode::id(row, 1)?,
        name: decode::text(row, 2)?,
        code: decode::opt_text(row, 3)?,
        r#type: decode::word(row, 4, ClinicType::parse)?,
        status: decode::word(row, 5, ClinicStatus::parse)?,
        address: decode::opt_doc(row, 6)?,
        phone: decode::opt_text(row, 7)?,
        email: decode::opt_text(row, 8)?.map(Email),
        timezone: TimeZone(decode::text(row, 9)?),
        currency: decode::currency(row, 10)?,
        tax_ids: decode::doc(row, 11)?,
        hours: decode::doc(row, 12)?,
        rooms: decode::doc(row, 13)?,
        departments: decode::doc(row, 14)?,
        external_ids: decode::doc(row, 15)?,
        created_at: decode::time(row, 16)?,
        updated_at: decode::time(row, 17)?,
        version: row.int(18)?,
        deleted_at: decode::opt_time(row, 19)?,
        jurisdiction: decode::text(row, 20)?,
    })
}

/// Writes one row of a page.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError> {
    out.record(&decode(row)?, view);
    Ok(())
}

/// One clinic, if it is the one that may be seen.
pub async fn find(conn: &mut dyn Conn, seen: Option<ClinicId>, id: ClinicId) -> Result<Option<Clinic<'static>>, StoreError> {
    conn.one(FIND, &[id.into(), seen_param(seen)], |row| Ok(decode(row)?.into_static())).await
}

/// The same, held until the transaction ends.
pub async fn lock(conn: &mut dyn Conn, seen: Option<ClinicId>, id: ClinicId) -> Result<Option<Clinic<'static>>, StoreError> {
    conn.one(LOCK, &[id.into(), seen_param(seen)], |row| Ok(decode(row)?.into_static())).await
}

/// What `$1` of [`LIST`] is for a caller who sees only this one, or all.
pub fn seen_param(seen: Option<ClinicId>) -> Value<'static> {
    Value::Owned(seen.map(|id| id.to_string()).unwrap_or_default())
}

/// Adds one.
pub async fn insert(conn: &mut dyn Conn, new: &Clinic<'_>) -> Result<(), StoreError> {
    let params: [Value<'_>; 21] = [
        new.id.into(),
        new.organization_id.into(),
        (&*new.name).into(),
        new.code.as_deref().into(),
        new.r#type.name().into(),
        new.status.name().into(),
        new.address.as_ref().map(|doc| doc.text()).into(),
        new.phone.as_deref().into(),
        new.email.as_ref().map(|email| &*email.0).into(),
        (&*new.timezone.0).into(),
        new.currency.code().into(),
        new.tax_ids.text().into(),
        new.hours.text().into(),
        new.rooms.text().into(),
        new.departments.text().into(),
        new.external_ids.text().into(),
        new.created_at.into(),
        new.updated_at.into(),
        new.version.into(),
        new.deleted_at.into(),
        (&*new.jurisdiction).into(),
    ];
    conn.execute(INSERT, &params).await.map(drop)
}

/// Saves all that can change.
pub async fn update(conn: &mut dyn Conn, changed: &Clinic<'_>) -> Result<(), StoreError> {
    let params: [Value<'_>; 18] = [
        changed.id.into(),
        (&*changed.name).into(),
        changed.code.as_deref().into(),
        changed.r#type.name().into(),
        changed.status.name().into(),
        changed.address.as_ref().map(|doc| doc.text()).into(),
        changed.phone.as_deref().into(),
        changed.email.as_ref().map(|email| &*email.0).into(),
        (&*changed.timezone.0).into(),
        changed.tax_ids.text().into(),
        changed.hours.text().into(),
        changed.rooms.text().into(),
        changed.departments.text().into(),
        changed.external_ids.text().into(),
        changed.updated_at.into(),
        changed.version.into(),
        changed.deleted_at.into(),
        (&*changed.jurisdiction).into(),
    ];
    conn.execute(UPDATE, &params).await.map(drop)
}
