//! When credentials were last used: from the tail and the postings, so that a call writes nothing
//! but its entry.

use std::collections::BTreeMap;

use super::postings::{self, Kind};
use super::{Bytes16, batch, search};
use crate::error::{Result, StoreError};
use crate::sql::{Conn, Row, Value};

/// When each of these credentials last called at a clinic, in microseconds; refused calls count.
/// One that never called is not in the answer. The tail is read once for all, and postings twice
/// for each credential that it does not hold.
pub async fn last_uses(conn: &mut dyn Conn, clinic: Bytes16, credentials: &[Bytes16]) -> Result<BTreeMap<Bytes16, i64>> {
    let mut found = tail(conn, clinic, credentials).await?;
    for credential in credentials {
        if !found.contains_key(credential)
            && let Some(at) = through_postings(conn, clinic, credential).await?
        {
            found.insert(*credential, at);
        }
    }
    Ok(found)
}

/// The entries that no segment covers, numbered or not.
async fn tail(conn: &mut dyn Conn, clinic: Bytes16, credentials: &[Bytes16]) -> Result<BTreeMap<Bytes16, i64>> {
    let mut found: BTreeMap<Bytes16, i64> = BTreeMap::new();
    let indexed = search::indexed_through(conn).await?;
    let mut look = |row: &dyn Row| {
        for entry in batch::unpack(row.bytes(0)?)? {
            if let Some(credential) =
                entry.actor.credential.filter(|one| entry.clinic == Some(clinic) && credentials.contains(one))
            {
                let last = found.entry(credential).or_insert(entry.at);
                *last = entry.at.max(*last);
            }
        }
        Ok(())
    };
    let sql = "SELECT batch FROM audit_batches WHERE first_position > $1 -- all clinics: filtered above";
    conn.query(sql, &[Value::Int(indexed)], &mut look).await?;
    conn.query("SELECT batch FROM audit_pending -- all clinics: filtered above", &[], &mut look).await?;
    Ok(found)
}

/// The last entry that a segment covers.
async fn through_postings(conn: &mut dyn Conn, clinic: Bytes16, credential: &Bytes16) -> Result<Option<i64>> {
    let sql = "SELECT first_position, positions FROM audit_postings WHERE clinic_id = $1 AND kind = $2 AND value = $3 \
               ORDER BY first_position DESC LIMIT 1";
    let params = [Value::Bytes(&clinic), Value::Int(Kind::Credential as i64), Value::Bytes(credential)];
    let positions = conn.one(sql, &params, |row| postings::positions(row.int(0)?, row.bytes(1)?)).await?;
    let Some(position) = positions.and_then(|positions| positions.last().copied()) else { return Ok(None) };
    let sql = "SELECT first_position, batch FROM audit_batches WHERE first_position <= $1 \
               ORDER BY first_position DESC LIMIT 1 -- all clinics: a position is of one entry";
    let missing = || StoreError::Corrupt(format!("audit position {position} is missing"));
    let (first, bytes) =
        conn.one(sql, &[Value::Int(position)], |row| Ok((row.int(0)?, row.bytes(1)?.to_vec()))).await?.ok_or_else(missing)?;
    let place = usize::try_from(position - first).map_err(|_| missing())?;
    let entry = batch::Packed::new(&bytes)?.nth(place).ok_or_else(missing)??;
    Ok(Some(batch::decode(entry)?.at))
}
