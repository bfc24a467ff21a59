//! Every statement about sessions.

use std::borrow::Cow;

use clinicos_contract::Timestamp;
use clinicos_contract::wire::IntoStatic as _;
use clinicos_gate::keyring::to_hex;
use clinicos_gate::rows::id;
use clinicos_gate::{ClinicId, SessionId, UserId};
use clinicos_store::journal::audit::usage::forget_sessions;
use clinicos_store::{Conn, Row, StoreError, Value};

use super::model::Session;

type Result<T> = std::result::Result<T, StoreError>;

const COLUMNS: &str = "s.id, s.clinic_id, s.user_id, s.expires_at, s.ended_at, s.created_at, s.updated_at, s.version, s.device";

/// Sessions of a clinic, or of one person there, whose ids follow one.
pub async fn after(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    user: Option<&str>,
    after: &str,
    limit: i64,
) -> Result<Vec<Session<'static>>> {
    let (of, whose) = user.map_or(("clinic_id", clinic.into()), |user| ("user_id", user.into()));
    let sql =
        format!("SELECT {COLUMNS} FROM sessions s WHERE s.clinic_id = $1 AND s.{of} = $2 AND s.id > $3 ORDER BY s.id LIMIT $4");
    let params = [clinic.into(), whose, after.into(), limit.into()];
    conn.all(&sql, &params, |row| decode(row).map(Session::into_static)).await
}

fn decode(row: &dyn Row) -> Result<Session<'_>> {
    Ok(Session {
        id: id(row, 0)?,
        clinic_id: id(row, 1)?,
        user_id: id(row, 2)?,
        token: None,
        device: row.opt_text(8)?.map(Cow::Borrowed),
        last_used_at: None,
        recovery_codes_left: None,
        expires_at: Timestamp::from_micros(row.int(3)?),
        ended_at: row.opt_int(4)?.map(Timestamp::from_micros),
        created_at: Timestamp::from_micros(row.int(5)?),
        updated_at: Timestamp::from_micros(row.int(6)?),
        version: row.int(7)?,
    })
}

/// One session, locked until the transaction ends.
pub async fn lock(conn: &mut dyn Conn, clinic: ClinicId, session: SessionId) -> Result<Option<Session<'static>>> {
    let sql = format!("SELECT {COLUMNS} FROM sessions s WHERE s.clinic_id = $1 AND s.id = $2 FOR UPDATE");
    conn.one(&sql, &[clinic.into(), session.into()], |row| decode(row).map(Session::into_static)).await
}

/// Adds a session under the hash of its token.
pub async fn insert(conn: &mut dyn Conn, session: &Session<'_>, hash: &str) -> Result<()> {
    let sql = "INSERT INTO sessions (clinic_id, id, user_id, hash, expires_at, created_at, updated_at, version, device) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let params = [
        session.clinic_id.into(),
        session.id.into(),
        session.user_id.into(),
        hash.into(),
        session.expires_at.into(),
        session.created_at.into(),
        session.updated_at.into(),
        session.version.into(),
        session.device.as_deref().into(),
    ];
    conn.execute(sql, &params).await.map(drop)
}

/// Ends one session.
pub async fn end(conn: &mut dyn Conn, session: &Session<'_>) -> Result<()> {
    let sql = "UPDATE sessions SET ended_at = $3, updated_at = $4, version = $5 WHERE clinic_id = $1 AND id = $2";
    let params =
        [session.clinic_id.into(), session.id.into(), session.ended_at.into(), session.updated_at.into(), session.version.into()];
    conn.execute(sql, &params).await.map(drop)
}

/// Ends every session of a user, but for one.
pub async fn end_all(conn: &mut dyn Conn, clinic: ClinicId, user: UserId, but: Option<SessionId>, now: Timestamp) -> Result<()> {
    let sql = "UPDATE sessions SET ended_at = $4, updated_at = $4, version = version + 1 \
               WHERE clinic_id = $1 AND user_id = $2 AND id <> $3 AND ended_at IS NULL";
    let but = Value::Owned(but.map(|session| session.to_string()).unwrap_or_default());
    conn.execute(sql, &[clinic.into(), user.into(), but, now.into()]).await.map(drop)
}

/// Forgets sessions that ended, or ran out, before this time, and when they were used.
pub async fn purge(conn: &mut dyn Conn, clinic: ClinicId, user: UserId, before: Timestamp) -> Result<()> {
    let sql = "SELECT id FROM sessions WHERE clinic_id = $1 AND user_id = $2 AND (ended_at < $3 OR expires_at < $3)";
    let over = conn.all(sql, &[clinic.into(), user.into(), before.into()], |row| id(row, 0)).await?;
    let over: Vec<_> = over.iter().map(|session: &SessionId| session.to_bytes()).collect();
    forget_sessions(conn, clinic.to_bytes(), &over).await?;
    let sql = "DELETE FROM sessions WHERE clinic_id = $1 AND user_id = $2 AND (ended_at < $3 OR expires_at < $3)";
    conn.execute(sql, &[clinic.into(), user.into(), before.into()]).await.map(drop)
}

/// Accepts a step of a user's codes. `false` if it or a later one was accepted before.
pub async fn accept_step(conn: &mut dyn Conn, clinic: ClinicId, user: UserId, step: u64) -> Result<bool> {
    let sql = "UPDATE users SET totp_last_step = $3 WHERE clinic_id = $1 AND id = $2 AND totp_last_step < $3";
    let step = Value::Int(i64::try_from(step).unwrap_or(i64::MAX));
    Ok(conn.execute(sql, &[clinic.into(), user.into(), step]).await? == 1)
}

/// Uses a recovery code up. `false` if it is not there any more.
pub async fn use_recovery_code(conn: &mut dyn Conn, clinic: ClinicId, user: UserId, hash: &[u8; 32]) -> Result<bool> {
    let sql = "DELETE FROM recovery_codes WHERE clinic_id = $1 AND user_id = $2 AND hash = $3";
    Ok(conn.execute(sql, &[clinic.into(), user.into(), Value::Owned(to_hex(hash))]).await? == 1)
}

/// How many recovery codes a user has left.
pub async fn recovery_codes_left(conn: &mut dyn Conn, clinic: ClinicId, user: UserId) -> Result<i64> {
    let sql = "SELECT count(*) FROM recovery_codes WHERE clinic_id = $1 AND user_id = $2";
    Ok(conn.one(sql, &[clinic.into(), user.into()], |row| row.int(0)).await?.unwrap_or_default())
}
