//! Statements on patients and whose they are.

use std::collections::{BTreeSet, HashMap};

use clinicos_contract::wire::IntoStatic;
use clinicos_contract::{View, Writer};
use clinicos_gate::ClinicId;
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};

use super::model::Patient;
use super::model::ownership::Ownership;
use super::model::parts::{DeathCause, Precision, ReproductiveStatus, Sex, Species};
use super::model::status::PatientStatus;
use crate::ids::PatientId;
use crate::texts::Decimal;
use crate::{batch, decode};

// The ownerships come as the JSON that `Ownerships` serializes to, so that a page needs no second
// statement.
macro_rules! columns {
    () => {
        "t.id, t.clinic_id, t.name, t.species, t.breed, t.breed_codes, t.color, t.markings, t.sex, t.reproductive_status, \
         t.birth_date, t.birth_date_precision, t.microchips, t.rabies_tag, t.tattoo, t.status, t.deceased_at, t.death_cause, \
         t.client_id, COALESCE((SELECT '[' || string_agg('{\"client_id\":\"' || o.client_id || '\",\"role\":\"' || o.role || \
         '\",\"from\":' || COALESCE('\"' || o.from_day || '\"', 'null') || ',\"to\":' || \
         COALESCE('\"' || o.to_day || '\"', 'null') || '}', ',' ORDER BY o.position) || ']' FROM patient_ownerships o \
         WHERE o.clinic_id = t.clinic_id AND o.patient_id = t.id), '[]'), t.weight_kg, t.diet, t.blood_type, t.alerts, \
         t.allergies, t.insurance, t.external_ids, t.created_at, t.updated_at, t.version, t.deleted_at, t.merged_into"
    };
}

/// A page: `$1` is the clinic, `$2` is `all` to see tombstones.
pub static LIST: ListSql = ListSql {
    columns: columns!(),
    column_count: 32,
    table: "patients",
    alias: "t",
    scope: "t.clinic_id = $1 AND ($2 = 'all' OR t.deleted_at IS NULL)",
    id: "t.id",
    expressions: &[],
    indexed: &["client_id", "name"],
    worklist: None,
    through: &[],
};

const FIND: &str = concat!("SELECT ", columns!(), " FROM patients t WHERE t.clinic_id = $1 AND t.id = $2");
const LOCK: &str = concat!("SELECT ", columns!(), " FROM patients t WHERE t.clinic_id = $1 AND t.id = $2 FOR UPDATE");
const UPDATE: &str = "UPDATE patients SET name = $3, species = $4, breed = $5, breed_codes = $6, color = $7, markings = $8, \
    sex = $9, reproductive_status = $10, birth_date = $11, birth_date_precision = $12, microchips = $13, rabies_tag = $14, \
    tattoo = $15, status = $16, deceased_at = $17, death_cause = $18, client_id = $19, weight_kg = $20, diet = $21, \
    blood_type = $22, alerts = $23, allergies = $24, insurance = $25, external_ids = $26, created_at = $27, updated_at = $28, \
    version = $29, deleted_at = $30, merged_into = $31 WHERE clinic_id = $1 AND id = $2";
const INSERT: &str = "INSERT INTO patients (clinic_id, id, name, species, breed, breed_codes, color, markings, sex, \
    reproductive_status, birth_date, birth_date_precision, microchips, rabies_tag, tattoo, status, deceased_at, death_cause, \
    client_id, weight_kg, diet, blood_type, alerts, allergies, insurance, external_ids, created_at, updated_at, version, \
    deleted_at, merged_into) VALUES ";
const INSERT_WIDTH: usize = 31;
const INSERT_OWNERSHIPS: &str =
    "INSERT INTO patient_ownerships (clinic_id, patient_id, position, client_id, role, from_day, to_day) VALUES ";
const INSERT_OWNERSHIPS_WIDTH: usize = 7;

