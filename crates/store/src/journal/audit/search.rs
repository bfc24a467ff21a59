//! Finds entries, newest first: first among those without a position (one engine has such),
//! then in the tail behind the last segment, then through the postings.

use super::fetch::fetch;
use super::filters::through_filters;
use super::ledger::BATCH_SPAN_MAX_US;
use super::postings::{self, Kind};
use super::{ActorKind, Bytes16, Entry, Found, Outcome, Search, Tail, batch, only_looked, records};
use crate::error::Result;
use crate::sql::{Conn, Row, Value};

/// Most batches, and most rows of postings, that one search looks at.
const BATCHES_MAX: usize = 20_000;
pub(super) const POSTINGS_MAX: usize = 20_000;
/// Rows taken at first, and at most: a page is mostly filled by the newest few.
const STEP_FIRST: i64 = 4;
const STEP: i64 = 64;
/// Most rows of entries without a position that are looked at.
const PENDING_MAX: i64 = 1_000;
/// How far an entry's time may lie from the one in its request id.
const ID_SLACK_US: i64 = 5_000_000;

/// The last position that postings cover.
pub(crate) async fn indexed_through(conn: &mut dyn Conn) -> Result<i64> {
    let last =
        conn.one("SELECT last_position FROM audit_segments ORDER BY first_position DESC LIMIT 1", &[], |row| row.int(0)).await?;
    Ok(last.unwrap_or(0))
}

/// The entries that meet every condition, newest first. Entries that are durable but not yet
/// numbered come first, with the positions that they are about to get and sequence 0.
///
/// The work is bounded: a search that matches almost nothing may end before the oldest entry.
pub async fn search(conn: &mut dyn Conn, tail: &Tail, search: &Search) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    if search.limit == 0 {
        return Ok(found);
    }
    if let Some(request_id) = search.request_id {
        found.extend(by_request(conn, search.clinic, request_id).await?);
        found.retain(|one| matches(search, &one.entry) && search.before.is_none_or(|before| one.position < before));
        return Ok(found);
    }
    pending(conn, search, &mut found).await?;
    let mut actor = [0];
    let Some(conditions) = conditions(search, &mut actor) else {
        through_batches(conn, search, &mut found).await?;
        return Ok(found);
    };
    let end = oldest(search, &found);
    let mut positions = tail.look(conn, i64::MAX, |known| known.positions(search)).await?;
    positions.retain(|position| *position < end);
    fetch(conn, search, positions, &mut found).await?;
    let all_seen = through_segments(conn, search, &conditions, &mut found).await?;
    // Segments from before there were postings of a person are older than all that have some.
    if let (true, Some((person @ Kind::Person, _))) = (all_seen, conditions.first().copied()) {
        let others = conditions.into_iter().skip(1);
        let conditions: Vec<_> = std::iter::once((person, postings::ALL_PEOPLE)).chain(others).collect();
        through_segments(conn, search, &conditions, &mut found).await?;
    }
    Ok(found)
}

/// Entries that segments cover, if there is room for any. Tells whether there are no more of them.
async fn through_segments(
    conn: &mut dyn Conn,
    search: &Search,
    conditions: &[(Kind, &[u8])],
    found: &mut Vec<Found>,
) -> Result<bool> {
    match &*records::sought(search) {
        _ if found.len() >= search.limit => Ok(false),
        [] => through_postings(conn, search, conditions, found).await,
        sought => through_filters(conn, search, sought, conditions, found).await,
    }
}

/// The entry of a request, also of one that was folded first or last into another's.
/// `clinic` limits it to one clinic's entries.
pub async fn by_request(conn: &mut dyn Conn, clinic: Option<Bytes16>, request_id: Bytes16) -> Result<Option<Found>> {
    let mut found = None;
    let mut look = |row: &dyn Row| look_for(row, clinic, &request_id, &mut found);
    let at = uuid_v7_micros(&request_id);
    let sql = "SELECT first_position, batch FROM audit_batches WHERE last_at >= $1 AND last_at <= $2 AND first_at <= $3 \
               ORDER BY last_at -- all clinics: filtered below";
    let until = at + ID_SLACK_US;
    conn.query(sql, &[Value::Int(at - ID_SLACK_US), Value::Int(until + BATCH_SPAN_MAX_US), Value::Int(until)], &mut look).await?;
    if found.is_none() {
        let mut look = |row: &dyn Row| look_for(row, clinic, &request_id, &mut found);
        // Without a position yet: it counts as the next one.
        let sql = "SELECT coalesce((SELECT last_position FROM audit_batches ORDER BY first_position DESC LIMIT 1), 0) + 1, batch FROM audit_pending \
                   ORDER BY id DESC LIMIT $1 -- all clinics: filtered below";
        conn.query(sql, &[Value::Int(PENDING_MAX)], &mut look).await?;
    }
    Ok(found)
}

