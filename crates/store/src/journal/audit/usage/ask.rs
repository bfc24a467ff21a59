//! Questions about usage. A clinic with hundreds of connections has thousands of hours in a day: what
//! many pages ask for is kept ([`Tail`]), the rest is added up where it is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{CREDENTIALS, Call, EVER, EVERY, Key, SESSIONS, Sum, Sums, US_PER_HOUR, Usage};
use crate::error::{Result, StoreError};
use crate::journal::audit::tail::Hours;
use crate::journal::audit::{Bytes16, Tail, batch, glance, search};
use crate::sql::{Conn, Row, Value};

/// Sums of four columns. PostgreSQL's SUM of integers is no integer.
const SUMMED: &str = "CAST(SUM(calls) AS BIGINT), CAST(SUM(refused) AS BIGINT), CAST(SUM(records) AS BIGINT), MAX(last_at)";

/// How a connection was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// Since the time that was asked for.
    pub recent: Usage,
    /// Its last call of all time, in microseconds.
    pub last_at: Option<i64>,
}

impl Used {
    /// Adds an hour, which may lie before the time that was asked for.
    fn add(&mut self, hour: i64, since: i64, usage: Usage) {
        self.last_at = self.last_at.max(Some(usage.last_at));
        if hour >= since {
            self.recent.add(usage);
        }
    }
}

/// Each connection of a clinic that ever called: what it used since the hour of a time, in
/// microseconds.
pub async fn by_connection(conn: &mut dyn Conn, tail: &Tail, clinic: Bytes16, since: i64) -> Result<BTreeMap<Bytes16, Used>> {
    let since = first_hour(since);
    let ever = "SELECT connection_id, calls, refused, records, last_at FROM audit_usage \
                WHERE clinic_id = $1 AND category = $2 AND hour = $3";
    let params = [Value::Bytes(&clinic), Value::Int(EVERY), Value::Int(EVER)];
    let last = conn.all(ever, &params, |row| Ok((id(row)?, usage(row)?.last_at))).await?;
    let used = |(connection, at)| (connection, Used { last_at: Some(at), ..Used::default() });
    let mut found: BTreeMap<Bytes16, Used> = last.into_iter().map(used).collect();
    for sum in hours(conn, tail, clinic, since).await?.iter() {
        found.entry(sum.connection).or_default().add(sum.hour, since, sum.usage);
    }
    for ((_, _, hour, connection), usage) in new(conn, tail, (clinic, Some(EVERY)), |_| true).await?.0 {
        found.entry(connection).or_default().add(hour, since, usage);
    }
    Ok(found)
}

/// What all connections of a clinic used together, by the hour since 1970, from the hour of a time
/// in microseconds. An hour without a call is left out.
pub async fn by_hour(conn: &mut dyn Conn, tail: &Tail, clinic: Bytes16, since: i64) -> Result<BTreeMap<i64, Usage>> {
    let since = first_hour(since);
    let mut found = BTreeMap::<i64, Usage>::new();
    for sum in hours(conn, tail, clinic, since).await?.iter() {
        found.entry(sum.hour).or_default().add(sum.usage);
    }
    let is_recent = |key: &Key| key.2 >= since;
    for ((_, _, hour, _), usage) in new(conn, tail, (clinic, Some(EVERY)), is_recent).await?.0 {
        found.entry(hour).or_default().add(usage);
    }
    Ok(found)
}

/// What one connection used since the hour of a time in microseconds, and what of each category
/// (a bit of the data categories) since the hour of another.
pub async fn of_connection(
    conn: &mut dyn Conn,
    tail: &Tail,
    clinic: Bytes16,
    connection: Bytes16,
    (since, of_categories_since): (i64, i64),
) -> Result<(Used, BTreeMap<u8, Usage>)> {
    let (since, categories_since) = (first_hour(since), first_hour(of_categories_since));
    let whose = (&clinic, &connection);
    let ever = by_category(conn, whose, EVER, EVER + 1).await?;
    let recent = by_category(conn, whose, since, i64::MAX).await?;
    let mut used =
        Used { recent: recent.get(&EVERY).copied().unwrap_or_default(), last_at: ever.get(&EVERY).map(|usage| usage.last_at) };
    let written = by_category(conn, whose, categories_since, i64::MAX).await?;
    let of_one = |(category, usage)| Some((u8::try_from(category).ok()?, usage));
    let mut categories: BTreeMap<u8, Usage> = written.into_iter().filter_map(of_one).collect();
    let is_its_own = |key: &Key| ![CREDENTIALS, SESSIONS].contains(&key.1) && key.3 == connection;
    for ((_, category, hour, _), usage) in new(conn, tail, (clinic, None), is_its_own).await?.0 {
        match u8::try_from(category) {
            Err(_) => used.add(hour, since, usage),
            Ok(category) if hour >= categories_since => categories.entry(category).or_default().add(usage),
            Ok(_) => {}
        }
    }
    Ok((used, categories))
}

/// What a connection used from one hour to another, which is left out, by category.
async fn by_category(
    conn: &mut dyn Conn,
    (clinic, connection): (&Bytes16, &Bytes16),
    from: i64,
    until: i64,
) -> Result<BTreeMap<i64, Usage>> {
    let sql = format!(
        "SELECT category, {SUMMED} FROM audit_usage WHERE clinic_id = $1 AND connection_id = $2 AND hour >= $3 \
         AND hour < $4 GROUP BY category"
    );
    let params = [Value::Bytes(clinic), Value::Bytes(connection), Value::Int(from), Value::Int(until)];
    Ok(conn.all(&sql, &params, |row| Ok((row.int(0)?, usage(row)?))).await?.into_iter().collect())
}

