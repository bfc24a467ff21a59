//! What comes in at the door and what leaves by it. Nothing here knows HTTP: consoles, agents
//! and automations make the same requests.

use std::net::IpAddr;

use bytes::Bytes;
use clinicos_store::Receipt;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::ids::{EventId, KeyId, RequestId, UserId};
use crate::operation::AnyOperation;

/// A call of a declared operation.
#[derive(Clone)]
pub struct Request {
    /// What is asked for.
    pub operation: &'static dyn AnyOperation,
    /// What was shown to prove who asks.
    pub credential: Credential,
    /// Values of the route's parameters, as they came.
    pub path: Vec<(&'static str, String)>,
    /// Everything after the `?`.
    pub query: String,
    /// The body, and what it says it is.
    pub body: Body,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// `If-Match`.
    pub if_match: Option<String>,
    /// `ClinicOS-Version`.
    pub version: Option<String>,
    /// The event that caused the call, and how many calls lie between.
    pub caused_by: Option<(EventId, u8)>,
    /// Whether changes are wanted as events of a stream.
    pub as_events: bool,
    /// Where it came from.
    pub origin: Origin,
}

/// What was shown to prove who asks.
#[derive(Clone)]
pub enum Credential {
    /// Nothing.
    None,
    /// Something that is no bearer token.
    Unreadable,
    /// A bearer token.
    Bearer(String),
    /// The token of a session, which a page keeps in a cookie.
    Session(String),
    /// What a person types to sign in.
    Password {
        /// The e-mail address.
        email: String,
        /// The password.
        password: Secret,
        /// The code of the second factor, if one was typed.
        code: Option<String>,
        /// What the browser keeps of earlier sign-ins, if it does.
        device: Option<String>,
    },
    /// The token of an invitation.
    Invitation(String),
    /// Work that somebody began and the server does: as them, with what they may do by then. Only
    /// the server's own jobs show it, from what the work's record says.
    Behalf(Behalf),
    /// The control socket, which only whoever runs the server can open.
    Operator,
}

/// For whom the server works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behalf {
    /// A connection, by the key that began the work.
    Key(KeyId),
    /// A person.
    User(UserId),
}

impl Behalf {
    /// Reads the id that a record keeps.
    pub fn parse(id: &str) -> Option<Self> {
        KeyId::parse(id).map(Self::Key).or_else(|| UserId::parse(id).map(Self::User))
    }
}

/// A text that is never shown: not in logs, not in errors.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for who must compare it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// A body, and what it says it is.
#[derive(Default, Clone)]
pub struct Body {
    /// The bytes.
    pub bytes: Bytes,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
}

/// Where a request came from, for the journal and the coarse limit.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The peer, or what a trusted proxy says.
    pub address: Option<IpAddr>,
    /// The web origin of the page that a browser sent it for, if that is a page of another site:
    /// `https://tool.example`, or whatever was sent in its place.
    pub page: Option<String>,
    /// Path and query as they came: hashed into the audit entry, never stored.
    pub target: String,
    /// The clock's monotonic reading when it arrived.
    pub arrived_ns: u64,
    /// Whether a page asked by itself, and nobody did anything for it.
    pub unattended: bool,
}

/// An answer whose audit entry is on disk.
///
/// It cannot be made without the receipt, except to say that the journal itself failed.
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    request_id: RequestId,
    next: Option<Next>,
}

/// Where to go on with what is followed.
#[derive(Debug, Clone)]
pub struct Next {
    /// The cursor.
    pub cursor: String,
    /// Whether there is more already.
    pub more: bool,
}

/// An answer that has no receipt yet.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) next: Option<Next>,
}

impl Answer {
    pub(crate) fn new(draft: Draft, request_id: RequestId, receipt: Receipt) -> Self {
        // The receipt has served: it showed that the entry is on disk.
        let _: Receipt = receipt;
        Self::of(draft, request_id)
    }

    /// The one answer without an entry: it says that none could be written.
    pub(crate) fn journal_failed(draft: Draft, request_id: RequestId) -> Self {
        Self::of(draft, request_id)
    }

    fn of(draft: Draft, request_id: RequestId) -> Self {
        let Draft { status, headers, body, next } = draft;
        Self { status, headers, body: Bytes::from(body), request_id, next }
    }

    /// The same with a body that others hold as well: it is not copied.
    pub(crate) fn sharing(self, body: Bytes) -> Self {
        Self { body, ..self }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The id under which the journal knows it.
    pub fn request_id(&self) -> RequestId {
        self.request_id
    }

    /// Where to go on, if changes were told as events.
    pub fn next(&self) -> Option<&Next> {
        self.next.as_ref()
    }

    /// Headers in lower case, and JSON or nothing.
    pub fn into_parts(self) -> (Vec<(&'static str, String)>, Bytes) {
        (self.headers, self.body)
    }
}

/// A refusal by an adapter, which must be journaled like any other.
pub struct RawRefusal {
    /// What stands in the journal for the operation: `http.unmatched` and the like.
    pub label: &'static str,
    /// Method and path template, if one was matched.
    pub route: String,
    /// What was shown, so that the clinic sees what its connections try.
    pub credential: Credential,
    /// What is wrong.
    pub problem: clinicos_contract::Problem,
    /// Where it came from.
    pub origin: Origin,
}

/// An answer of a raw route, which has no operation: documents and pages.
pub struct RawAnswer {
    /// What stands in the journal for the operation: `docs.openapi` and the like.
    pub label: &'static str,
    /// Method and path.
    pub route: String,
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: Bytes,
    /// Where the request came from.
    pub origin: Origin,
}