/// Looks for a request in one batch: its first position, then its bytes.
fn look_for(row: &dyn Row, clinic: Option<Bytes16>, request_id: &Bytes16, found: &mut Option<Found>) -> Result<()> {
    let (first_position, bytes) = (row.int(0)?, row.bytes(1)?);
    // The id stands in the batch as it is: most batches are passed over undecoded.
    if found.is_some() || !contains(bytes, request_id) {
        return Ok(());
    }
    for (position, entry) in (first_position..).zip(batch::Packed::new(bytes)?) {
        let entry = batch::decode(entry?)?;
        let folded = entry.folded.is_some_and(|folded| folded.first == *request_id || folded.last == *request_id);
        if (folded || entry.request_id == *request_id) && clinic.is_none_or(|clinic| entry.clinic == Some(clinic)) {
            *found = Some(Found { position, entry });
            break;
        }
    }
    Ok(())
}

pub(super) async fn last_sealed(conn: &mut dyn Conn) -> Result<i64> {
    let last =
        conn.one("SELECT last_position FROM audit_batches ORDER BY first_position DESC LIMIT 1", &[], |row| row.int(0)).await?;
    Ok(last.unwrap_or(0))
}

/// Entries that are durable but have no position yet.
async fn pending(conn: &mut dyn Conn, search: &Search, found: &mut Vec<Found>) -> Result<()> {
    let sql = "SELECT batch FROM audit_pending ORDER BY id LIMIT $1 -- all clinics: filtered below";
    let batches = conn.all(sql, &[Value::Int(PENDING_MAX)], |row| batch::unpack(row.bytes(0)?)).await?;
    if batches.is_empty() {
        return Ok(());
    }
    let sealed = last_sealed(conn).await?;
    let newest_first = (sealed + 1..).zip(batches.into_iter().flatten()).collect::<Vec<_>>().into_iter().rev();
    take(search, newest_first, found);
    Ok(())
}

/// Entries of every batch, newest first.
async fn through_batches(conn: &mut dyn Conn, search: &Search, found: &mut Vec<Found>) -> Result<()> {
    let mut before = oldest(search, found);
    let (mut looked_at, mut step) = (0, STEP_FIRST);
    while found.len() < search.limit && looked_at < BATCHES_MAX {
        let sql = "SELECT first_position, batch FROM audit_batches WHERE first_position < $1 \
                   AND first_at < $2 AND last_at >= $3 ORDER BY first_position DESC LIMIT $4 -- all clinics: filtered below";
        let (from, until) = (search.from.unwrap_or(i64::MIN), search.until.unwrap_or(i64::MAX));
        let params = [Value::Int(before), Value::Int(until), Value::Int(from), Value::Int(step)];
        step = (step * 2).min(STEP);
        let batches = conn.all(sql, &params, |row| Ok((row.int(0)?, unpack(search, row.bytes(1)?)?))).await?;
        let Some((last, _)) = batches.last() else { break };
        before = *last;
        looked_at += batches.len();
        for (first_position, entries) in batches {
            let newest_first = (first_position..).zip(entries).collect::<Vec<_>>().into_iter().rev();
            take(search, newest_first, found);
        }
    }
    Ok(())
}

/// The entries of a batch; none of them, if none can show the record that is looked for.
fn unpack(search: &Search, bytes: &[u8]) -> Result<Vec<Entry>> {
    if is_beside(search, bytes) { Ok(Vec::new()) } else { batch::unpack(bytes) }
}

