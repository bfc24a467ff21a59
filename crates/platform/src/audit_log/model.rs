//! An audit entry, as people read it.

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{Category, CategorySet, Field, Id, Kind, Shape, Timestamp, id, record, words};
use clinicos_gate::decide::Reason;
use clinicos_gate::{ClinicId, ConnectionId, DecisionId, KeyId, RequestId, SessionId, UserId};
use clinicos_store::journal::audit::{self, ActorKind, Found, RecordGroup};
use serde::{Deserialize, Serialize};

/// Names an audit entry: its request, as an entry.
pub enum EntryKind {}
impl Kind for EntryKind {
    const PREFIX: &'static str = "aud";
}
/// The id of an audit entry.
pub type EntryId = Id<EntryKind>;

words! {
    /// How a call ended.
    Outcome {
        /// It was answered.
        Allowed = "allowed",
        /// It was refused.
        Refused = "refused",
    }
}

words! {
    /// What kind of actor called.
    Actor {
        /// Nobody who could be told.
        Anonymous = "anonymous",
        /// A connection, by one of its keys.
        Connection = "connection",
        /// Whoever runs the server.
        Operator = "operator",
        /// A person who is signed in.
        User = "user",
    }
}

/// A list of words or sentences.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Texts(pub Vec<String>);

impl Document for Texts {
    const SHAPE: Shape = Shape::List(&Shape::Text);
    const EMPTY: &'static str = "[]";
}

/// Refusals that one entry stands for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fold {
    count: u32,
    first_request_id: String,
    last_request_id: String,
}

static FOLD: Schema = Schema {
    name: "fold",
    doc: "Refusals of one kind from one source that one entry stands for.",
    fields: &[
        Field::of(Category::RecordSystem).named("count", "How many.", Shape::Int, false),
        Field::of(Category::RecordSystem).named("first_request_id", "The first of them.", Shape::Id("req"), false),
        Field::of(Category::RecordSystem).named("last_request_id", "The last of them.", Shape::Id("req"), false),
    ],
};

impl Document for Fold {
    const SHAPE: Shape = Shape::Object(&FOLD);
    const EMPTY: &'static str = "null";
}

/// Whose data an answer held, with the categories of it that it held of them all.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Told {
    categories: Vec<String>,
    subject_ids: Vec<String>,
}

/// Whose data an answer held.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ToldOf(Vec<Told>);

static TOLD: Schema = Schema {
    name: "told_of",
    doc: "Clients and patients of whom an answer held the same categories of data.",
    fields: &[
        Field::of(Category::Practice).named("categories", "The categories.", Shape::List(&Shape::Text), false),
        Field::of(Category::Practice).named("subject_ids", "Who they are.", Shape::List(&Shape::Text), false),
    ],
};

impl Document for ToldOf {
    const SHAPE: Shape = Shape::List(&Shape::Object(&TOLD));
    const EMPTY: &'static str = "[]";
}

