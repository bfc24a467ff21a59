//! An entry, read where it lies: for questions over thousands of entries, of which little is kept.

use serde::Deserialize;

use super::search::Facts;
use super::usage::Call;
use super::{Actor, ActorKind, Bytes16, Folded, Outcome, batch, fold, only_looked, raw, records};
use crate::error::{Result, StoreError};

/// The fields of [`super::Entry`] in their order, borrowed. A test holds the two together.
#[derive(Debug, Deserialize)]
pub(super) struct Glance<'b> {
    #[serde(with = "raw::id")]
    _request_id: Bytes16,
    at: i64,
    _latency_us: u32,
    _epoch: u32,
    _sequence: u64,
    _environment: &'b str,
    #[serde(with = "raw::opt_id")]
    clinic: Option<Bytes16>,
    #[serde(with = "raw::opt_id")]
    _organization: Option<Bytes16>,
    actor: Actor,
    operation: &'b str,
    route: &'b str,
    status: u16,
    _problem: Option<&'b str>,
    _reasons: &'b [u8],
    #[serde(borrow)]
    records: Vec<Group<'b>>,
    disclosed: u16,
    _redacted: u16,
    _consents: Vec<Bytes16>,
    _bytes: u64,
    _replayed: bool,
    #[serde(with = "raw::opt_id")]
    _caused_by: Option<Bytes16>,
    _depth: u8,
    #[serde(with = "raw::id")]
    _salt: Bytes16,
    #[serde(with = "raw::opt_id")]
    _request_hash: Option<Bytes16>,
    #[serde(with = "raw::opt_id")]
    _body_hash: Option<Bytes16>,
    #[serde(with = "raw::opt_id")]
    _source_hash: Option<Bytes16>,
    folded: Option<Folded>,
    /// It stands behind the rest.
    #[serde(skip)]
    told: Vec<Told<'b>>,
}

#[derive(Debug, Deserialize)]
struct Group<'b> {
    _prefix: &'b str,
    ids: &'b [u8],
}

#[derive(Debug, Deserialize)]
struct Told<'b> {
    _categories: u16,
    #[serde(borrow)]
    subjects: Vec<Group<'b>>,
}

/// Reads an entry where it lies.
pub(super) fn at(raw: batch::Raw<'_>) -> Result<Glance<'_>> {
    let corrupt = |_| StoreError::Corrupt("an audit entry".to_owned());
    let (glance, rest) = postcard::take_from_bytes::<Glance<'_>>(raw.bytes).map_err(corrupt)?;
    let (_, told) = raw.behind(rest)?;
    Ok(Glance { told, ..glance })
}

/// What conditions of a search are about, kept.
pub(super) struct Brief {
    clinic: Option<Bytes16>,
    credential: Option<Bytes16>,
    connection: Option<Bytes16>,
    operation: Box<str>,
    actor: ActorKind,
    person: Option<Bytes16>,
    only_looked: bool,
    outcome: Outcome,
    at: i64,
}

impl Brief {
    /// The same, lent.
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            clinic: &self.clinic,
            credential: &self.credential,
            connection: &self.connection,
            operation: &self.operation,
            actor: self.actor,
            person: &self.person,
            only_looked: self.only_looked,
            outcome: self.outcome,
            at: self.at,
        }
    }
}

impl<'b> Glance<'b> {
    /// What conditions of a search are about.
    pub(super) fn brief(&self) -> Brief {
        Brief {
            clinic: self.clinic,
            credential: self.actor.credential,
            connection: self.actor.connection,
            operation: self.operation.into(),
            actor: self.actor.kind,
            person: self.actor.on_behalf_of,
            only_looked: only_looked(self.actor.kind, self.route, self.status),
            outcome: Outcome::of(self.status),
            at: self.at,
        }
    }

    /// The records that it shows and whose data it told, by their hashes.
    pub(super) fn hashes(&self) -> Vec<u64> {
        let ids = |group: &Group<'b>| group.ids.as_chunks::<{ size_of::<Bytes16>() }>().0;
        let told = self.told.iter().flat_map(|told| &told.subjects).flat_map(ids).map(records::hash_told);
        self.records.iter().flat_map(ids).map(records::hash).chain(told).collect()
    }

    /// What it adds to sums.
    pub(super) fn call(&self) -> Call {
        Call {
            clinic: self.clinic,
            connection: self.actor.connection,
            credential: self.actor.credential,
            at: self.at,
            is_refusal: fold::is_refused(self.status),
            folded: self.folded.map(|folded| folded.count),
            records: self.records.iter().map(|group| group.ids.len() / size_of::<Bytes16>()).sum(),
            disclosed: self.disclosed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Entry, RecordGroup, Told};
    use super::{Actor, Folded, at, batch, records};

    #[test]
    fn a_glance_sees_what_the_entry_holds() {
        let entry = Entry {
            at: 7,
            clinic: Some([2; 16]),
            environment: "live".to_owned(),
            operation: "cups.list".to_owned(),
            actor: Actor { connection: Some([3; 16]), credential: Some([4; 16]), ..Actor::default() },
            status: 403,
            problem: Some("x".to_owned()),
            reasons: vec![1, 2],
            records: vec![RecordGroup { prefix: "cup".to_owned(), ids: vec![1; 48] }],
            disclosed: 5,
            consents: vec![[9; 16]],
            folded: Some(Folded { count: 3, first: [1; 16], last: [2; 16] }),
            refused_address: Some([203, 0, 113, 9].into()),
            told: vec![Told { categories: 6, subjects: vec![RecordGroup { prefix: "cli".to_owned(), ids: vec![7; 16] }] }],
            ..Entry::default()
        };
        let bytes = batch::pack(&[entry]).unwrap();
        let raw = batch::Packed::new(&bytes).unwrap().next().unwrap().unwrap();
        let call = at(raw).unwrap().call();
        let told = records::hash_told(&[7; 16]);
        assert_eq!(at(raw).unwrap().hashes(), [[records::hash(&[1; 16]); 3].as_slice(), &[told]].concat());
        assert_eq!((call.clinic, call.connection, call.credential), (Some([2; 16]), Some([3; 16]), Some([4; 16])));
        assert_eq!((call.at, call.is_refusal), (7, true));
        assert_eq!((call.folded, call.records, call.disclosed), (Some(3), 3, 5));
        let bytes = raw.bytes;
        assert!([&bytes[1..], &bytes[..bytes.len() - 1]].into_iter().all(|bytes| at(batch::Raw { bytes, ..raw }).is_err()));
    }
}