/// Whether a batch holds no entry with what is looked for: the ids would stand in it as they are.
pub(super) fn is_beside(search: &Search, bytes: &[u8]) -> bool {
    let about_others = || !search.about.is_empty() && !search.about.iter().any(|subject| contains(bytes, subject));
    search.record.is_some_and(|record| !contains(bytes, &record)) || about_others()
}

/// Keeps what matches, up to the limit.
pub(super) fn take(search: &Search, newest_first: impl Iterator<Item = (i64, Entry)>, found: &mut Vec<Found>) {
    let before = search.before.unwrap_or(i64::MAX);
    let fits = newest_first.filter(|(position, entry)| *position < before && matches(search, entry));
    let room = search.limit.saturating_sub(found.len());
    found.extend(fits.take(room).map(|(position, entry)| Found { position, entry }));
}

/// The position that everything still to be found is older than.
pub(super) fn oldest(search: &Search, found: &[Found]) -> i64 {
    let asked = search.before.unwrap_or(i64::MAX);
    found.last().map_or(asked, |last| last.position.min(asked))
}

/// The postings to walk: the most selective first. `None` if every entry is asked for. `actor` is
/// where the number of a kind of actor is put.
fn conditions<'s>(search: &'s Search, actor: &'s mut [u8; 1]) -> Option<Vec<(Kind, &'s [u8])>> {
    let mut conditions = Vec::new();
    let in_clinic = search.clinic.is_some();
    if let Some(person) = search.person.as_ref().filter(|_| in_clinic) {
        conditions.push((Kind::Person, person.as_slice()));
    }
    if let Some(credential) = &search.credential {
        conditions.push((Kind::Credential, credential.as_slice()));
    }
    if let Some(connection) = &search.connection {
        conditions.push((Kind::Connection, connection.as_slice()));
    }
    if let Some(operation) = &search.operation {
        conditions.push((Kind::Operation, operation.as_bytes()));
    }
    if let Some(outcome) = search.outcome {
        conditions.push((Kind::Outcome, postings::outcome_value(outcome)));
    }
    if let Some(kind) = search.actor.filter(|_| in_clinic) {
        *actor = [kind.number()];
        conditions.push((Kind::Actor, actor));
    }
    if let Some(looked) = search.only_looked.filter(|_| in_clinic) {
        conditions.push((Kind::OnlyLooked, postings::looked_value(looked)));
    }
    if conditions.is_empty() && in_clinic {
        conditions.push((Kind::All, &[]));
    }
    (!conditions.is_empty()).then_some(conditions)
}

/// One segment's posting.
pub(super) struct Posting {
    first_position: i64,
    pub(super) positions: Vec<i64>,
}

async fn through_postings(
    conn: &mut dyn Conn,
    search: &Search,
    conditions: &[(Kind, &[u8])],
    found: &mut Vec<Found>,
) -> Result<bool> {
    let Some(((kind, value), others)) = conditions.split_first() else { return Ok(true) };
    let clinic = search.clinic.as_ref().map_or(&[][..], <[u8; 16]>::as_slice);
    let end = oldest(search, found);
    let mut before = end;
    let (mut looked_at, mut step) = (0, STEP_FIRST);
    while found.len() < search.limit && looked_at < POSTINGS_MAX {
        let sql = "SELECT p.first_position, p.positions FROM audit_postings p \
                   JOIN audit_segments s ON s.first_position = p.first_position \
                   WHERE p.clinic_id = $1 AND p.kind = $2 AND p.value = $3 AND p.first_position < $4 \
                   AND s.first_at < $5 AND s.last_at >= $6 ORDER BY p.first_position DESC LIMIT $7";
        let params = [
            Value::Bytes(clinic),
            Value::Int(*kind as i64),
            Value::Bytes(value),
            Value::Int(before),
            Value::Int(search.until.unwrap_or(i64::MAX)),
            Value::Int(search.from.unwrap_or(i64::MIN)),
            Value::Int(step),
        ];
        step = (step * 2).min(STEP);
        let segments = conn.all(sql, &params, posting).await?;
        let Some(last) = segments.last() else { return Ok(true) };
        before = last.first_position;
        looked_at += segments.len();
        for mut segment in segments {
            for (kind, value) in others {
                narrow(conn, clinic, *kind, value, &mut segment).await?;
            }
            segment.positions.retain(|position| *position < end);
            fetch(conn, search, segment.positions, found).await?;
            if found.len() >= search.limit {
                break;
            }
        }
    }
    Ok(false)
}

