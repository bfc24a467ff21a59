//! Every statement about keys.

use std::borrow::Cow;

use clinicos_contract::wire::{Doc, IntoStatic as _};
use clinicos_contract::{Timestamp, View, Writer};
use clinicos_gate::rows::id;
use clinicos_gate::{AppId, AppKind, ClinicId, ClinicKind, ConnectionId, KeyId, OrganizationId};
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError};

use super::model::{Key, KeyState};

type Result<T> = std::result::Result<T, StoreError>;

/// Whether a key may be used at the time `$2`. The gate decides by the same times, not by this word.
macro_rules! state_sql {
    () => {
        "CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= $2 OR k.ends_at <= $2 THEN 'expired' \
         WHEN k.ends_at IS NOT NULL THEN 'ending' ELSE 'active' END"
    };
}

/// The last one counts over the clinics that let the key in: whoever has it is told how many, not which.
macro_rules! columns {
    () => {
        concat!(
            "k.id, k.clinic_id, k.connection_id, k.name, k.hint, ",
            state_sql!(),
            ", k.scopes, k.allowed_addresses, k.expires_at, k.ends_at, k.rotated_from, k.replaced_by, k.leaked_at, \
             k.leak_source, k.leak_note, k.leak_handled, k.revoked_at, k.created_at, k.updated_at, k.version, \
             k.for_organization, (SELECT count(o.clinic_id) FROM keys o WHERE o.hash = k.hash AND o.revoked_at IS NULL)"
        )
    };
}

/// The list of a clinic's keys, as they are at the time `$2`.
///
/// The scope names `$2`, which always holds, because a statement must use each parameter it is
/// given and not every statement of a page has the columns.
pub static LIST: ListSql = ListSql {
    columns: columns!(),
    column_count: 22,
    table: "keys",
    alias: "k",
    scope: "k.clinic_id = $1 AND CAST($2 AS BIGINT) <> 0",
    id: "k.id",
    expressions: &[("state", state_sql!())],
    indexed: &["connection_id"],
    worklist: None,
    through: &[],
};

/// Writes one row.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<()> {
    out.record(&decode(row)?, view);
    Ok(())
}

fn decode(row: &dyn Row) -> Result<Key<'_>> {
    let time = |column| row.opt_int(column).map(|at| at.map(Timestamp::from_micros));
    let key = |column| row.opt_text(column)?.map(|_| id(row, column)).transpose();
    Ok(Key {
        id: id(row, 0)?,
        clinic_id: id(row, 1)?,
        connection_id: id(row, 2)?,
        name: Cow::Borrowed(row.text(3)?),
        hint: Cow::Borrowed(row.text(4)?),
        state: state(row, 5)?,
        secret: None,
        opt_ins: None,
        scopes: row.opt_text(6)?.map(Doc::from_stored),
        allowed_addresses: Doc::from_stored(row.text(7)?),
        expires_at: time(8)?,
        ends_at: time(9)?,
        rotated_from: key(10)?,
        replaced_by: key(11)?,
        leaked_at: time(12)?,
        leak_source: row.opt_text(13)?.map(Cow::Borrowed),
        leak_note: row.opt_text(14)?.map(Cow::Borrowed),
        leak_handled: row.int(15)? != 0,
        change_reason: None,
        revoked_at: time(16)?,
        created_at: Timestamp::from_micros(row.int(17)?),
        updated_at: Timestamp::from_micros(row.int(18)?),
        version: row.int(19)?,
        for_organization: row.int(20)? != 0,
        clinic_count: row.int(21)?,
    })
}

/// One key, as it is at this time.
pub async fn get(conn: &mut dyn Conn, clinic: ClinicId, key: KeyId, now: Timestamp) -> Result<Option<Key<'static>>> {
    let sql = concat!("SELECT ", columns!(), " FROM keys k WHERE k.clinic_id = $1 AND k.id = $3");
    conn.one(sql, &[clinic.into(), now.into(), key.into()], |row| decode(row).map(Key::into_static)).await
}

/// The same, locked until the transaction ends.
pub async fn lock(conn: &mut dyn Conn, clinic: ClinicId, key: KeyId, now: Timestamp) -> Result<Option<Key<'static>>> {
    let sql = concat!("SELECT ", columns!(), " FROM keys k WHERE k.clinic_id = $1 AND k.id = $3 FOR UPDATE");
    conn.one(sql, &[clinic.into(), now.into(), key.into()], |row| decode(row).map(Key::into_static)).await
}

/// The key with this hash, at each clinic that lets it in, locked until the transaction ends.
pub async fn lock_by_hash(conn: &mut dyn Conn, hash: &str, now: Timestamp) -> Result<Vec<Key<'static>>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM keys k WHERE k.hash = $1 ORDER BY k.clinic_id FOR UPDATE -- all clinics: who found a key knows nothing else of it"
    );
    conn.all(sql, &[hash.into(), now.into()], |row| decode(row).map(Key::into_static)).await
}

/// The key with this id at every other clinic that lets it in, locked until the transaction ends.
pub async fn lock_elsewhere(conn: &mut dyn Conn, clinic: ClinicId, key: KeyId, now: Timestamp) -> Result<Vec<Key<'static>>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM keys k WHERE k.id = $3 AND k.clinic_id <> $1 ORDER BY k.clinic_id FOR UPDATE -- all clinics: what is public is so everywhere"
    );
    conn.all(sql, &[clinic.into(), now.into(), key.into()], |row| decode(row).map(Key::into_static)).await
}

