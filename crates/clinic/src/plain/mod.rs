//! Records that are read and written as they stand: the five verbs, written once for all of them.
//!
//! A folder of such a record declares its fields with [`crate::plain_record!`], and its rules in
//! [`Plain::settle`]. Listing, getting, creating, changing and deleting it follow from that. What
//! else can be done to it is an operation of its own, in a file of its own.
//!
//! | here | what |
//! |---|---|
//! | `declare.rs` | the macro: struct, schema, statements, and the ways between rows, bodies and records |
//! | `column.rs` | how each type of a field is stored and read from a body |
//! | `rows.rs` | the statements |
//! | `references.rs` | whether records that a body names are there |
//! | `list.rs` … `delete.rs` | the verbs |

pub mod column;
pub mod create;
pub mod declare;
pub mod delete;
pub mod get;
pub mod list;
pub mod references;
pub mod rows;
pub mod update;

use std::future::Future;

use clinicos_contract::event::EventType;
use clinicos_contract::record::FromMembers;
use clinicos_contract::time::Date;
use clinicos_contract::wire::IntoStatic;
use clinicos_contract::{
    Currency, Field, FieldError, Id, Kind, Link, Problem, Record, Resource, Timestamp, View, Word, Writer, problem,
};
use clinicos_gate::{Announcement, ClinicFacts, ClinicId, Cx};
use clinicos_store::{Conn, Row, StoreError, Value};
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::changes::Changes;
use crate::sums::Sums;

/// A body that fits the schema: its members by name.
pub type Given = Map<String, Json>;

/// A record that is read and written as it stands. [`crate::plain_record!`] writes most of it.
pub trait Plain:
    Declared + Record + FromMembers + IntoStatic<Static = Self> + Serialize + DeserializeOwned + Clone + Send + Sync + 'static
{
    /// Its folder's resource.
    const RESOURCE: &'static Resource;
    /// An example body of `create`.
    const CREATE_EXAMPLE: &'static str;
    /// An example body of `update`.
    const UPDATE_EXAMPLE: &'static str;
    /// What else `create` should tell a developer.
    const CREATE_DOC: &'static str = "";
    /// What else `update` should tell a developer.
    const UPDATE_DOC: &'static str = "";
    /// What else `delete` should tell a developer.
    const DELETE_DOC: &'static str = "";
    /// What `include=` can add to it.
    const LINKS: &'static [&'static Link] = &[];
    /// What a list can be filtered by through other tables; the declaration says how.
    const THROUGH: &'static [Field] = &[];
    /// Whether it is what a client said: see [`clinicos_contract::Spec::hears_clients`].
    const HEARS_CLIENTS: bool = false;
    /// What a change may be announced as, `…updated` among them, and what [`Plain::effect`] adds. Empty:
    /// `…updated` alone.
    const VERBS: &'static [&'static EventType] = &[];
    /// What a new record may be announced as, `…created` among them, and what [`Plain::effect`] adds.
    const CREATE_VERBS: &'static [&'static EventType] = &[Self::CREATED];
    /// What a deletion may be announced as: `…deleted`, and what [`Plain::effect`] adds.
    const DELETE_VERBS: &'static [&'static EventType] = &[Self::DELETED];

    /// Fills in what follows from other fields, and refuses what breaks a rule. `before` is the record
    /// as it was, if it is not new.
    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem>;

    /// What a new record is announced as beside `…created`, because it is already there. One of
    /// [`Plain::CREATE_VERBS`].
    fn birth(&self) -> Option<&'static EventType> {
        None
    }

    /// What a change is announced as, if not as `…updated`. One of [`Plain::VERBS`].
    fn verb(&self, _before: &Self) -> Option<&'static EventType> {
        None
    }

    /// What its announcements tell beside its id and what changed: ids and words, never personal values.
    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement
    }

    /// What a new, changed or deleted record does to others, and what it needs to know of them. Runs
    /// after `settle`, before the record is stored.
    fn effect(_cx: &mut Cx<'_>, _before: Option<&Self>, _after: &mut Self) -> impl Future<Output = Result<(), Problem>> + Send {
        std::future::ready(Ok(()))
    }

    /// Keeps what follows from records in tables of its own, once they are stored.
    fn beside<'c>(_conn: &'c mut dyn Conn, _stored: &'c [Self]) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Tells what it says of other records, and what of it contradicts itself, when it comes in as it stands.
    fn weigh(&self, _sums: &mut Sums) -> Vec<FieldError> {
        Vec::new()
    }
}