fn posting(row: &dyn Row) -> Result<Posting> {
    let first_position = row.int(0)?;
    Ok(Posting { first_position, positions: postings::positions(first_position, row.bytes(1)?)? })
}

/// Keeps the positions that another posting of the same segment holds too.
pub(super) async fn narrow(conn: &mut dyn Conn, clinic: &[u8], kind: Kind, value: &[u8], segment: &mut Posting) -> Result<()> {
    if segment.positions.is_empty() {
        return Ok(());
    }
    let other = posting_at(conn, clinic, kind, value, segment.first_position).await?.positions;
    segment.positions.retain(|position| other.binary_search(position).is_ok());
    Ok(())
}

/// The posting of one segment; without positions, if there is none.
pub(super) async fn posting_at(
    conn: &mut dyn Conn,
    clinic: &[u8],
    kind: Kind,
    value: &[u8],
    first_position: i64,
) -> Result<Posting> {
    let sql = "SELECT first_position, positions FROM audit_postings \
               WHERE clinic_id = $1 AND kind = $2 AND value = $3 AND first_position = $4";
    let params = [Value::Bytes(clinic), Value::Int(kind as i64), Value::Bytes(value), Value::Int(first_position)];
    let found = conn.one(sql, &params, posting).await?;
    Ok(found.unwrap_or(Posting { first_position, positions: Vec::new() }))
}

/// What conditions are about, but for records.
pub(super) struct Facts<'e> {
    pub(super) clinic: &'e Option<Bytes16>,
    pub(super) credential: &'e Option<Bytes16>,
    pub(super) connection: &'e Option<Bytes16>,
    pub(super) operation: &'e str,
    pub(super) actor: ActorKind,
    pub(super) person: &'e Option<Bytes16>,
    pub(super) only_looked: bool,
    pub(super) outcome: Outcome,
    pub(super) at: i64,
}

/// Whether an entry meets every condition but that on records.
pub(super) fn fits(search: &Search, facts: &Facts<'_>) -> bool {
    let same = |wanted: &Option<Bytes16>, found: &Option<Bytes16>| wanted.is_none() || wanted == found;
    same(&search.clinic, facts.clinic)
        && same(&search.credential, facts.credential)
        && same(&search.connection, facts.connection)
        && search.operation.as_ref().is_none_or(|operation| operation == facts.operation)
        && search.actor.is_none_or(|kind| facts.actor == kind)
        && same(&search.person, facts.person)
        && search.only_looked.is_none_or(|looked| facts.only_looked == looked)
        && search.outcome.is_none_or(|outcome| outcome == facts.outcome)
        && search.from.is_none_or(|from| facts.at >= from)
        && search.until.is_none_or(|until| facts.at < until)
}

fn matches(search: &Search, entry: &Entry) -> bool {
    let facts = Facts {
        clinic: &entry.clinic,
        credential: &entry.actor.credential,
        connection: &entry.actor.connection,
        operation: &entry.operation,
        actor: entry.actor.kind,
        person: &entry.actor.on_behalf_of,
        only_looked: only_looked(entry.actor.kind, &entry.route, entry.status),
        outcome: Outcome::of(entry.status),
        at: entry.at,
    };
    fits(search, &facts)
        && search.record.is_none_or(|record| shows(entry, &record))
        && (search.about.is_empty() || search.about.iter().any(|subject| tells_of(entry, subject)))
}

fn shows(entry: &Entry, record: &Bytes16) -> bool {
    entry.records.iter().any(|group| records::ids(group).contains(record))
}

fn tells_of(entry: &Entry, subject: &Bytes16) -> bool {
    entry.told.iter().flat_map(|told| &told.subjects).any(|group| records::ids(group).contains(subject))
}

/// The time in a UUIDv7, in microseconds.
fn uuid_v7_micros(id: &Bytes16) -> i64 {
    let millis = id.iter().take(6).fold(0_i64, |millis, byte| millis << 8 | i64::from(*byte));
    millis.saturating_mul(1_000)
}

fn contains(haystack: &[u8], needle: &Bytes16) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}
