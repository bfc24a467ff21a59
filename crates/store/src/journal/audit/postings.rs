//! Postings: for a range of positions, where the entries with some value stand.
//!
//! They grow in memory as entries are numbered and are written once for each segment, so an
//! entry costs a few hash lookups and no row of its own.

use std::collections::HashMap;

use super::records::Shown;
use super::usage::Sums;
use super::{Bytes16, Entry, Outcome, only_looked, records};
use crate::error::{Result, StoreError};
use crate::sql::{Conn, Value};

/// What a posting is about. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Every entry of the clinic; its value is empty.
    All = 0,
    Credential = 1,
    Connection = 2,
    Operation = 3,
    /// [`ALLOWED`] or [`REFUSED`].
    Outcome = 4,
    /// Of all clinics; its value is a part. In place of positions stands a filter of records.
    Records = 5,
    /// The number of a kind of actor; only under clinics.
    Actor = 6,
    /// Whether a person only looked; only under clinics.
    OnlyLooked = 7,
    /// A person; only under clinics. Without a value: all people, in segments from before there were
    /// any postings of one.
    Person = 8,
}

/// All people, where one of them has no postings.
pub(crate) const ALL_PEOPLE: &[u8] = &[];

const ALLOWED: &[u8] = &[0];
const REFUSED: &[u8] = &[1];

/// The stored value of an outcome.
pub(crate) fn outcome_value(outcome: Outcome) -> &'static [u8] {
    match outcome {
        Outcome::Allowed => ALLOWED,
        Outcome::Refused => REFUSED,
    }
}

/// The stored value of whether a person only looked.
pub(crate) fn looked_value(only_looked: bool) -> &'static [u8] {
    if only_looked { &[1] } else { &[0] }
}

/// Numbers byte strings, so that keys are small and looking one up allocates nothing.
#[derive(Default)]
struct Names {
    numbers: HashMap<Box<[u8]>, u32>,
}

impl Names {
    fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.into(), number);
        number
    }

    fn by_number(&self) -> HashMap<u32, &[u8]> {
        self.numbers.iter().map(|(name, number)| (*number, &**name)).collect()
    }
}

struct Positions {
    last: i64,
    deltas: Vec<u8>,
}

/// The postings of a range of positions.
pub(crate) struct Segment {
    /// The position before the first.
    base: i64,
    entries: usize,
    first_at: i64,
    last_at: i64,
    names: Names,
    postings: HashMap<(u32, Kind, u32), Positions>,
    /// The last position of each clinic.
    heads: HashMap<Option<Bytes16>, i64>,
    usage: Sums,
    shown: Shown,
}

impl Segment {
    /// An empty segment after position `base`.
    pub(crate) fn new(base: i64) -> Self {
        Self {
            base,
            entries: 0,
            first_at: i64::MAX,
            last_at: i64::MIN,
            names: Names::default(),
            postings: HashMap::new(),
            heads: HashMap::new(),
            usage: Sums::default(),
            shown: Shown::default(),
        }
    }

    /// How many entries it holds.
    pub(crate) fn entries(&self) -> usize {
        self.entries
    }

    /// Takes in the next entry.
    pub(crate) fn add(&mut self, position: i64, entry: &Entry) {
        self.entries += 1;
        self.first_at = self.first_at.min(entry.at);
        self.last_at = self.last_at.max(entry.at);
        self.heads.insert(entry.clinic, position);
        self.usage.add(entry);
        self.shown.add(entry);
        let everyone = self.names.number(&[]);
        let mut values = [(Kind::Operation, self.names.number(entry.operation.as_bytes())); 4];
        values[1] = (Kind::Outcome, self.names.number(outcome_value(Outcome::of(entry.status))));
        let mut count = 2;
        for (kind, value) in [(Kind::Credential, &entry.actor.credential), (Kind::Connection, &entry.actor.connection)] {
            if let (Some(value), Some(slot)) = (value, values.get_mut(count)) {
                *slot = (kind, self.names.number(value));
                count += 1;
            }
        }
        let clinic = entry.clinic.map(|clinic| self.names.number(&clinic));
        for (kind, value) in values.into_iter().take(count) {
            self.post((everyone, kind, value), position);
            if let Some(clinic) = clinic {
                self.post((clinic, kind, value), position);
            }
        }
        if let Some(clinic) = clinic {
            self.post((clinic, Kind::All, everyone), position);
            let actor = self.names.number(&[entry.actor.kind.number()]);
            self.post((clinic, Kind::Actor, actor), position);
            let looked = only_looked(entry.actor.kind, &entry.route, entry.status);
            let looked = self.names.number(looked_value(looked));
            self.post((clinic, Kind::OnlyLooked, looked), position);
            if let Some(person) = entry.actor.on_behalf_of {
                let person = self.names.number(&person);
                self.post((clinic, Kind::Person, person), position);
            }
        }
    }

