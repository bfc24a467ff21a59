//! Every statement about connections.

use std::borrow::Cow;

use clinicos_consent::RecipientClass;
use clinicos_contract::wire::{Doc, IntoStatic as _};
use clinicos_contract::{Category, Purpose, Timestamp, View, Writer};
use clinicos_gate::rows::id;
use clinicos_gate::{ClinicId, ConnectionId};
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};

use super::history::{ConnectionChange, What};
use super::model::{Connection, Names, OptIn, OptIns, State};

type Result<T> = std::result::Result<T, StoreError>;

/// A pause whose end has come is over, although nobody wrote that down: the state at `$2`.
macro_rules! state {
    () => {
        "CASE WHEN c.state = 'paused' AND c.paused_until <= $2 THEN 'active' ELSE c.state END"
    };
}

macro_rules! columns {
    () => {
        concat!(
            "c.id, c.clinic_id, c.app_id, c.name, c.purpose, c.reason, ",
            state!(),
            ", CASE WHEN c.state = 'paused' AND c.paused_until <= $2 THEN NULL ELSE c.state_reason END, c.scopes, c.opt_ins, \
             c.excluded_operations, c.writes_enabled, c.limits, c.pinned_version, c.catalogue_version, c.created_at, c.updated_at, \
             c.version, CASE WHEN c.paused_until <= $2 THEN NULL ELSE c.paused_until END, c.run_by, c.browser_origins, c.allowed_addresses, c.made_by, c.recipient"
        )
    };
}

/// The list of a clinic's connections: `$1` is the clinic, `$2` the time.
///
/// The scope names `$2`, which always holds, because a statement must use each parameter it is
/// given and not every statement of a page has the columns.
pub static LIST: ListSql = ListSql {
    columns: columns!(),
    column_count: 24,
    table: "connections",
    alias: "c",
    scope: "c.clinic_id = $1 AND CAST($2 AS BIGINT) > 0",
    id: "c.id",
    expressions: &[("state", state!())],
    indexed: &["made_by"],
    worklist: None,
    through: &[],
};

const GET: &str = concat!("SELECT ", columns!(), " FROM connections c WHERE c.clinic_id = $1 AND c.id = $3");
const LOCK: &str = concat!("SELECT ", columns!(), " FROM connections c WHERE c.clinic_id = $1 AND c.id = $3 FOR UPDATE");

/// Writes one row.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<()> {
    out.record(&decode(row)?, view);
    Ok(())
}

fn decode(row: &dyn Row) -> Result<Connection<'_>> {
    let unreadable = |what: &str| StoreError::Corrupt(format!("a connection's {what}"));
    Ok(Connection {
        id: id(row, 0)?,
        clinic_id: id(row, 1)?,
        app_id: id(row, 2)?,
        name: Cow::Borrowed(row.text(3)?),
        purpose: Purpose::parse(row.text(4)?).ok_or_else(|| unreadable("purpose"))?,
        reason: Cow::Borrowed(row.text(5)?),
        state: State::parse(row.text(6)?).ok_or_else(|| unreadable("state"))?,
        state_reason: row.opt_text(7)?.map(Cow::Borrowed),
        scopes: Doc::from_stored(row.text(8)?),
        opt_ins: Doc::from_stored(row.text(9)?),
        excluded_operations: Doc::from_stored(row.text(10)?),
        writes_enabled: row.int(11)? != 0,
        limits: Doc::from_stored(row.text(12)?),
        pinned_version: Cow::Borrowed(row.text(13)?),
        catalogue_version: Cow::Borrowed(row.text(14)?),
        created_at: Timestamp::from_micros(row.int(15)?),
        updated_at: Timestamp::from_micros(row.int(16)?),
        version: row.int(17)?,
        paused_until: row.opt_int(18)?.map(Timestamp::from_micros),
        run_by: row.opt_text(19)?.map(Cow::Borrowed),
        browser_origins: Doc::from_stored(row.text(20)?),
        allowed_addresses: Doc::from_stored(row.text(21)?),
        made_by: row.opt_text(22)?.map(|_| id(row, 22)).transpose()?,
        recipient: RecipientClass::parse(row.text(23)?).ok_or_else(|| unreadable("recipient"))?,
        change_reason: None,
    })
}

/// One connection as it is now, locked until the transaction ends.
pub async fn lock(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    id: ConnectionId,
    now: Timestamp,
) -> Result<Option<Connection<'static>>> {
    conn.one(LOCK, &[clinic.into(), now.into(), id.into()], |row| decode(row).map(Connection::into_static)).await
}

