//! Every statement about users.

use std::borrow::Cow;

use clinicos_contract::wire::IntoStatic as _;
use clinicos_contract::{Timestamp, View, Writer};
use clinicos_gate::keyring::to_hex;
use clinicos_gate::people::{Role, UserState};
use clinicos_gate::rows::id;
use clinicos_gate::sign_in::email_key;
use clinicos_gate::{ClinicId, UserId};
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};

use super::model::User;

type Result<T> = std::result::Result<T, StoreError>;

const COLUMNS: &str = "u.id, u.clinic_id, u.email, u.name, u.role, u.state, u.totp_confirmed_at, u.created_at, u.updated_at, u.version, u.state_reason";

/// The list of a clinic's users.
pub static LIST: ListSql = ListSql {
    columns: COLUMNS,
    column_count: 11,
    table: "users",
    alias: "u",
    scope: "u.clinic_id = $1",
    id: "u.id",
    expressions: &[],
    indexed: &[],
    worklist: None,
    through: &[],
};

/// Writes one row.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<()> {
    out.record(&decode(row)?, view);
    Ok(())
}

fn decode(row: &dyn Row) -> Result<User<'_>> {
    let unreadable = |what: &str| StoreError::Corrupt(format!("a user's {what}"));
    Ok(User {
        id: id(row, 0)?,
        clinic_id: id(row, 1)?,
        email: Cow::Borrowed(row.text(2)?),
        name: Cow::Borrowed(row.text(3)?),
        role: Role::parse(row.text(4)?).ok_or_else(|| unreadable("role"))?,
        state: UserState::parse(row.text(5)?).ok_or_else(|| unreadable("state"))?,
        second_factor: row.opt_int(6)?.is_some(),
        session_id: None,
        invitation: None,
        second_factor_secret: None,
        recovery_codes: None,
        recovery_codes_left: None,
        created_at: Timestamp::from_micros(row.int(7)?),
        updated_at: Timestamp::from_micros(row.int(8)?),
        version: row.int(9)?,
        state_reason: row.opt_text(10)?.map(Cow::Borrowed),
    })
}

/// One user.
pub async fn get(conn: &mut dyn Conn, clinic: ClinicId, user: UserId) -> Result<Option<User<'static>>> {
    let sql = format!("SELECT {COLUMNS} FROM users u WHERE u.clinic_id = $1 AND u.id = $2");
    conn.one(&sql, &[clinic.into(), user.into()], |row| decode(row).map(User::into_static)).await
}

/// One user, locked until the transaction ends.
pub async fn lock(conn: &mut dyn Conn, clinic: ClinicId, user: UserId) -> Result<Option<User<'static>>> {
    let sql = format!("SELECT {COLUMNS} FROM users u WHERE u.clinic_id = $1 AND u.id = $2 FOR UPDATE");
    conn.one(&sql, &[clinic.into(), user.into()], |row| decode(row).map(User::into_static)).await
}

/// What the clinic is called.
pub async fn clinic_name(conn: &mut dyn Conn, clinic: ClinicId) -> Result<String> {
    let sql = "SELECT name FROM clinics WHERE id = $1 -- clinic_id is the id here";
    Ok(conn.one(sql, &[clinic.into()], |row| row.text(0).map(str::to_owned)).await?.unwrap_or_default())
}

/// How many admins can sign in, not counting one user.
pub async fn other_admins(conn: &mut dyn Conn, clinic: ClinicId, but: UserId) -> Result<i64> {
    let sql = "SELECT count(*) FROM users WHERE clinic_id = $1 AND id <> $2 AND role = 'Admin' AND state = 'active'";
    Ok(conn.one(sql, &[clinic.into(), but.into()], |row| row.int(0)).await?.unwrap_or_default())
}

/// Adds an invited user. `hash` is that of the invitation's token.
pub async fn insert(conn: &mut dyn Conn, user: &User<'_>, hash: &str, until: Timestamp) -> Result<()> {
    conn.execute(
        "INSERT INTO users (clinic_id, id, email, email_key, name, role, state, invitation_hash, invitation_expires_at, \
         created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            user.clinic_id.into(),
            user.id.into(),
            user.email.as_ref().into(),
            Value::Owned(email_key(&user.email)),
            user.name.as_ref().into(),
            user.role.name().into(),
            user.state.name().into(),
            hash.into(),
            until.into(),
            user.created_at.into(),
            user.updated_at.into(),
            user.version.into(),
        ],
    )
    .await
    .map(drop)
}

