//! Operations: what the catalogue lists and the gate runs.

use std::any::Any;
use std::future::Future;

use bytes::Bytes;
use clinicos_contract::query::Query;
use clinicos_contract::wire::IntoStatic;
use clinicos_contract::{AnyId, Id, Kind, Problem, Record, Schema, Spec, View, Writer, problem};
use clinicos_store::page::{After, ListSql};
use clinicos_store::{Conn, Row, StoreError, Value};
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cx::Cx;
use crate::files::{Filling, NewFile, WantedFile};
use crate::ids::ClinicId;
use crate::services::Services;
use crate::sign_in::{Passwords, Sent, Worked};

/// One operation: its declaration and what it does.
///
/// `run` may be repeated when the database asks for it, so it must do nothing that its
/// transaction does not undo. It has no way to commit, to answer, or to reach another clinic.
pub trait Operation: Send + Sync + 'static {
    /// The declaration, from which everything else derives.
    const SPEC: Spec;
    /// The typed body; `()` where there is none.
    type Body: DeserializeOwned + Send + Sync + 'static;
    /// [`Nothing`], [`One`] record, a [`Listing`] or a [`Page`].
    type Output: Output;

    /// The passwords that a body holds, where there are any.
    fn passwords(_body: &Self::Body) -> Passwords<'_> {
        Passwords::default()
    }

    /// Finds out what else is wrong with a body that can be known without the store. Writes are checked
    /// before their turn comes, so that nobody waits for that.
    fn check(_services: &Services, _body: &Self::Body) -> Result<(), Problem> {
        Ok(())
    }

    /// The files that a body brings along. They are put away before the write's turn comes, and taken away
    /// again if nothing comes of it.
    fn files(_body: &Self::Body, _clinic: ClinicId) -> Vec<NewFile> {
        Vec::new()
    }

    /// Does it.
    fn run(cx: &mut Cx<'_>, input: Input<Self::Body>) -> impl Future<Output = Result<Self::Output, Problem>> + Send;
}

/// What an operation is given: read, checked and typed.
#[derive(Debug)]
pub struct Input<B> {
    /// The body.
    pub body: B,
    /// Paging, filters and sort.
    pub query: Query,
    /// The version that `If-Match` names.
    pub if_match: Option<i64>,
    /// Where the page before ended, for operations that page by themselves.
    pub after: Option<After>,
    /// What came of the passwords in the body.
    pub passwords: Worked,
    path: Vec<(&'static str, String)>,
}

impl<B> Input<B> {
    /// An id of the path. One of another kind is the same 404 as one that does not exist.
    pub fn id<K: Kind>(&self, parameter: &str) -> Result<Id<K>, Problem> {
        let text = self.path.iter().find(|(name, _)| *name == parameter).map(|(_, text)| text.as_str());
        text.and_then(Id::parse).ok_or_else(Problem::not_found)
    }

    /// A text of the path.
    pub fn text(&self, parameter: &str) -> Option<&str> {
        self.path.iter().find(|(name, _)| *name == parameter).map(|(_, text)| text.as_str())
    }