/// When each of these keys last called at a clinic, in microseconds; refused calls count. One that
/// never called is not in the answer.
pub async fn last_uses(conn: &mut dyn Conn, tail: &Tail, clinic: Bytes16, keys: &[Bytes16]) -> Result<BTreeMap<Bytes16, i64>> {
    last_uses_of(conn, tail, (clinic, CREDENTIALS), keys).await
}

/// The same of sessions.
pub async fn last_uses_of_sessions(
    conn: &mut dyn Conn,
    tail: &Tail,
    clinic: Bytes16,
    sessions: &[Bytes16],
) -> Result<BTreeMap<Bytes16, i64>> {
    last_uses_of(conn, tail, (clinic, SESSIONS), sessions).await
}

/// There are ever more credentials, so only those are looked for that are asked for, all at once.
async fn last_uses_of(
    conn: &mut dyn Conn,
    tail: &Tail,
    (clinic, category): (Bytes16, i64),
    wanted: &[Bytes16],
) -> Result<BTreeMap<Bytes16, i64>> {
    let Some(last) = wanted.last() else { return Ok(BTreeMap::new()) };
    // An engine prepares each text anew: the last one once more fills up to one of a few lengths.
    let places = wanted.len().next_power_of_two();
    let marks: Vec<String> = (4..4 + places).map(|number| format!("${number}")).collect();
    let sql = format!(
        "SELECT connection_id, last_at FROM audit_usage WHERE clinic_id = $1 AND category = $2 AND hour = $3 \
         AND connection_id IN ({})",
        marks.join(", ")
    );
    let mut params = vec![Value::Bytes(&clinic), Value::Int(category), Value::Int(EVER)];
    params.extend(wanted.iter().chain(std::iter::repeat(last)).take(places).map(|id| Value::Bytes(id)));
    let written = conn.all(&sql, &params, |row| Ok((id(row)?, row.int(1)?))).await?;
    let mut found: BTreeMap<Bytes16, i64> = written.into_iter().collect();
    let is_wanted: BTreeSet<&Bytes16> = wanted.iter().collect();
    for ((_, _, _, one), usage) in new(conn, tail, (clinic, Some(category)), |key| is_wanted.contains(&key.3)).await?.0 {
        let last = found.entry(one).or_insert(usage.last_at);
        *last = usage.last_at.max(*last);
    }
    Ok(found)
}

/// Forgets when sessions were used: those that nobody can ask for any more.
pub async fn forget_sessions(conn: &mut dyn Conn, clinic: Bytes16, sessions: &[Bytes16]) -> Result<()> {
    for session in sessions {
        let sql = "DELETE FROM audit_usage WHERE clinic_id = $1 AND category = $2 AND hour = $3 AND connection_id = $4";
        let params = [Value::Bytes(&clinic), Value::Int(SESSIONS), Value::Int(EVER), Value::Bytes(session)];
        conn.execute(sql, &params).await?;
    }
    Ok(())
}

/// What each connection used in each hour since one, as far as segments have added it.
async fn hours(conn: &mut dyn Conn, tail: &Tail, clinic: Bytes16, since: i64) -> Result<Hours> {
    let indexed = search::indexed_through(conn).await?;
    if let Some(kept) = tail.kept_hours(indexed, clinic, since) {
        return Ok(kept);
    }
    let sql = "SELECT connection_id, calls, refused, records, last_at, hour FROM audit_usage \
               WHERE clinic_id = $1 AND category = $2 AND hour >= $3";
    let params = [Value::Bytes(&clinic), Value::Int(EVERY), Value::Int(since)];
    let sum = |row: &dyn Row| Ok(Sum { connection: id(row)?, hour: row.int(5)?, usage: usage(row)? });
    let hours = Arc::new(conn.all(sql, &params, sum).await?);
    tail.keep_hours(indexed, clinic, since, &hours);
    Ok(hours)
}

/// The sums of a clinic, of one category or of every one, that no segment has added yet.
async fn new(
    conn: &mut dyn Conn,
    tail: &Tail,
    (clinic, category): (Bytes16, Option<i64>),
    is_wanted: impl Fn(&Key) -> bool,
) -> Result<Sums> {
    // Those without a position yet are read anew each time; they are few.
    let sql = "SELECT batch FROM audit_pending -- all clinics: filtered below";
    let unplaced = conn.all(sql, &[], |row| calls(row.bytes(0)?)).await?;
    let until = if unplaced.is_empty() { i64::MAX } else { search::last_sealed(conn).await? };
    let mut found = tail.look(conn, until, |known| known.sums.of(clinic, category, &is_wanted)).await?;
    let mut pending = Sums::default();
    unplaced.iter().flatten().for_each(|call| pending.add_call(call));
    found.add_all(&pending.of(clinic, category, &is_wanted));
    Ok(found)
}

fn calls(bytes: &[u8]) -> Result<Vec<Call>> {
    batch::Packed::new(bytes)?.map(|bytes| Ok(glance::at(bytes?)?.call())).collect()
}

/// The hour of a time in microseconds; never the one that stands for all of time.
fn first_hour(at: i64) -> i64 {
    at.div_euclid(US_PER_HOUR).max(EVER + 1)
}

fn id(row: &dyn Row) -> Result<Bytes16> {
    row.bytes(0)?.try_into().map_err(|_| StoreError::Corrupt("a connection's usage".to_owned()))
}

fn usage(row: &dyn Row) -> Result<Usage> {
    Ok(Usage { calls: row.int(1)?, refused: row.int(2)?, records: row.int(3)?, last_at: row.int(4)? })
}
