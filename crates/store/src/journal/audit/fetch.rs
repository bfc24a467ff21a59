//! Reads entries whose positions are known.

use std::ops::RangeInclusive;

use super::search::{is_beside, take};
use super::{Entry, Found, Search, batch};
use crate::error::{Result, StoreError};
use crate::sql::{Conn, Row, Value};

/// Positions whose batches one statement reads.
const FETCH_STEP: usize = 32;
/// Batches that one statement of a sweep reads.
const SWEEP_STEP: i64 = 64;

/// The entries of one batch that are wanted, and which positions it covers.
struct Batch {
    covers: RangeInclusive<i64>,
    entries: Vec<(i64, Entry)>,
}

/// Reads the entries at these positions, newest first, and keeps what matches. Each of them is there
/// but for those that were committed after this question's snapshot, which stand behind all others.
pub(super) async fn fetch(conn: &mut dyn Conn, search: &Search, mut positions: Vec<i64>, found: &mut Vec<Found>) -> Result<()> {
    within_times(conn, search, &mut positions).await?;
    let of = |place: &str| (1..=FETCH_STEP).map(|number| place.replace('?', &number.to_string())).collect::<Vec<_>>().join(", ");
    // Which batches first, then the batches: in one statement, PostgreSQL may read all of them.
    let which = format!(
        "SELECT (SELECT max(b.first_position) FROM audit_batches b WHERE b.first_position <= v.column1) FROM (VALUES {}) AS v",
        of("(CAST($? AS BIGINT))")
    );
    let batches = format!(
        "SELECT first_position, last_position, batch FROM audit_batches WHERE first_position IN ({}) ORDER BY first_position DESC \
         -- all clinics: filtered below",
        of("$?")
    );
    while let Some(newest) = positions.last().copied() {
        if found.len() >= search.limit {
            break;
        }
        let wanted = positions.split_off(positions.len().saturating_sub(FETCH_STEP));
        // An engine prepares one text: what is missing to a full step is the newest once more.
        let rest = std::iter::repeat_n(&newest, FETCH_STEP - wanted.len());
        let params: Vec<Value<'_>> = wanted.iter().chain(rest).map(|position| Value::Int(*position)).collect();
        let firsts = conn.all(&which, &params, |row| row.opt_int(0)).await?;
        let params: Vec<Value<'_>> = firsts.into_iter().map(Value::from).collect();
        let found_batches = conn.all(&batches, &params, |row| entries_at(search, &wanted, row)).await?;
        let newest_there = found_batches.first().map_or(0, |batch| *batch.covers.end());
        let is_covered = |position: &i64| found_batches.iter().any(|batch| batch.covers.contains(position));
        if let Some(position) = wanted.iter().find(|position| **position < newest_there && !is_covered(position)) {
            return Err(gap_at(*position));
        }
        for batch in found_batches {
            take(search, batch.entries.into_iter().rev(), found);
        }
    }
    Ok(())
}

/// The same where most entries of a range are wanted, and few of them will match: reads every batch of
/// it, and decodes those that may show the record.
pub(super) async fn sweep(conn: &mut dyn Conn, search: &Search, positions: &[i64], found: &mut Vec<Found>) -> Result<()> {
    let (Some(oldest), Some(mut newest)) = (positions.first(), positions.last().copied()) else { return Ok(()) };
    let first = "SELECT max(first_position) FROM audit_batches WHERE first_position <= $1";
    let first = conn.one(first, &[Value::Int(*oldest)], |row| row.opt_int(0)).await?.flatten().unwrap_or_default();
    let sql = "SELECT first_position, last_position, batch FROM audit_batches WHERE first_position >= $1 AND first_position <= $2 \
               ORDER BY first_position DESC LIMIT $3 -- all clinics: filtered below";
    while found.len() < search.limit && newest >= first {
        let params = [Value::Int(first), Value::Int(newest), Value::Int(SWEEP_STEP)];
        let batches = conn.all(sql, &params, |row| entries_at(search, positions, row)).await?;
        if batches.is_empty() {
            return Err(gap_at(newest));
        }
        for batch in batches {
            if !batch.covers.contains(&newest) {
                return Err(gap_at(newest));
            }
            newest = *batch.covers.start() - 1;
            take(search, batch.entries.into_iter().rev(), found);
        }
    }
    Ok(())
}

/// An answer without an entry that should be there would look as if the call had never been made.
fn gap_at(position: i64) -> StoreError {
    StoreError::Corrupt(format!("the audit log has no entry at position {position}"))
}

/// Leaves out positions in batches from other times.
async fn within_times(conn: &mut dyn Conn, search: &Search, positions: &mut Vec<i64>) -> Result<()> {
    let (Some(oldest), Some(newest)) = (positions.first(), positions.last()) else { return Ok(()) };
    if search.from.is_none() && search.until.is_none() {
        return Ok(());
    }
    let sql = "SELECT min(first_position), max(last_position) FROM audit_batches WHERE first_position <= $1 \
               AND last_position >= $2 AND first_at < $3 AND last_at >= $4 \
               AND first_position >= (SELECT max(first_position) FROM audit_batches WHERE first_position <= $2)";
    let (from, until) = (search.from.unwrap_or(i64::MIN), search.until.unwrap_or(i64::MAX));
    let params = [Value::Int(*newest), Value::Int(*oldest), Value::Int(until), Value::Int(from)];
    let bounds = conn.one(sql, &params, |row| Ok((row.opt_int(0)?, row.opt_int(1)?))).await?;
    match bounds {
        Some((Some(first), Some(last))) => positions.retain(|position| (first..=last).contains(position)),
        _ => positions.clear(),
    }
    Ok(())
}

/// The entries of a batch at these positions, if it may show the record that is looked for.
fn entries_at(search: &Search, wanted: &[i64], row: &dyn Row) -> Result<Batch> {
    let (first_position, bytes) = (row.int(0)?, row.bytes(2)?);
    let covers = first_position..=row.int(1)?;
    let mut entries = Vec::new();
    if is_beside(search, bytes) {
        return Ok(Batch { covers, entries });
    }
    for (position, entry) in (first_position..).zip(batch::Packed::new(bytes)?) {
        if wanted.binary_search(&position).is_ok() {
            entries.push((position, batch::decode(entry?)?));
        }
    }
    Ok(Batch { covers, entries })
}
