//! The outbox: events, committed with the rows that they speak of.

use crate::error::{Result, StoreError};
use crate::sql::{Conn, Value};

/// An event to be committed.
#[derive(Debug, Clone)]
pub struct Event {
    /// `evt_…`
    pub id: String,
    /// Declared name, such as `invoice.voided`.
    pub name: &'static str,
    /// Version of the payload.
    pub version: u16,
    /// The clinic's id, if the record belongs to one.
    pub clinic_id: Option<String>,
    /// The record's id.
    pub record_id: String,
    /// The record's version after the change: orders the events of one record.
    pub sequence: i64,
    /// JSON: ids and what changed, never personal values.
    pub payload: String,
    /// When, in microseconds.
    pub at: i64,
}

/// A committed event, in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Dense, in commit order, from 1, over all clinics.
    pub position: i64,
    /// `evt_…`
    pub id: String,
    /// Declared name.
    pub name: String,
    /// Version of the payload.
    pub version: u16,
    /// The clinic's id, if the record belongs to one.
    pub clinic_id: Option<String>,
    /// The record's id.
    pub record_id: String,
    /// The record's version after the change.
    pub sequence: i64,
    /// JSON.
    pub payload: String,
    /// When, in microseconds.
    pub at: i64,
}

/// The next events after a position, oldest first, at most `limit`.
pub async fn after(conn: &mut dyn Conn, position: i64, limit: i64) -> Result<Vec<Placed>> {
    conn.all(
        "SELECT position, id, name, version, clinic_id, record_id, sequence, payload, at FROM outbox \
         WHERE position > $1 ORDER BY position LIMIT $2 -- all clinics: the relay serves every subscriber",
        &[Value::Int(position), Value::Int(limit)],
        |row| {
            let version = u16::try_from(row.int(3)?).map_err(|_| StoreError::Corrupt("an event's version".to_owned()))?;
            Ok(Placed {
                position: row.int(0)?,
                id: row.text(1)?.to_owned(),
                name: row.text(2)?.to_owned(),
                version,
                clinic_id: row.opt_text(4)?.map(str::to_owned),
                record_id: row.text(5)?.to_owned(),
                sequence: row.int(6)?,
                payload: row.text(7)?.to_owned(),
                at: row.int(8)?,
            })
        },
    )
    .await
}

/// A committed event, as those are told of it who follow a clinic's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Dense over all clinics, in commit order.
    pub position: i64,
    /// `evt_…`
    pub id: String,
    /// Declared name.
    pub name: String,
    /// The record's id.
    pub record_id: String,
    /// The record's version after the change.
    pub sequence: i64,
    /// When, in microseconds.
    pub at: i64,
}

/// The next events of a clinic after a position, oldest first, at most `limit`.
pub async fn of_clinic(conn: &mut dyn Conn, clinic: &str, position: i64, limit: i64) -> Result<Vec<Told>> {
    conn.all(
        "SELECT position, id, name, record_id, sequence, at FROM outbox \
         WHERE clinic_id = $1 AND position > $2 ORDER BY position LIMIT $3",
        &[Value::Text(clinic), Value::Int(position), Value::Int(limit)],
        |row| {
            Ok(Told {
                position: row.int(0)?,
                id: row.text(1)?.to_owned(),
                name: row.text(2)?.to_owned(),
                record_id: row.text(3)?.to_owned(),
                sequence: row.int(4)?,
                at: row.int(5)?,
            })
        },
    )
    .await
}

/// The clinics that have events after a position, up to another one, each with its last.
pub async fn clinics_between(conn: &mut dyn Conn, after: i64, last: i64) -> Result<Vec<(String, i64)>> {
    conn.all(
        "SELECT clinic_id, max(position) FROM outbox WHERE position > $1 AND position <= $2 AND clinic_id IS NOT NULL \
         GROUP BY clinic_id -- all clinics: one asks for all who wait",
        &[Value::Int(after), Value::Int(last)],
        |row| Ok((row.text(0)?.to_owned(), row.int(1)?)),
    )
    .await
}

/// How many events a clinic has after a position, counted up to `max`.
pub async fn count_of_clinic(conn: &mut dyn Conn, clinic: &str, position: i64, max: i64) -> Result<i64> {
    let sql = "SELECT count(*) FROM (SELECT position FROM outbox WHERE clinic_id = $1 AND position > $2 ORDER BY position LIMIT $3) AS later";
    let params = [Value::Text(clinic), Value::Int(position), Value::Int(max)];
    Ok(conn.one(sql, &params, |row| row.int(0)).await?.unwrap_or(0))
}

/// The position of the first event that is still there. Whoever takes events away keeps the last
/// one: positions go on from it.
pub async fn earliest(conn: &mut dyn Conn) -> Result<Option<i64>> {
    Ok(conn.one("SELECT min(position) FROM outbox", &[], |row| row.opt_int(0)).await?.flatten())
}

/// The position of the last event that has one; 0 if none has.
pub async fn latest(conn: &mut dyn Conn) -> Result<i64> {
    let last = conn.one("SELECT max(position) FROM outbox", &[], |row| row.opt_int(0)).await?;
    Ok(last.flatten().unwrap_or(0))
}

/// How many events statements write, most first: few texts are prepared, and a full import's
/// events come to five statements.
const SIZES: [usize; 3] = [100, 10, 1];

/// Writes events at the positions after `last`; without one they wait for the sealer. Tells the
/// last position that was given.
pub(crate) async fn insert(conn: &mut dyn Conn, events: &[Event], last: Option<i64>) -> Result<Option<i64>> {
    let mut last = last;
    let mut rest = events;
    for size in SIZES {
        let full = rest.chunks_exact(size);
        rest = full.remainder();
        if full.len() == 0 {
            continue;
        }
        let sql = statement(size, last.is_some());
        for chunk in full {
            let mut params = Vec::with_capacity(size * 9);
            for event in chunk {
                last = last.map(|position| position + 1);
                params.extend(values(event));
                params.extend(last.map(Value::Int));
            }
            conn.execute(&sql, &params).await?;
        }
    }
    Ok(last)
}

fn values(event: &Event) -> [Value<'_>; 8] {
    [
        Value::Text(&event.id),
        Value::Text(event.name),
        Value::Int(i64::from(event.version)),
        event.clinic_id.as_deref().into(),
        Value::Text(&event.record_id),
        Value::Int(event.sequence),
        Value::Text(&event.payload),
        Value::Int(event.at),
    ]
}

fn statement(rows: usize, placed: bool) -> String {
    let (position, width) = if placed { (", position", 9) } else { ("", 8) };
    let row = |row: usize| {
        let places: Vec<String> = (row * width + 1..=(row + 1) * width).map(|place| format!("${place}")).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    let columns = "id, name, version, clinic_id, record_id, sequence, payload, at";
    format!("INSERT INTO outbox ({columns}{position}) VALUES {}", rows.join(", "))
}

/// Gives the next positions to committed events that have none, in the order they arrived.
/// Tells the last position given.
pub(crate) async fn place(conn: &mut dyn Conn, last: i64, limit: i64) -> Result<i64> {
    let sql = "UPDATE outbox SET position = placed.position FROM (\
                   SELECT id, CAST($1 AS BIGINT) + row_number() OVER (ORDER BY arrival) AS position \
                   FROM outbox WHERE position IS NULL ORDER BY arrival LIMIT $2\
               ) AS placed WHERE outbox.id = placed.id -- all clinics: positions are given over all of them";
    let placed = conn.execute(sql, &[Value::Int(last), Value::Int(limit)]).await?;
    Ok(last.saturating_add_unsigned(placed))
}