    /// Refuses if the record is not the version that the caller read.
    pub fn check_version(&self, current: i64) -> Result<(), Problem> {
        match self.if_match {
            Some(expected) if expected != current => {
                Err(Problem::new(&problem::STALE, "the record has changed since you read it; read it again"))
            }
            _ => Ok(()),
        }
    }
}

/// What an operation may return.
pub trait Output: Sized + Send {
    /// Without its type.
    fn outcome(self) -> Outcome;
    /// From what was stored for a replay.
    fn restore(stored: &[u8]) -> Option<Outcome>;
}

/// No body: 204.
#[derive(Debug)]
pub struct Nothing;

/// One record, unredacted: what may be shown is decided when it is written.
#[derive(Debug)]
pub struct One<T>(pub T);

/// A page that the gate reads from the store while it writes the answer.
#[derive(Debug)]
pub struct Listing {
    /// The parts of the statement.
    pub sql: &'static ListSql,
    /// Values for the parameters that those parts use; the clinic comes first.
    pub scope: Vec<Value<'static>>,
    /// Writes one row as a record.
    pub emit: EmitRow,
}

/// Writes one row as a record.
pub type EmitRow = fn(&dyn Row, &mut Writer, &View) -> Result<(), StoreError>;

/// A page whose records come from elsewhere than a list statement.
pub struct Page {
    /// The records.
    pub records: Vec<Box<dyn AnyRecord>>,
    /// Where to go on, if there is more.
    pub next: Option<After>,
}

/// What changed since a cursor. There is always a cursor to go on from.
pub struct Feed {
    /// What to tell, in commit order.
    pub changes: Vec<Telling>,
    /// Where to go on.
    pub next: After,
    /// Whether there is more already.
    pub more: bool,
}

/// A change, and what happened by its name.
pub struct Telling {
    /// The clinic that it happened at; `None` if it is about all of them.
    pub clinic: Option<ClinicId>,
    /// Such as `invoice.paid`.
    pub event: String,
    /// What a follower needs to know of it.
    pub change: Box<dyn AnyRecord>,
}

/// Records of one kind that are read from the store while they are written, one a line.
pub trait Lines: Send + Sync {
    /// The fields of the records.
    fn schema(&self) -> &'static Schema;
    /// The operation that reads the same directly. Who may not call it is refused.
    fn reads(&self) -> &'static str;
    /// Whether a field stands in the lines at all.
    fn holds(&self, field: &str) -> bool;
    /// The files whose bytes they show, in their order.
    fn files<'w>(&'w self, conn: &'w mut dyn Conn) -> BoxFuture<'w, Result<Vec<WantedFile>, StoreError>>;
    /// The bytes of one of them are damaged or gone, and so the lines are not written.
    fn lost(&self, _file: &WantedFile) {}
    /// Writes them, with the bytes of those files.
    fn write<'w>(
        &'w self,
        conn: &'w mut dyn Conn,
        out: &'w mut Writer,
        view: &'w View,
        files: &'w [Bytes],
    ) -> BoxFuture<'w, Result<(), StoreError>>;
}

/// Lines of records, as what an operation returns.
pub struct Stream(pub Box<dyn Lines>);

/// The result of a run, without its type.
pub enum Outcome {
    /// Records, one a line.
    Lines(Box<dyn Lines>),
    /// No body.
    Nothing,
    /// One record.
    One(Box<dyn AnyRecord>),
    /// One record that waits for the bytes of a file.
    Filling(Box<dyn Filling>),
    /// A page to be read.
    List(Listing),
    /// A page that was read.
    Page(Page),
    /// What changed.
    Feed(Feed),
}

/// A record without its type.
pub trait AnyRecord: Send {
    /// Writes it as the view allows.
    fn write(&self, out: &mut Writer, view: &View);
    /// Its id.
    fn id(&self) -> AnyId;
    /// The version that its ETag carries.
    fn version(&self) -> i64;
    /// What to keep for a replay.
    fn to_stored(&self) -> Vec<u8>;
}