/// One connection as it is now.
pub async fn get(conn: &mut dyn Conn, clinic: ClinicId, id: ConnectionId, now: Timestamp) -> Result<Option<Connection<'static>>> {
    conn.one(GET, &[clinic.into(), now.into(), id.into()], |row| decode(row).map(Connection::into_static)).await
}

/// Adds the app of a connection.
pub async fn insert_app(conn: &mut dyn Conn, organization: &str, one: &Connection<'_>) -> Result<()> {
    conn.execute(
        "INSERT INTO apps (id, organization_id, kind, name, created_at) VALUES ($1, $2, 'private_key', $3, $4) \
         -- all clinics: an app belongs to an organization",
        &[one.app_id.into(), organization.into(), one.name.as_ref().into(), one.created_at.into()],
    )
    .await?;
    Ok(())
}

/// Adds a connection and its opt-ins.
pub async fn insert(conn: &mut dyn Conn, one: &Connection<'_>, by: &str) -> Result<()> {
    conn.execute(
        "INSERT INTO connections (clinic_id, id, app_id, name, purpose, reason, state, state_reason, scopes, opt_ins, \
         excluded_operations, writes_enabled, limits, pinned_version, catalogue_version, external_ids, created_at, updated_at, version, \
         run_by, browser_origins, allowed_addresses, made_by, recipient) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '[]', $16, $17, $18, \
         $19, $20, $21, $22, $23)",
        &[
            one.clinic_id.into(),
            one.id.into(),
            one.app_id.into(),
            one.name.as_ref().into(),
            one.purpose.name().into(),
            one.reason.as_ref().into(),
            one.state.name().into(),
            one.state_reason.as_deref().into(),
            one.scopes.text().into(),
            one.opt_ins.text().into(),
            one.excluded_operations.text().into(),
            one.writes_enabled.into(),
            one.limits.text().into(),
            one.pinned_version.as_ref().into(),
            one.catalogue_version.as_ref().into(),
            one.created_at.into(),
            one.updated_at.into(),
            one.version.into(),
            one.run_by.as_deref().into(),
            one.browser_origins.text().into(),
            one.allowed_addresses.text().into(),
            one.made_by.map_or(Value::Null, Value::from),
            one.recipient.name().into(),
        ],
    )
    .await?;
    put_opt_ins(conn, one, by).await
}

/// Stores a changed connection.
pub async fn update(conn: &mut dyn Conn, one: &Connection<'_>, by: &str) -> Result<()> {
    conn.execute(
        "UPDATE connections SET name = $3, reason = $4, state = $5, state_reason = $6, scopes = $7, opt_ins = $8, \
         excluded_operations = $9, writes_enabled = $10, limits = $11, pinned_version = $12, catalogue_version = $13, \
         updated_at = $14, version = $15, paused_until = $16, run_by = $17, \
         browser_origins = $18, allowed_addresses = $19, recipient = $20 WHERE clinic_id = $1 AND id = $2",
        &[
            one.clinic_id.into(),
            one.id.into(),
            one.name.as_ref().into(),
            one.reason.as_ref().into(),
            one.state.name().into(),
            one.state_reason.as_deref().into(),
            one.scopes.text().into(),
            one.opt_ins.text().into(),
            one.excluded_operations.text().into(),
            one.writes_enabled.into(),
            one.limits.text().into(),
            one.pinned_version.as_ref().into(),
            one.catalogue_version.as_ref().into(),
            one.updated_at.into(),
            one.version.into(),
            one.paused_until.into(),
            one.run_by.as_deref().into(),
            one.browser_origins.text().into(),
            one.allowed_addresses.text().into(),
            one.recipient.name().into(),
        ],
    )
    .await?;
    conn.execute("DELETE FROM opt_ins WHERE clinic_id = $1 AND connection_id = $2", &[one.clinic_id.into(), one.id.into()])
        .await?;
    put_opt_ins(conn, one, by).await
}

/// Keeps a name that a connection has no more: a client's refusal that named it so still means it.
pub async fn keep_name(conn: &mut dyn Conn, before: &Connection<'_>) -> Result<()> {
    let params = [before.clinic_id.into(), before.id.into()];
    let sql = "SELECT former_names FROM connections WHERE clinic_id = $1 AND id = $2";
    let former = conn.one(sql, &params, |row| Ok(Doc::<Names>::from_stored(row.text(0)?).value().unwrap_or_default())).await?;
    let mut former = former.unwrap_or_default();
    if !former.0.iter().any(|name| **name == *before.name) {
        former.0.push(before.name.to_string());
    }
    let former: Doc<'_, Names> = Doc::of(&former);
    let sql = "UPDATE connections SET former_names = $3 WHERE clinic_id = $1 AND id = $2";
    conn.execute(sql, &[before.clinic_id.into(), before.id.into(), former.text().into()]).await.map(drop)
}