/// A key for an organization, as another of its clinics finds it.
pub struct Existing {
    /// Its hash.
    pub hash: String,
    /// Its first characters.
    pub hint: String,
    /// The app that it belongs to.
    pub app: AppId,
    /// The clinics that let it in, or did.
    pub clinics: Vec<ClinicId>,
}

/// The key for this organization with this id, if it is not public and still works at one of its clinics.
pub async fn existing(conn: &mut dyn Conn, organization: OrganizationId, key: KeyId, now: Timestamp) -> Result<Option<Existing>> {
    let sql = concat!(
        "SELECT k.hash, k.hint, c.app_id, k.clinic_id, k.leaked_at, ",
        state_sql!(),
        " FROM keys k JOIN connections c ON c.clinic_id = k.clinic_id AND c.id = k.connection_id JOIN apps a ON a.id = c.app_id \
         WHERE k.id = $3 AND k.for_organization = 1 AND a.organization_id = $1 ORDER BY k.clinic_id \
         -- all clinics: those of the organization that let it in"
    );
    let row = |row: &dyn Row| {
        let works = row.opt_int(4)?.is_none() && state(row, 5)? == KeyState::Active;
        let one = (row.text(0)?.to_owned(), row.text(1)?.to_owned(), id::<AppKind>(row, 2)?, id::<ClinicKind>(row, 3)?);
        Ok((one, works, row.opt_int(4)?.is_some()))
    };
    let found = conn.all(sql, &[organization.into(), now.into(), key.into()], row).await?;
    let lets_in = found.iter().any(|(_, works, _)| *works) && !found.iter().any(|(.., leaked)| *leaked);
    let clinics = found.iter().map(|((.., clinic), ..)| *clinic).collect();
    let first = found.into_iter().next().filter(|_| lets_in);
    Ok(first.map(|((hash, hint, app, _), ..)| Existing { hash, hint, app, clinics }))
}

/// Which keys are asked for.
pub struct Wanted<'a> {
    /// Those of one connection, if it is named.
    pub connection: Option<&'a str>,
    /// Those in one state, if it is named.
    pub state: Option<&'a str>,
    /// Those whose ids follow this one.
    pub after: &'a str,
    /// At most this many.
    pub limit: i64,
}

/// The ids of a clinic's keys, in order, whose they are, and whether they may be used at this time.
pub async fn ids_after(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    wanted: &Wanted<'_>,
    now: Timestamp,
) -> Result<Vec<(KeyId, ConnectionId, KeyState)>> {
    let (of, whose) = wanted.connection.map_or(("clinic_id", clinic.into()), |connection| ("connection_id", connection.into()));
    let (state_sql, mut params) =
        (state_sql!(), vec![clinic.into(), now.into(), whose, wanted.after.into(), wanted.limit.into()]);
    let mut in_state = String::new();
    if let Some(state) = wanted.state {
        in_state = format!(" AND {state_sql} = $6");
        params.push(state.into());
    }
    let sql = format!(
        "SELECT k.id, k.connection_id, {state_sql} FROM keys k WHERE k.clinic_id = $1 AND k.{of} = $3 AND k.id > $4{in_state} \
         ORDER BY k.id LIMIT $5"
    );
    conn.all(&sql, &params, |row| Ok((id(row, 0)?, id(row, 1)?, state(row, 2)?))).await
}

fn state(row: &dyn Row, column: usize) -> Result<KeyState> {
    KeyState::parse(row.text(column)?).ok_or_else(|| StoreError::Corrupt("a key's state".to_owned()))
}

/// Adds a key under its hash.
pub async fn insert(conn: &mut dyn Conn, key: &Key<'_>, hash: &str) -> Result<()> {
    conn.execute(
        "INSERT INTO keys (clinic_id, id, connection_id, name, hash, hint, scopes, allowed_addresses, expires_at, rotated_from, \
         created_at, updated_at, version, for_organization) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        &[
            key.clinic_id.into(),
            key.id.into(),
            key.connection_id.into(),
            key.name.as_ref().into(),
            hash.into(),
            key.hint.as_ref().into(),
            key.scopes.as_ref().map(Doc::text).into(),
            key.allowed_addresses.text().into(),
            key.expires_at.into(),
            key.rotated_from.into(),
            key.created_at.into(),
            key.updated_at.into(),
            key.version.into(),
            key.for_organization.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Stores a changed key. That it was revoked, or leaked, is never taken back: those times are only
/// ever set.
pub async fn update(conn: &mut dyn Conn, key: &Key<'_>) -> Result<()> {
    conn.execute(
        "UPDATE keys SET name = $3, allowed_addresses = $4, expires_at = $5, ends_at = $6, replaced_by = $7, \
         leaked_at = coalesce(leaked_at, $8), leak_source = $9, leak_note = $10, leak_handled = $11, \
         revoked_at = coalesce(revoked_at, $12), updated_at = $13, version = $14 WHERE clinic_id = $1 AND id = $2",
        &[
            key.clinic_id.into(),
            key.id.into(),
            key.name.as_ref().into(),
            key.allowed_addresses.text().into(),
            key.expires_at.into(),
            key.ends_at.into(),
            key.replaced_by.into(),
            key.leaked_at.into(),
            key.leak_source.as_deref().into(),
            key.leak_note.as_deref().into(),
            key.leak_handled.into(),
            key.revoked_at.into(),
            key.updated_at.into(),
            key.version.into(),
        ],
    )
    .await?;
    Ok(())
}
