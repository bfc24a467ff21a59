//! A disclosure, as people read it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;
use clinicos_contract::{AnyId, Category, CategorySet, Field, Id, Kind, Timestamp, id, record};
use clinicos_gate::{ConnectionId, DecisionId, RequestId, UserId};
use clinicos_store::journal::audit::{Bytes16, Entry, Found};

use crate::audit_log::model::{Actor, EntryId, Texts, actor};

/// Names a client.
pub enum ClientKind {}
impl Kind for ClientKind {
    const PREFIX: &'static str = "cli";
}
/// The id of a client.
pub type ClientId = Id<ClientKind>;

/// Names a disclosure: a request, as it is told of one client.
pub enum DisclosureKind {}
impl Kind for DisclosureKind {
    const PREFIX: &'static str = "dsc";
}
/// The id of a disclosure.
pub type DisclosureId = Id<DisclosureKind>;

record! {
    /// An answer that held data of a client or of the client's animals.
    pub struct Disclosure<'a> as "disclosure" {
        /// The disclosure's id.
        id: DisclosureId = Field::of(Category::RecordSystem),
        /// Numbers the clinic's answers without a gap; those in between held no data of this client. Null for the
        /// moment that it may take to number an answer when several nodes write.
        sequence: Option<i64> = Field::of(Category::RecordSystem),
        /// When the call arrived.
        at: Timestamp = Field::of(Category::RecordSystem).range(),
        /// The client.
        client_id: ClientId = Field::of(Category::RecordSystem),
        /// Whose data it was: the client's, and that of which of the client's animals.
        subject_ids: Doc<'a, Texts> = Field::of(Category::RecordSystem),
        /// The categories of data of theirs that the answer held. `record_system` alone: that there is a record,
        /// and not what it says.
        categories: Doc<'a, Texts> = Field::of(Category::Practice),
        /// Who got it: a connection, which is a program; or a person of the clinic.
        actor: Actor = Field::of(Category::Practice).equal(),
        /// The connection that it left through.
        connection_id: Option<ConnectionId> = Field::of(Category::Practice).equal(),
        /// The person who was shown it.
        user_id: Option<UserId> = Field::of(Category::Practice).equal().sparse(),
        /// The operation, such as `invoices.list`.
        operation: Cow<'a, str> = Field::of(Category::Practice).equal(),
        /// What clients decided, as far as it counted for this answer: consents of this client, and of others who
        /// own the same animals. Empty where nobody's word was asked, or nobody had said anything.
        consent_ids: Doc<'a, Texts> = Field::of(Category::Practice),
        /// The entry of the access log.
        audit_entry_id: EntryId = Field::of(Category::RecordSystem),
        /// The request that was answered.
        request_id: RequestId = Field::of(Category::RecordSystem),
        /// The decision about it.
        decision_id: DecisionId = Field::of(Category::RecordSystem),
        /// Always 1: what left, left.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

/// When somebody's data was this client's: always, or from a day and until one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct While {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub until: Option<Date>,
}

impl While {
    /// At any time.
    pub const EVER: Self = Self { from: None, until: None };

    fn holds(self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

/// Whose data is the client's: the client's own, those of duplicates of the client, and of the animals, while
/// the client owned them.
#[derive(Debug, Default)]
pub struct Subjects(pub BTreeMap<Bytes16, Vec<While>>);

impl Subjects {
    /// What an answer held of them; `None` if nothing, by the day that it was.
    pub fn told(&self, entry: &Entry, day: Date) -> Option<(CategorySet, Vec<AnyId>)> {
        let is_theirs = |subject: &Bytes16| self.0.get(subject).is_some_and(|times| times.iter().any(|time| time.holds(day)));
        let (mut categories, mut subjects) = (CategorySet::NONE, Vec::new());
        for told in &entry.told {
            for group in &told.subjects {
                let prefix = if group.prefix == ClientKind::PREFIX { ClientKind::PREFIX } else { "pat" };
                let ids = group.ids.as_chunks::<{ size_of::<Bytes16>() }>().0;
                let before = subjects.len();
                subjects.extend(ids.iter().filter(|id| is_theirs(id)).map(|bytes| AnyId { prefix, bytes: *bytes }));
                if subjects.len() > before {
                    categories.extend(CategorySet::from_bits(told.categories));
                }
            }
        }
        subjects.sort_unstable_by_key(|subject| (subject.prefix, subject.bytes));
        subjects.dedup();
        (!subjects.is_empty()).then_some((categories, subjects))
    }
}

impl Disclosure<'static> {
    /// What an entry is to a client.
    pub fn new(client: ClientId, found: Found, categories: CategorySet, subjects: &[AnyId]) -> Self {
        let entry = found.entry;
        let consent = |bytes: &Bytes16| format!("cns_{}", id::text_of(*bytes));
        let texts = |texts: Vec<String>| Doc::of(&Texts(texts));
        Self {
            id: DisclosureId::from_bytes(entry.request_id),
            sequence: i64::try_from(entry.sequence).ok().filter(|sequence| *sequence > 0),
            at: Timestamp::from_micros(entry.at),
            client_id: client,
            subject_ids: texts(subjects.iter().map(AnyId::to_string).collect()),
            categories: texts(categories.iter().map(|category| category.name().to_owned()).collect()),
            actor: actor(&entry.actor),
            connection_id: entry.actor.connection.map(ConnectionId::from_bytes),
            user_id: entry.actor.on_behalf_of.map(UserId::from_bytes),
            operation: Cow::Owned(entry.operation),
            consent_ids: texts(entry.consents.iter().map(consent).collect()),
            audit_entry_id: EntryId::from_bytes(entry.request_id),
            request_id: RequestId::from_bytes(entry.request_id),
            decision_id: DecisionId::from_bytes(entry.request_id),
            version: 1,
        }
    }
}