/// What [`crate::plain_record!`] writes from the list of fields.
pub trait Declared: Sized {
    /// What its identifier names.
    type Kind: Kind;
    /// Its names in routes, operations and sentences.
    const NAMES: Names;
    /// Its statements.
    const STATEMENTS: &'static rows::Statements;
    /// It was created.
    const CREATED: &'static EventType;
    /// It was changed.
    const UPDATED: &'static EventType;
    /// It was deleted.
    const DELETED: &'static EventType;

    /// A new record of what a body gives.
    fn assemble(head: Head<Self::Kind>, given: &Given) -> Result<Self, Problem>;
    /// Applies a merge patch; tells what is different now.
    fn change(&mut self, patch: &Given, currency: Currency) -> Result<Changes, Problem>;
    /// The fields that differ from another state of it.
    fn differences(&self, other: &Self) -> Changes;
    /// Reads a row of the columns that [`rows::Statements`] asks for.
    fn read(row: &dyn Row) -> Result<Self, StoreError>;
    /// Writes such a row to an answer.
    fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError>;
    /// The parameters that store it.
    fn values<'v>(&'v self, params: &mut Vec<Value<'v>>);
    /// Its system fields.
    fn standing(&mut self) -> Standing<'_>;
    /// Its identifier.
    fn id(&self) -> Id<Self::Kind>;
    /// The identifiers that it has in other systems.
    fn external_ids(&self) -> crate::documents::ExternalIds;
}

/// What a record is called.
#[derive(Debug)]
pub struct Names {
    /// The operations' ids.
    pub operations: Verbs,
    /// What they do, in a few words.
    pub summaries: Verbs,
    /// Where all of them are: `/v1/appointments`.
    pub collection: &'static str,
    /// Where one is: `/v1/appointments/{appointment_id}`.
    pub item: &'static str,
    /// What that path calls the identifier.
    pub parameter: &'static str,
}

/// A text for each verb.
#[derive(Debug)]
pub struct Verbs {
    /// Lists.
    pub list: &'static str,
    /// Gets one.
    pub get: &'static str,
    /// Creates.
    pub create: &'static str,
    /// Changes.
    pub update: &'static str,
    /// Deletes.
    pub delete: &'static str,
}

/// What a new record starts from.
pub struct Head<K> {
    /// Its identifier.
    pub id: Id<K>,
    /// Its clinic.
    pub clinic: ClinicId,
    /// The currency of its amounts.
    pub currency: Currency,
    /// When it is created.
    pub now: Timestamp,
}

/// The system fields that every verb looks after.
#[derive(Debug)]
pub struct Standing<'r> {
    /// When it last changed.
    pub updated_at: &'r mut Timestamp,
    /// Grows with each change.
    pub version: &'r mut i64,
    /// When it was deleted.
    pub deleted_at: &'r mut Option<Timestamp>,
}

impl Standing<'_> {
    /// Counts a change.
    pub fn touch(&mut self, now: Timestamp) {
        *self.updated_at = now;
        *self.version += 1;
    }
}

/// A body that fits its schema as a type of its own.
pub fn typed<T: DeserializeOwned>(given: Given) -> Result<T, Problem> {
    serde_json::from_value(Json::Object(given))
        .map_err(|error| Problem::new(&problem::MALFORMED, format!("the body does not fit this operation: {error}")))
}

/// When and where a record is settled.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'c> {
    /// The clinic.
    pub clinic: &'c ClinicFacts,
    /// Its calendar day.
    pub today: Date,
    /// Now.
    pub now: Timestamp,
}

impl<'c> Moment<'c> {
    /// Of a running operation.
    pub fn of(cx: &Cx<'c>) -> Result<Self, Problem> {
        Ok(Self { clinic: cx.clinic()?, today: cx.today()?, now: cx.now() })
    }
}

/// The announcement of something that happened to a record.
pub fn announce<R: Plain>(record: &R, kind: &'static EventType) -> Announcement {
    record.tell(Announcement::new(kind, record.id().any(), record.record_version()))
}

/// What a change may be announced as.
pub const fn announced<R: Plain>() -> &'static [&'static EventType] {
    const { if R::VERBS.is_empty() { &[R::UPDATED] } else { R::VERBS } }
}

/// Refuses a step that is not on the way: `field` goes from one word to another one.
pub fn check_step<W: Word>(field: &str, from: W, to: W, next: &[W]) -> Result<(), Problem> {
    if from == to || next.contains(&to) {
        return Ok(());
    }
    let allowed: Vec<String> = next.iter().map(|word| format!("`{}`", word.word())).collect();
    let (to, from) = (to.word(), from.word());
    let detail = if allowed.is_empty() {
        format!("the record is `{from}`, which is final: `{to}` cannot follow, nor can anything else")
    } else {
        format!("`{to}` cannot follow `{from}`; allowed: {}", allowed.join(", "))
    };
    Err(Problem::rule(format!("/{field}"), "transition", detail))
}