impl<T: Record + Serialize + Send> AnyRecord for T {
    fn write(&self, out: &mut Writer, view: &View) {
        out.record(self, view);
    }
    fn id(&self) -> AnyId {
        self.record_id()
    }
    fn version(&self) -> i64 {
        self.record_version()
    }
    fn to_stored(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl Output for Nothing {
    fn outcome(self) -> Outcome {
        Outcome::Nothing
    }
    fn restore(_stored: &[u8]) -> Option<Outcome> {
        Some(Outcome::Nothing)
    }
}

impl<T> Output for One<T>
where
    T: Record + IntoStatic + Serialize + DeserializeOwned + Send + 'static,
{
    fn outcome(self) -> Outcome {
        Outcome::One(Box::new(self.0))
    }
    fn restore(stored: &[u8]) -> Option<Outcome> {
        let record: T = serde_json::from_slice(stored).ok()?;
        Some(Outcome::One(Box::new(record)))
    }
}

impl Output for Listing {
    fn outcome(self) -> Outcome {
        Outcome::List(self)
    }
    fn restore(_stored: &[u8]) -> Option<Outcome> {
        None
    }
}

impl Output for Stream {
    fn outcome(self) -> Outcome {
        Outcome::Lines(self.0)
    }
    fn restore(_stored: &[u8]) -> Option<Outcome> {
        None
    }
}

impl Output for Page {
    fn outcome(self) -> Outcome {
        Outcome::Page(self)
    }
    fn restore(_stored: &[u8]) -> Option<Outcome> {
        None
    }
}

impl Output for Feed {
    fn outcome(self) -> Outcome {
        Outcome::Feed(self)
    }
    fn restore(_stored: &[u8]) -> Option<Outcome> {
        None
    }
}

/// A body that passed its checks, and the rest of what was read from the request.
#[derive(Debug, Clone, Default)]
pub struct Admitted {
    pub(crate) path: Vec<(&'static str, String)>,
    pub(crate) query: Query,
    pub(crate) body: serde_json::Value,
    pub(crate) if_match: Option<i64>,
    pub(crate) after: Option<After>,
    pub(crate) passwords: Worked,
}

/// A body that was typed before its turn to write came, so that nobody waits for that.
pub struct Prepared(Box<dyn Any + Send + Sync>);

/// An operation without its types: what catalogues hold.
pub trait AnyOperation: Send + Sync {
    /// The declaration.
    fn spec(&self) -> &'static Spec;
    /// Types a body. What passed the checks of [`clinicos_contract::admit`] has the type that the
    /// operation takes.
    fn prepare(&self, body: &serde_json::Value) -> Result<Prepared, Problem>;
    /// Checks a body that was prepared, as far as that needs no store.
    fn check(&self, services: &Services, prepared: &Prepared) -> Result<(), Problem>;
    /// The files that a prepared body brings along.
    fn files(&self, prepared: &Prepared, clinic: ClinicId) -> Vec<NewFile>;
    /// Types the input, unless its body was prepared, and runs.
    fn run<'a>(
        &'a self,
        cx: &'a mut Cx<'_>,
        input: &'a Admitted,
        prepared: Option<Prepared>,
    ) -> BoxFuture<'a, Result<Outcome, Problem>>;
    /// The passwords that a body holds.
    fn passwords(&self, body: &serde_json::Value) -> Sent;
    /// The result that was stored for a replay.
    fn restore(&self, stored: &[u8]) -> Option<Outcome>;
}

impl<T: Operation> AnyOperation for T {
    fn spec(&self) -> &'static Spec {
        const { &T::SPEC }
    }

    fn prepare(&self, body: &serde_json::Value) -> Result<Prepared, Problem> {
        Ok(Prepared(Box::new(typed::<T::Body>(body)?)))
    }

    fn check(&self, services: &Services, prepared: &Prepared) -> Result<(), Problem> {
        prepared.0.downcast_ref::<T::Body>().map_or(Ok(()), |body| T::check(services, body))
    }

    fn files(&self, prepared: &Prepared, clinic: ClinicId) -> Vec<NewFile> {
        prepared.0.downcast_ref::<T::Body>().map(|body| T::files(body, clinic)).unwrap_or_default()
    }

    fn run<'a>(
        &'a self,
        cx: &'a mut Cx<'_>,
        input: &'a Admitted,
        prepared: Option<Prepared>,
    ) -> BoxFuture<'a, Result<Outcome, Problem>> {
        Box::pin(async move {
            let body = match prepared.and_then(|prepared| prepared.0.downcast::<T::Body>().ok()) {
                Some(body) => *body,
                None => typed(&input.body)?,
            };
            let typed = Input {
                body,
                query: input.query.clone(),
                if_match: input.if_match,
                after: input.after.clone(),
                passwords: input.passwords.clone(),
                path: input.path.clone(),
            };
            Ok(T::run(cx, typed).await?.outcome())
        })
    }

    fn passwords(&self, body: &serde_json::Value) -> Sent {
        // A body that has not the type is refused by the run.
        typed::<T::Body>(body).map(|body| T::passwords(&body).into()).unwrap_or_else(|_| Passwords::default().into())
    }

    fn restore(&self, stored: &[u8]) -> Option<Outcome> {
        T::Output::restore(stored)
    }
}

fn typed<B: DeserializeOwned>(body: &serde_json::Value) -> Result<B, Problem> {
    B::deserialize(body)
        .map_err(|error| Problem::new(&problem::MALFORMED, format!("the body does not fit this operation: {error}")))
}