record! {
    /// One answer that left: who asked, what it showed, and why.
    pub struct AuditEntry<'a> as "audit_entry" {
        /// The entry's id.
        id: EntryId = Field::of(Category::RecordSystem),
        /// Numbers the clinic's entries without a gap. Null for the moment that it may take to number
        /// an entry when several nodes write.
        sequence: Option<i64> = Field::of(Category::RecordSystem),
        /// When the call arrived.
        at: Timestamp = Field::of(Category::RecordSystem).range(),
        /// The request that was answered.
        request_id: RequestId = Field::of(Category::RecordSystem).equal(),
        /// The decision about it.
        decision_id: DecisionId = Field::of(Category::RecordSystem),
        /// The clinic that was addressed.
        clinic_id: Option<ClinicId> = Field::of(Category::RecordSystem),
        /// What kind of actor called.
        actor: Actor = Field::of(Category::Practice).equal(),
        /// The connection that the call was made through.
        connection_id: Option<ConnectionId> = Field::of(Category::Practice).equal(),
        /// The key that was shown.
        credential_id: Option<KeyId> = Field::of(Category::Practice).equal(),
        /// The person who called.
        user_id: Option<UserId> = Field::of(Category::Practice).equal().sparse(),
        /// Whether a person only looked: was shown something, and changed nothing.
        only_looked: bool = Field::of(Category::Practice).equal(),
        /// Their session.
        session_id: Option<SessionId> = Field::of(Category::Practice).sparse(),
        /// The operation, such as `invoices.list`.
        operation: Cow<'a, str> = Field::of(Category::Practice).equal(),
        /// Method and path template.
        route: Cow<'a, str> = Field::of(Category::Practice),
        /// Whether it was answered or refused.
        outcome: Outcome = Field::of(Category::Practice).equal(),
        /// The HTTP status.
        status: i64 = Field::of(Category::Practice),
        /// The problem's code, if it was refused.
        problem: Option<Cow<'a, str>> = Field::of(Category::Practice),
        /// Why it was decided so, in words, in the order it was looked at.
        reasons: Doc<'a, Texts> = Field::of(Category::Practice),
        /// Where the call came from, if it was refused because it came from there.
        refused_address: Option<Cow<'a, str>> = Field::of(Category::Practice).sparse(),
        /// The record that was asked for: with `record_id` only calls that showed it are listed.
        record_id: Option<Cow<'a, str>> = Field::of(Category::Practice).equal().sparse(),
        /// Every record in the answer.
        record_ids: Doc<'a, Texts> = Field::of(Category::Practice),
        /// The client or patient that was asked for: with `subject_id` only calls whose answers held data of theirs
        /// are listed.
        subject_id: Option<Cow<'a, str>> = Field::of(Category::Practice).equal().sparse(),
        /// Whose data the answer held: clients and patients, by the categories of it. Empty in entries from before
        /// it was kept.
        told_of: Doc<'a, ToldOf> = Field::of(Category::Practice),
        /// What those decided, as far as it counted.
        consent_ids: Doc<'a, Texts> = Field::of(Category::Practice),
        /// The categories of data in the answer.
        categories_disclosed: Doc<'a, Texts> = Field::of(Category::Practice),
        /// The categories of data that were left out.
        categories_redacted: Doc<'a, Texts> = Field::of(Category::Practice),
        /// Bytes of the answer's body.
        bytes: i64 = Field::of(Category::Practice),
        /// Microseconds from arrival until the entry was handed to the journal.
        latency_us: i64 = Field::of(Category::Practice),
        /// Whether a stored result was given again.
        replayed: bool = Field::of(Category::Practice),
        /// Set if the entry stands for several refusals.
        folded: Option<Doc<'a, Fold>> = Field::of(Category::Practice).sparse(),
        /// Always 1: an entry never changes.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

impl From<Found> for AuditEntry<'static> {
    fn from(found: Found) -> Self {
        let entry = found.entry;
        let is_person = entry.actor.kind == ActorKind::User;
        let reason = |number: &u8| Reason::from_stored(*number).map(|reason| reason.words().to_owned());
        let categories = |bits: u16| Doc::of(&Texts(names(bits)));
        AuditEntry {
            id: EntryId::from_bytes(entry.request_id),
            sequence: i64::try_from(entry.sequence).ok().filter(|sequence| *sequence > 0),
            at: Timestamp::from_micros(entry.at),
            request_id: RequestId::from_bytes(entry.request_id),
            decision_id: DecisionId::from_bytes(entry.request_id),
            clinic_id: entry.clinic.map(ClinicId::from_bytes),
            actor: actor(&entry.actor),
            connection_id: entry.actor.connection.map(ConnectionId::from_bytes),
            credential_id: entry.actor.credential.filter(|_| !is_person).map(KeyId::from_bytes),
            user_id: entry.actor.on_behalf_of.map(UserId::from_bytes),
            session_id: entry.actor.credential.filter(|_| is_person).map(SessionId::from_bytes),
            only_looked: audit::only_looked(entry.actor.kind, &entry.route, entry.status),
            outcome: if entry.status < 400 { Outcome::Allowed } else { Outcome::Refused },
            operation: Cow::Owned(entry.operation),
            route: Cow::Owned(entry.route),
            status: i64::from(entry.status),
            problem: entry.problem.map(Cow::Owned),
            reasons: Doc::of(&Texts(entry.reasons.iter().filter_map(reason).collect())),
            refused_address: entry.refused_address.map(|address| Cow::Owned(address.to_string())),
            record_id: None,
            record_ids: Doc::of(&Texts(entry.records.iter().flat_map(record_ids).collect())),
            subject_id: None,
            told_of: Doc::of(&ToldOf(entry.told.iter().map(told_of).collect())),
            consent_ids: Doc::of(&Texts(entry.consents.iter().map(|bytes| format!("cns_{}", id::text_of(*bytes))).collect())),
            categories_disclosed: categories(entry.disclosed),
            categories_redacted: categories(entry.redacted),
            bytes: i64::try_from(entry.bytes).unwrap_or(i64::MAX),
            latency_us: i64::from(entry.latency_us),
            replayed: entry.replayed,
            folded: entry.folded.map(|fold| {
                let request = |bytes| RequestId::from_bytes(bytes).to_string();
                let (first_request_id, last_request_id) = (request(fold.first), request(fold.last));
                Doc::of(&Fold { count: fold.count, first_request_id, last_request_id })
            }),
            version: 1,
        }
    }
}

fn names(categories: u16) -> Vec<String> {
    CategorySet::from_bits(categories).iter().map(|category| category.name().to_owned()).collect()
}

fn told_of(told: &audit::Told) -> Told {
    Told { categories: names(told.categories), subject_ids: told.subjects.iter().flat_map(record_ids).collect() }
}

/// The kind of an actor.
pub fn actor(actor: &audit::Actor) -> Actor {
    match actor.kind {
        ActorKind::Anonymous => Actor::Anonymous,
        ActorKind::Connection => Actor::Connection,
        ActorKind::Operator => Actor::Operator,
        ActorKind::User => Actor::User,
    }
}

/// The stored kind of an actor.
pub fn kind(actor: Actor) -> ActorKind {
    match actor {
        Actor::Anonymous => ActorKind::Anonymous,
        Actor::Connection => ActorKind::Connection,
        Actor::Operator => ActorKind::Operator,
        Actor::User => ActorKind::User,
    }
}

fn record_ids(group: &RecordGroup) -> impl Iterator<Item = String> {
    let uuids = group.ids.chunks_exact(16).filter_map(|bytes| <[u8; 16]>::try_from(bytes).ok());
    uuids.map(|bytes| format!("{}_{}", group.prefix, id::text_of(bytes)))
}