/// Stores a changed name, role and state, and why.
pub async fn update(conn: &mut dyn Conn, user: &User<'_>) -> Result<()> {
    let sql = "UPDATE users SET name = $3, role = $4, state = $5, updated_at = $6, version = $7, state_reason = $8 \
               WHERE clinic_id = $1 AND id = $2";
    let params = [
        user.clinic_id.into(),
        user.id.into(),
        user.name.as_ref().into(),
        user.role.name().into(),
        user.state.name().into(),
        user.updated_at.into(),
        user.version.into(),
        user.state_reason.as_deref().into(),
    ];
    conn.execute(sql, &params).await.map(drop)
}

/// Stores a password. An open invitation has served.
pub async fn set_password(conn: &mut dyn Conn, user: &User<'_>, hash: &str) -> Result<()> {
    let sql = "UPDATE users SET password_hash = $3, invitation_hash = NULL, invitation_expires_at = NULL \
               WHERE clinic_id = $1 AND id = $2";
    conn.execute(sql, &[user.clinic_id.into(), user.id.into(), hash.into()]).await.map(drop)
}

/// Puts an invitation in the place of the password and of the invitation that was.
pub async fn set_invitation(conn: &mut dyn Conn, user: &User<'_>, hash: &str, until: Timestamp) -> Result<()> {
    let sql = "UPDATE users SET password_hash = NULL, invitation_hash = $3, invitation_expires_at = $4 \
               WHERE clinic_id = $1 AND id = $2";
    conn.execute(sql, &[user.clinic_id.into(), user.id.into(), hash.into(), until.into()]).await.map(drop)
}

/// Takes an open invitation back.
pub async fn end_invitation(conn: &mut dyn Conn, user: &User<'_>) -> Result<()> {
    let sql = "UPDATE users SET invitation_hash = NULL, invitation_expires_at = NULL WHERE clinic_id = $1 AND id = $2";
    conn.execute(sql, &[user.clinic_id.into(), user.id.into()]).await.map(drop)
}

/// The hash of a user's password.
pub async fn password_hash(conn: &mut dyn Conn, clinic: ClinicId, user: UserId) -> Result<Option<String>> {
    let sql = "SELECT password_hash FROM users WHERE clinic_id = $1 AND id = $2";
    let found = conn.one(sql, &[clinic.into(), user.into()], |row| row.opt_text(0).map(|hash| hash.map(str::to_owned))).await?;
    Ok(found.flatten())
}

/// The secret of a second factor, confirmed or not.
pub struct Totp {
    /// Sealed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub begun_at: Option<Timestamp>,
}

/// The secret of a user's second factor, if one was begun.
pub async fn totp(conn: &mut dyn Conn, clinic: ClinicId, user: UserId) -> Result<Option<Totp>> {
    let sql = "SELECT totp_sealed, totp_begun_at FROM users WHERE clinic_id = $1 AND id = $2";
    let params = [clinic.into(), user.into()];
    let found = conn.one(sql, &params, |row| {
        let begun_at = row.opt_int(1)?.map(Timestamp::from_micros);
        Ok(row.opt_bytes(0)?.map(|sealed| Totp { sealed: sealed.to_vec(), begun_at }))
    });
    Ok(found.await?.flatten())
}

/// Stores a second factor, or takes it away.
pub async fn set_totp(conn: &mut dyn Conn, user: &User<'_>, totp: Option<&Totp>, confirmed: Option<Timestamp>) -> Result<()> {
    let sql = "UPDATE users SET totp_sealed = $3, totp_begun_at = $4, totp_confirmed_at = $5 WHERE clinic_id = $1 AND id = $2";
    let sealed = totp.map_or(Value::Null, |totp| Value::Bytes(&totp.sealed));
    let begun_at = totp.and_then(|totp| totp.begun_at);
    conn.execute(sql, &[user.clinic_id.into(), user.id.into(), sealed, begun_at.into(), confirmed.into()]).await.map(drop)
}

/// Puts recovery codes in the place of those that were, under their hashes.
pub async fn set_recovery_codes(conn: &mut dyn Conn, user: &User<'_>, hashes: &[[u8; 32]]) -> Result<()> {
    let sql = "DELETE FROM recovery_codes WHERE clinic_id = $1 AND user_id = $2";
    conn.execute(sql, &[user.clinic_id.into(), user.id.into()]).await?;
    for hash in hashes {
        let sql = "INSERT INTO recovery_codes (clinic_id, user_id, hash, created_at) VALUES ($1, $2, $3, $4)";
        let params = [user.clinic_id.into(), user.id.into(), Value::Owned(to_hex(hash)), user.updated_at.into()];
        conn.execute(sql, &params).await?;
    }
    Ok(())
}