/// Reads [`columns`].
pub fn decode(row: &dyn Row) -> Result<Patient<'_>, StoreError> {
    Ok(Patient {
        id: decode::id(row, 0)?,
        clinic_id: decode::id(row, 1)?,
        name: decode::text(row, 2)?,
        species: decode::word(row, 3, Species::parse)?,
        breed: decode::opt_text(row, 4)?,
        breed_codes: decode::doc(row, 5)?,
        color: decode::opt_text(row, 6)?,
        markings: decode::opt_text(row, 7)?,
        sex: decode::word(row, 8, Sex::parse)?,
        reproductive_status: decode::word(row, 9, ReproductiveStatus::parse)?,
        birth_date: decode::opt_date(row, 10)?,
        birth_date_precision: decode::opt_word(row, 11, Precision::parse)?,
        microchips: decode::doc(row, 12)?,
        rabies_tag: decode::opt_text(row, 13)?,
        tattoo: decode::opt_text(row, 14)?,
        status: decode::word(row, 15, PatientStatus::parse)?,
        deceased_at: decode::opt_time(row, 16)?,
        death_cause: decode::opt_word(row, 17, DeathCause::parse)?,
        client_id: decode::opt_id(row, 18)?,
        ownerships: decode::doc(row, 19)?,
        weight_kg: decode::opt_text(row, 20)?.map(Decimal),
        diet: decode::opt_text(row, 21)?,
        blood_type: decode::opt_text(row, 22)?,
        alerts: decode::doc(row, 23)?,
        allergies: decode::doc(row, 24)?,
        insurance: decode::doc(row, 25)?,
        external_ids: decode::doc(row, 26)?,
        created_at: decode::time(row, 27)?,
        updated_at: decode::time(row, 28)?,
        version: row.int(29)?,
        deleted_at: decode::opt_time(row, 30)?,
        merged_into: decode::opt_id(row, 31)?,
    })
}

/// Writes one row of a page.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError> {
    out.record(&decode(row)?, view);
    Ok(())
}

/// One patient of the clinic.
pub async fn find(conn: &mut dyn Conn, clinic: ClinicId, id: PatientId) -> Result<Option<Patient<'static>>, StoreError> {
    conn.one(FIND, &[clinic.into(), id.into()], |row| Ok(decode(row)?.into_static())).await
}

/// The same, held until the transaction ends.
pub async fn lock(conn: &mut dyn Conn, clinic: ClinicId, id: PatientId) -> Result<Option<Patient<'static>>, StoreError> {
    conn.one(LOCK, &[clinic.into(), id.into()], |row| Ok(decode(row)?.into_static())).await
}

/// Whether the clinic has this patient, and not only its tombstone.
pub async fn exists(conn: &mut dyn Conn, clinic: ClinicId, id: PatientId) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM patients WHERE clinic_id = $1 AND id = $2 AND deleted_at IS NULL";
    Ok(conn.one(SQL, &[clinic.into(), id.into()], |_| Ok(())).await?.is_some())
}

/// Which of these patients the clinic has, and not only their tombstones.
pub async fn known(conn: &mut dyn Conn, clinic: ClinicId, ids: &BTreeSet<PatientId>) -> Result<BTreeSet<PatientId>, StoreError> {
    const HEAD: &str = "SELECT id FROM patients WHERE clinic_id = $1 AND deleted_at IS NULL AND id IN ";
    let ids: Vec<Value<'_>> = ids.iter().map(|id| Value::from(*id)).collect();
    let mut found = BTreeSet::new();
    batch::among(conn, HEAD, "", &[clinic.into()], &ids, &mut |row| {
        found.insert(decode::id(row, 0)?);
        Ok(())
    })
    .await?;
    Ok(found)
}

/// Many patients, tombstones included, held until the transaction ends.
pub async fn lock_many(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    ids: &[PatientId],
) -> Result<HashMap<PatientId, Patient<'static>>, StoreError> {
    const HEAD: &str = concat!("SELECT ", columns!(), " FROM patients t WHERE t.clinic_id = $1 AND t.id IN ");
    let ids: Vec<Value<'_>> = ids.iter().map(|id| Value::from(*id)).collect();
    let mut found = HashMap::with_capacity(ids.len());
    batch::among(conn, HEAD, " ORDER BY t.id FOR UPDATE", &[clinic.into()], &ids, &mut |row| {
        let patient = decode(row)?.into_static();
        found.insert(patient.id, patient);
        Ok(())
    })
    .await?;
    Ok(found)
}