/// Opt-ins stand twice: in the connection, as people read them, and in rows of their own, from
/// which the gate decides.
async fn put_opt_ins(conn: &mut dyn Conn, one: &Connection<'_>, by: &str) -> Result<()> {
    let OptIns(opt_ins) = one.opt_ins.value().unwrap_or_default();
    for OptIn { category, purpose, expires_at, granted_at, granted_by, shown_text } in opt_ins {
        let shown: String = shown_text.unwrap_or_else(|| text_shown(category));
        let by = granted_by.as_deref().unwrap_or(by);
        conn.execute(
            "INSERT INTO opt_ins (clinic_id, connection_id, category, purpose, expires_at, text_shown, granted_by, granted_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                one.clinic_id.into(),
                one.id.into(),
                category.name().into(),
                purpose.unwrap_or(one.purpose).name().into(),
                expires_at.into(),
                shown.into(),
                by.into(),
                Value::from(granted_at.unwrap_or(one.updated_at)),
            ],
        )
        .await?;
    }
    Ok(())
}

/// The sentence that an admin agrees to.
pub fn text_shown(category: Category) -> String {
    format!("This connection may see {}.", category.words())
}

/// Revokes every key of a connection. The gate refuses them already, since the connection is
/// revoked; this is so that each key says so itself.
pub async fn revoke_keys(conn: &mut dyn Conn, clinic: ClinicId, connection: ConnectionId, now: Timestamp) -> Result<()> {
    conn.execute(
        "UPDATE keys SET revoked_at = $3, updated_at = $3, version = version + 1 \
         WHERE clinic_id = $1 AND connection_id = $2 AND revoked_at IS NULL",
        &[clinic.into(), connection.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// The changes of a clinic's connections.
pub static CHANGES: ListSql = ListSql {
    columns: "h.id, h.clinic_id, h.connection_id, h.what, h.changed, h.reason, h.actor, h.created_at, h.connection_version, h.details",
    column_count: 10,
    table: "connection_changes",
    alias: "h",
    scope: "h.clinic_id = $1",
    id: "h.id",
    expressions: &[],
    indexed: &["connection_id"],
    worklist: None,
    through: &[],
};

/// Writes one row.
pub fn emit_change(row: &dyn Row, out: &mut Writer, view: &View) -> Result<()> {
    let change = ConnectionChange {
        id: id(row, 0)?,
        clinic_id: id(row, 1)?,
        connection_id: id(row, 2)?,
        what: What::parse(row.text(3)?).ok_or_else(|| StoreError::Corrupt("what was done to a connection".to_owned()))?,
        changed: Doc::from_stored(row.text(4)?),
        reason: row.opt_text(5)?.map(Cow::Borrowed),
        actor: Cow::Borrowed(row.text(6)?),
        created_at: Timestamp::from_micros(row.int(7)?),
        version: row.int(8)?,
        details: Doc::from_stored(row.text(9)?),
    };
    out.record(&change, view);
    Ok(())
}

/// Adds a change.
pub async fn insert_change(conn: &mut dyn Conn, change: &ConnectionChange<'_>) -> Result<()> {
    let sql = "INSERT INTO connection_changes (clinic_id, id, connection_id, connection_version, what, changed, reason, actor, \
               created_at, details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let params = [
        change.clinic_id.into(),
        change.id.into(),
        change.connection_id.into(),
        change.version.into(),
        change.what.name().into(),
        change.changed.text().into(),
        change.reason.as_deref().into(),
        change.actor.as_ref().into(),
        change.created_at.into(),
        change.details.text().into(),
    ];
    conn.execute(sql, &params).await.map(drop)
}

/// The ids of a clinic's connections after one, in order.
pub async fn ids_after(conn: &mut dyn Conn, clinic: ClinicId, after: &str, limit: i64) -> Result<Vec<ConnectionId>> {
    let sql = "SELECT id FROM connections WHERE clinic_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    conn.all(sql, &[clinic.into(), after.into(), Value::Int(limit)], |row| id(row, 0)).await
}

/// The connections that a connection's keys made, and their states as stored.
pub async fn made_by(conn: &mut dyn Conn, clinic: ClinicId, maker: ConnectionId) -> Result<Vec<(ConnectionId, State)>> {
    let sql = "SELECT id, state FROM connections WHERE clinic_id = $1 AND made_by = $2 ORDER BY id";
    let state = |row: &dyn Row| State::parse(row.text(1)?).ok_or_else(|| StoreError::Corrupt("a connection's state".to_owned()));
    conn.all(sql, &[clinic.into(), maker.into()], |row| Ok((id(row, 0)?, state(row)?))).await
}
