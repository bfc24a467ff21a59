//! Reads entries whose positions are known.

use super::search::{is_beside, take};
use super::{Entry, Found, Search, batch};
use crate::error::Result;
use crate::sql::{Conn, Row, Value};

/// Positions whose batches one statement reads.
const FETCH_STEP: usize = 32;
/// Batches that one statement of a sweep reads.
const SWEEP_STEP: i64 = 64;

/// Reads the entries at these positions, newest first, and keeps what matches.
pub(super) async fn fetch(conn: &mut dyn Conn, search: &Search, mut positions: Vec<i64>, found: &mut Vec<Found>) -> Result<()> {
    within_times(conn, search, &mut positions).await?;
    let of = |place: &str| (1..=FETCH_STEP).map(|number| place.replace('?', &number.to_string())).collect::<Vec<_>>().join(", ");
    // Which batches first, then the batches: in one statement, PostgreSQL may read all of them.
    let which = format!(
        "SELECT (SELECT max(b.first_position) FROM audit_batches b WHERE b.first_position <= v.column1) FROM (VALUES {}) AS v",
        of("(CAST($? AS BIGINT))")
    );
    let batches = format!(
        "SELECT first_position, batch FROM audit_batches WHERE first_position IN ({}) ORDER BY first_position DESC \
         -- all clinics: filtered below",
        of("$?")
    );
    while let Some(newest) = positions.last().copied() {
        if found.len() >= search.limit {
            break;
        }
        let wanted = positions.split_off(positions.len().saturating_sub(FETCH_STEP));
        // An engine prepares one text: what is missing to a full step is the newest once more.
        let missing = std::iter::repeat_n(&newest, FETCH_STEP - wanted.len());
        let params: Vec<Value<'_>> = wanted.iter().chain(missing).map(|position| Value::Int(*position)).collect();
        let firsts = conn.all(&which, &params, |row| row.opt_int(0)).await?;
        let params: Vec<Value<'_>> = firsts.into_iter().map(Value::from).collect();
        let decode = |row: &dyn Row| entries_at(search, &wanted, row.int(0)?, row.bytes(1)?);
        for entries in conn.all(&batches, &params, decode).await? {
            take(search, entries.into_iter().rev(), found);
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
    let sql = "SELECT first_position, batch FROM audit_batches WHERE first_position >= $1 AND first_position <= $2 \
               ORDER BY first_position DESC LIMIT $3 -- all clinics: filtered below";
    while found.len() < search.limit && newest >= first {
        let params = [Value::Int(first), Value::Int(newest), Value::Int(SWEEP_STEP)];
        let decode = |row: &dyn Row| Ok((row.int(0)?, entries_at(search, positions, row.int(0)?, row.bytes(1)?)?));
        let batches = conn.all(sql, &params, decode).await?;
        let Some((last, _)) = batches.last() else { break };
        newest = *last - 1;
        for (_, entries) in batches {
            take(search, entries.into_iter().rev(), found);
        }
    }
    Ok(())
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
fn entries_at(search: &Search, wanted: &[i64], first_position: i64, bytes: &[u8]) -> Result<Vec<(i64, Entry)>> {
    let mut entries = Vec::new();
    if is_beside(search, bytes) {
        return Ok(entries);
    }
    for (position, entry) in (first_position..).zip(batch::Packed::new(bytes)?) {
        if wanted.binary_search(&position).is_ok() {
            entries.push((position, batch::decode(entry?)?));
        }
    }
    Ok(entries)
}
