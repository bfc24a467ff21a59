//! Audit entries: one for each answer that left.
//!
//! Entries are packed, one row for each commit batch ([`crate`] decides the batches). A
//! segment of some thousand entries is indexed in the commit that fills it; a search reads the
//! postings of full segments and the tail that is not indexed yet.

pub(crate) mod batch;
mod fetch;
mod filters;
pub(crate) mod fold;
mod glance;
pub(crate) mod ledger;
pub(crate) mod postings;
mod raw;
mod records;
mod search;
mod tail;
pub mod usage;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

pub use search::{by_request, search};
pub use tail::Tail;

/// 16 bytes of a UUID or of a truncated hash.
pub type Bytes16 = [u8; 16];

/// One answer. The layout is versioned by the batch that holds it; times are microseconds.
///
/// It never holds bodies, secrets or personal values: those appear only as hashes that are
/// salted for this entry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Entry {
    /// The request, and with another prefix the decision. A UUIDv7: it tells the time.
    #[serde(with = "raw::id")]
    pub request_id: Bytes16,
    /// When the request arrived.
    pub at: i64,
    /// From arrival until the entry was handed to the journal, in microseconds.
    pub latency_us: u32,
    /// Grows with each restore from a backup. Filled in by the store.
    pub epoch: u32,
    /// Numbers the entries of one clinic from 1, without gaps. Filled in by the store.
    pub sequence: u64,
    /// `live` or `sandbox`.
    pub environment: String,
    /// The clinic that was addressed, if it was known.
    #[serde(with = "raw::opt_id")]
    pub clinic: Option<Bytes16>,
    /// Its organization.
    #[serde(with = "raw::opt_id")]
    pub organization: Option<Bytes16>,
    /// Who called.
    pub actor: Actor,
    /// The operation's id, or `http.unmatched` and the like for what reached none.
    pub operation: String,
    /// Method and path template, never the path itself.
    pub route: String,
    /// The HTTP status.
    pub status: u16,
    /// The problem's code, for refusals.
    pub problem: Option<String>,
    /// Why it was decided so: numbers of the gate's table of reasons.
    #[serde(with = "raw::bytes")]
    pub reasons: Vec<u8>,
    /// Every record in the answer.
    pub records: Vec<RecordGroup>,
    /// Bitset of the categories of data in the answer.
    pub disclosed: u16,
    /// Bitset of the categories left out of the answer.
    pub redacted: u16,
    /// Client consents that were applied.
    pub consents: Vec<Bytes16>,
    /// Bytes of the answer's body.
    pub bytes: u64,
    /// Whether a stored result was replayed.
    pub replayed: bool,
    /// The event that caused the call, and how many calls lie between.
    #[serde(with = "raw::opt_id")]
    pub caused_by: Option<Bytes16>,
    /// See `caused_by`.
    pub depth: u8,
    /// Random, for the hashes of this entry alone.
    #[serde(with = "raw::id")]
    pub salt: Bytes16,
    /// Keyed hash of the salt, path and query.
    #[serde(with = "raw::opt_id")]
    pub request_hash: Option<Bytes16>,
    /// Keyed hash of the salt and the request's body, but where that holds a password.
    #[serde(with = "raw::opt_id")]
    pub body_hash: Option<Bytes16>,
    /// Keyed hash of the salt and the address that the call came from.
    #[serde(with = "raw::opt_id")]
    pub source_hash: Option<Bytes16>,
    /// Tells the sources of refusals apart while they are folded; equal for one source within
    /// a process, and never stored (`source_hash` is salted for each entry, so it cannot).
    #[serde(skip)]
    pub source_key: u64,
    /// Set if this entry stands for several refusals of one kind.
    pub folded: Option<Folded>,
    /// Where a call came from that was refused for that alone; of no other call is it kept. It stands
    /// behind the rest: entries from before there was any have none.
    #[serde(skip)]
    pub refused_address: Option<IpAddr>,
    /// Whose data the answer held. It stands behind the rest, likewise.
    #[serde(skip)]
    pub told: Vec<Told>,
}

