//! Finds entries that showed a record, or told somebody's data: only segments whose filters may hold it
//! are looked into.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::fetch::sweep;
use super::postings::Kind;
use super::search::{POSTINGS_MAX, Posting, narrow, oldest, posting_at};
use super::{Found, Search, records};
use crate::error::Result;
use crate::sql::{Conn, Value};

/// Segments whose filters are looked at at a time.
const FILTERS_STEP: i64 = 512;

/// Looks only into segments that may hold what is sought.
pub(super) async fn through_filters(
    conn: &mut dyn Conn,
    search: &Search,
    sought: &[Vec<u64>],
    conditions: &[(Kind, &[u8])],
    found: &mut Vec<Found>,
) -> Result<bool> {
    let clinic = search.clinic.as_ref().map_or(&[][..], <[u8; 16]>::as_slice);
    let end = oldest(search, found);
    let (mut before, mut looked_at) = (end, 0);
    while found.len() < search.limit && looked_at < POSTINGS_MAX {
        let segments = segments_before(conn, search, before).await?;
        let (Some(newest), Some(oldest)) = (segments.first().copied(), segments.last().copied()) else { return Ok(true) };
        before = oldest;
        looked_at += segments.len();
        for first_position in holding(conn, segments, oldest..=newest, sought).await? {
            let mut segment: Option<Posting> = None;
            for (kind, value) in conditions {
                match &mut segment {
                    Some(segment) => narrow(conn, clinic, *kind, value, segment).await?,
                    None => segment = Some(posting_at(conn, clinic, *kind, value, first_position).await?),
                }
            }
            let mut positions = segment.map(|segment| segment.positions).unwrap_or_default();
            positions.retain(|position| *position < end);
            sweep(conn, search, &positions, found).await?;
            if found.len() >= search.limit {
                break;
            }
        }
    }
    Ok(false)
}

/// The next segments, newest first.
async fn segments_before(conn: &mut dyn Conn, search: &Search, before: i64) -> Result<Vec<i64>> {
    let sql = "SELECT first_position FROM audit_segments WHERE first_position < $1 AND first_at < $2 AND last_at >= $3 \
               ORDER BY first_position DESC LIMIT $4";
    let (from, until) = (search.from.unwrap_or(i64::MIN), search.until.unwrap_or(i64::MAX));
    let params = [Value::Int(before), Value::Int(until), Value::Int(from), Value::Int(FILTERS_STEP)];
    conn.all(sql, &params, |row| row.int(0)).await
}

/// Those of the segments that may hold one hash of each alternative.
async fn holding(
    conn: &mut dyn Conn,
    mut segments: Vec<i64>,
    range: RangeInclusive<i64>,
    sought: &[Vec<u64>],
) -> Result<Vec<i64>> {
    let sql = "SELECT first_position, positions FROM audit_postings WHERE clinic_id = $1 AND kind = $2 AND value = $3 \
               AND first_position >= $4 AND first_position <= $5 ORDER BY first_position";
    for any in sought {
        let mut may: BTreeSet<i64> = BTreeSet::new();
        let mut filtered: BTreeSet<i64> = BTreeSet::new();
        for hash in any {
            let params = [
                Value::Bytes(&[]),
                Value::Int(Kind::Records as i64),
                Value::Bytes(&[records::part_of(*hash)]),
                Value::Int(*range.start()),
                Value::Int(*range.end()),
            ];
            for (segment, holds) in
                conn.all(sql, &params, |row| Ok((row.int(0)?, records::may_hold(row.bytes(1)?, *hash)))).await?
            {
                filtered.insert(segment);
                if holds {
                    may.insert(segment);
                }
            }
        }
        // A segment without a filter is older than they are.
        segments.retain(|segment| may.contains(segment) || !filtered.contains(segment));
    }
    Ok(segments)
}