    fn post(&mut self, key: (u32, Kind, u32), position: i64) {
        let base = self.base;
        let positions = self.postings.entry(key).or_insert_with(|| Positions { last: base, deltas: Vec::new() });
        push_varint(&mut positions.deltas, position - positions.last);
        positions.last = position;
    }

    /// Writes the segment. That its row exists is the mark up to which postings are complete.
    pub(crate) async fn write(self, conn: &mut dyn Conn, sequences: &HashMap<Option<Bytes16>, u64>) -> Result<()> {
        let first = self.base + 1;
        let last = self.base + i64::try_from(self.entries).unwrap_or(i64::MAX);
        let names = self.names.by_number();
        let name = |number: u32| names.get(&number).copied().unwrap_or_default();
        // In key order, so that the rows of one page are written together.
        let mut postings: Vec<_> = self.postings.iter().map(|((c, kind, v), p)| (name(*c), *kind as i64, name(*v), p)).collect();
        postings.sort_unstable_by_key(|(clinic, kind, value, _)| (*clinic, *kind, *value));
        let insert = "INSERT INTO audit_postings (clinic_id, kind, value, first_position, last_position, positions) \
                      VALUES ($1, $2, $3, $4, $5, $6)";
        for (clinic, kind, value, positions) in postings {
            let key = [Value::Bytes(clinic), Value::Int(kind), Value::Bytes(value)];
            let [clinic, kind, value] = key;
            let params = [clinic, kind, value, Value::Int(first), Value::Int(last), Value::Bytes(&positions.deltas)];
            conn.execute(insert, &params).await?;
        }
        for (part, filter) in (0..records::PARTS).zip(self.shown.filters()) {
            let (part, kind) = ([part], Value::Int(Kind::Records as i64));
            let params =
                [Value::Bytes(&[]), kind, Value::Bytes(&part), Value::Int(first), Value::Int(last), Value::Bytes(&filter)];
            conn.execute(insert, &params).await?;
        }
        let head = "INSERT INTO audit_heads (clinic_id, sequence, position) VALUES ($1, $2, $3) \
                    ON CONFLICT (clinic_id) DO UPDATE SET sequence = excluded.sequence, position = excluded.position";
        for (clinic, position) in &self.heads {
            let sequence = sequences.get(clinic).copied().unwrap_or_default();
            let clinic = clinic.as_ref().map_or(&[][..], <[u8; 16]>::as_slice);
            let params = [Value::Bytes(clinic), Value::Int(i64::try_from(sequence).unwrap_or(i64::MAX)), Value::Int(*position)];
            conn.execute(head, &params).await?;
        }
        self.usage.write(conn).await?;
        let segment = "INSERT INTO audit_segments (first_position, last_position, first_at, last_at) VALUES ($1, $2, $3, $4)";
        let params = [Value::Int(first), Value::Int(last), Value::Int(self.first_at), Value::Int(self.last_at)];
        conn.execute(segment, &params).await.map(drop)
    }
}

/// The positions of a posting, in rising order.
pub(crate) fn positions(first_position: i64, deltas: &[u8]) -> Result<Vec<i64>> {
    let mut found = Vec::new();
    let mut at = first_position - 1;
    let mut rest = deltas;
    while !rest.is_empty() {
        let (delta, left) = take_varint(rest).ok_or_else(|| StoreError::Corrupt("a posting of the audit log".to_owned()))?;
        at += delta;
        found.push(at);
        rest = left;
    }
    Ok(found)
}

/// 7 bits a byte, low ones first; `value` is positive.
fn push_varint(out: &mut Vec<u8>, value: i64) {
    let mut rest = value;
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push((rest & 0x7f) as u8);
}

fn take_varint(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let mut value = 0_i64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value |= i64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_survive() {
        let all = [1, 2, 130, 131, 20_000, 5_000_000];
        let mut deltas = Vec::new();
        let mut last = 0;
        for position in all {
            push_varint(&mut deltas, position - last);
            last = position;
        }
        assert_eq!(positions(1, &deltas).unwrap(), all);
        assert!(positions(1, &deltas[..deltas.len() - 1]).is_err());
    }
}