/// Clients and patients of whom an answer held the same sorts of data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Told {
    /// Bitset of the categories of data that it held of them.
    pub categories: u16,
    /// Who they are.
    pub subjects: Vec<RecordGroup>,
}

/// Who called.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// The connection that the call was made through.
    #[serde(with = "raw::opt_id")]
    pub connection: Option<Bytes16>,
    /// The credential that was shown.
    #[serde(with = "raw::opt_id")]
    pub credential: Option<Bytes16>,
    /// The person on whose behalf the call was made.
    #[serde(with = "raw::opt_id")]
    pub on_behalf_of: Option<Bytes16>,
}

/// What kind of actor called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ActorKind {
    /// Nobody who could be told.
    #[default]
    Anonymous,
    /// A connection, by one of its credentials.
    Connection,
    /// Whoever runs the server, through the control socket.
    Operator,
    /// A person, named by `on_behalf_of`; the credential is their session.
    User,
}

/// Records of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecordGroup {
    /// The prefix of their ids.
    pub prefix: String,
    /// Their UUIDs, 16 bytes each, one after another.
    #[serde(with = "raw::bytes")]
    pub ids: Vec<u8>,
}

/// Several refusals in one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folded {
    /// How many.
    pub count: u32,
    /// The request id of the first.
    #[serde(with = "raw::id")]
    pub first: Bytes16,
    /// The request id of the last.
    #[serde(with = "raw::id")]
    pub last: Bytes16,
}

/// What to look for. Every condition that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Entries of this clinic; `None` means every clinic and is for the operator.
    pub clinic: Option<Bytes16>,
    /// Calls made with this credential.
    pub credential: Option<Bytes16>,
    /// Calls made through this connection.
    pub connection: Option<Bytes16>,
    /// The call with this request id.
    pub request_id: Option<Bytes16>,
    /// Calls of this operation.
    pub operation: Option<String>,
    /// Calls by this kind of actor.
    pub actor: Option<ActorKind>,
    /// Calls by this person.
    pub person: Option<Bytes16>,
    /// Calls of people who only looked, or all others.
    pub only_looked: Option<bool>,
    /// Calls that showed this record.
    pub record: Option<Bytes16>,
    /// Calls whose answers held data of any of these clients and patients; of anybody, if empty. Up to
    /// [`ABOUT_MAX`].
    pub about: Vec<Bytes16>,
    /// Allowed or refused calls.
    pub outcome: Option<Outcome>,
    /// Not before this time, in microseconds.
    pub from: Option<i64>,
    /// Before this time, in microseconds.
    pub until: Option<i64>,
    /// Older than this position: the last one of the page before.
    pub before: Option<i64>,
    /// Most entries.
    pub limit: usize,
}

/// Most clients and patients that one search can be about: each is looked up in each segment.
pub const ABOUT_MAX: usize = 16;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Status below 400.
    Allowed,
    /// Any other.
    Refused,
}

impl Outcome {
    /// How a call ended that was answered with this status.
    pub(crate) fn of(status: u16) -> Self {
        if fold::is_refused(status) { Self::Refused } else { Self::Allowed }
    }
}

/// Whether a person only looked: was shown something, and changed nothing.
pub fn only_looked(actor: ActorKind, route: &str, status: u16) -> bool {
    actor == ActorKind::User && route.starts_with("GET ") && !fold::is_refused(status)
}

impl ActorKind {
    /// The number that the index knows it by.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Anonymous => 0,
            Self::Connection => 1,
            Self::Operator => 2,
            Self::User => 3,
        }
    }
}

/// An entry and where it stands in the journal.
#[derive(Debug, Clone)]
pub struct Found {
    /// Dense, in commit order, from 1, over all clinics.
    pub position: i64,
    /// The entry.
    pub entry: Entry,
}
