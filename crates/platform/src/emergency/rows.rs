//! Every statement about the switch. It stands in the clinic's row, from which the gate decides.

use std::borrow::Cow;

use clinicos_contract::Timestamp;
use clinicos_contract::wire::{Doc, Wire as _};
use clinicos_gate::ClinicId;
use clinicos_gate::rows::id;
use clinicos_store::{Conn, StoreError};

use super::model::Emergency;

type Result<T> = std::result::Result<T, StoreError>;

/// The switch of a clinic, locked until the transaction ends.
pub async fn lock(conn: &mut dyn Conn, clinic: ClinicId) -> Result<Option<Emergency<'static>>> {
    let sql = "SELECT id, writes_stopped_at, writes_stopped_reason, writes_stopped_by, version, writes_turns FROM clinics \
               WHERE id = $1 FOR UPDATE -- clinic_id is the id here";
    find(conn, sql, clinic).await
}

/// The switch of a clinic.
pub async fn get(conn: &mut dyn Conn, clinic: ClinicId) -> Result<Option<Emergency<'static>>> {
    let sql = "SELECT id, writes_stopped_at, writes_stopped_reason, writes_stopped_by, version, writes_turns FROM clinics \
               WHERE id = $1 -- clinic_id is the id here";
    find(conn, sql, clinic).await
}

async fn find(conn: &mut dyn Conn, sql: &str, clinic: ClinicId) -> Result<Option<Emergency<'static>>> {
    conn.one(sql, &[clinic.into()], |row| {
        Ok(Emergency {
            id: id(row, 0)?,
            writes_stopped_at: row.opt_int(1)?.map(Timestamp::from_micros),
            reason: row.opt_text(2)?.map(|text| Cow::Owned(text.to_owned())),
            stopped_by: row.opt_text(3)?.map(|text| Cow::Owned(text.to_owned())),
            turns: Doc::from_stored(row.text(5)?).into_static(),
            version: row.int(4)?,
        })
    })
    .await
}

/// Turns the switch.
pub async fn turn(conn: &mut dyn Conn, switch: &Emergency<'_>, now: Timestamp) -> Result<()> {
    let sql = "UPDATE clinics SET writes_stopped_at = $2, writes_stopped_reason = $3, writes_stopped_by = $4, version = $5, \
               updated_at = $6, writes_turns = $7 WHERE id = $1 -- clinic_id is the id here";
    let params = [
        switch.id.into(),
        switch.writes_stopped_at.into(),
        switch.reason.as_deref().into(),
        switch.stopped_by.as_deref().into(),
        switch.version.into(),
        now.into(),
        switch.turns.text().into(),
    ];
    conn.execute(sql, &params).await.map(drop)
}