/// Adds some, with their ownerships.
pub async fn insert(conn: &mut dyn Conn, new: &[Patient<'_>]) -> Result<(), StoreError> {
    batch::insert(conn, INSERT, INSERT_WIDTH, new, values).await?;
    let owned: Vec<PlacedOwnership> = new.iter().flat_map(placed).collect();
    batch::insert(conn, INSERT_OWNERSHIPS, INSERT_OWNERSHIPS_WIDTH, &owned, ownership_values).await
}

/// Puts the ownerships of a patient in place of those that are stored.
pub async fn replace_ownerships(conn: &mut dyn Conn, patient: &Patient<'_>) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM patient_ownerships WHERE clinic_id = $1 AND patient_id = $2";
    conn.execute(SQL, &[patient.clinic_id.into(), patient.id.into()]).await?;
    let owned: Vec<PlacedOwnership> = placed(patient).collect();
    batch::insert(conn, INSERT_OWNERSHIPS, INSERT_OWNERSHIPS_WIDTH, &owned, ownership_values).await
}

/// Saves everything, apart from the ownerships.
pub async fn update(conn: &mut dyn Conn, changed: &Patient<'_>) -> Result<(), StoreError> {
    let mut params = Vec::with_capacity(INSERT_WIDTH);
    values(changed, &mut params);
    conn.execute(UPDATE, &params).await.map(drop)
}

fn values<'a>(new: &'a Patient<'_>, params: &mut Vec<Value<'a>>) {
    params.extend([
        new.clinic_id.into(),
        new.id.into(),
        (&*new.name).into(),
        new.species.name().into(),
        new.breed.as_deref().into(),
        new.breed_codes.text().into(),
        new.color.as_deref().into(),
        new.markings.as_deref().into(),
        new.sex.name().into(),
        new.reproductive_status.name().into(),
        new.birth_date.into(),
        new.birth_date_precision.map(Precision::name).into(),
        new.microchips.text().into(),
        new.rabies_tag.as_deref().into(),
        new.tattoo.as_deref().into(),
        new.status.name().into(),
    ]);
    params.extend([
        new.deceased_at.into(),
        new.death_cause.map(DeathCause::name).into(),
        new.client_id.into(),
        new.weight_kg.as_ref().map(|weight| &*weight.0).into(),
        new.diet.as_deref().into(),
        new.blood_type.as_deref().into(),
        new.alerts.text().into(),
        new.allergies.text().into(),
        new.insurance.text().into(),
        new.external_ids.text().into(),
        new.created_at.into(),
        new.updated_at.into(),
        new.version.into(),
        new.deleted_at.into(),
        new.merged_into.into(),
    ]);
}

/// The first of a patient's entries in another table, by a column of it.
pub async fn first<T: Send>(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    patient: PatientId,
    (table, column): (&str, &str),
    read: fn(&dyn Row) -> Result<Option<T>, StoreError>,
) -> Result<Option<T>, StoreError> {
    let sql = format!("SELECT MIN({column}) FROM {table} WHERE clinic_id = $1 AND patient_id = $2 AND deleted_at IS NULL");
    Ok(conn.one(&sql, &[clinic.into(), patient.into()], read).await?.flatten())
}

/// An ownership, of which patient it is, and where it stands.
struct PlacedOwnership {
    clinic: ClinicId,
    patient: PatientId,
    position: i64,
    ownership: Ownership,
}

fn placed(patient: &Patient<'_>) -> impl Iterator<Item = PlacedOwnership> {
    let (clinic, patient, ownerships) = (patient.clinic_id, patient.id, patient.ownerships.value().unwrap_or_default());
    ownerships.0.into_iter().zip(0..).map(move |(ownership, position)| PlacedOwnership { clinic, patient, position, ownership })
}

fn ownership_values<'a>(new: &'a PlacedOwnership, params: &mut Vec<Value<'a>>) {
    params.extend([
        new.clinic.into(),
        new.patient.into(),
        new.position.into(),
        new.ownership.client_id.into(),
        new.ownership.role.name().into(),
        new.ownership.from.into(),
        new.ownership.to.into(),
    ]);
}
