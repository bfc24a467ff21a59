//! The declaration of an operation. Router, OpenAPI, scopes, limits, audit names, help and tests derive from it.

use crate::category::Category;
use crate::event::EventType;
use crate::problem::Code;
use crate::route::{Method, Route};
use crate::schema::{Body, Field, Schema, Verb};

/// One operation.
#[derive(Debug)]
pub struct Spec {
    /// `resource.verb`, such as `invoices.create_payment`. Audit entries carry it.
    pub id: &'static str,
    /// Method and path.
    pub route: Route,
    /// A few words: "List invoices".
    pub summary: &'static str,
    /// More for a developer, in Markdown; may be empty.
    pub description: &'static str,
    /// With `resource`, the scope that it needs.
    pub access: Access,
    /// The resource whose scope and primary category guard it.
    pub resource: &'static Resource,
    /// Which budget it is charged to.
    pub rate: RateClass,
    /// Whose data it can reach.
    pub reach: Reach,
    /// Whether only whoever runs the server may call it, although it addresses one clinic.
    pub operator_only: bool,
    /// What must be shown to call it.
    pub shown: Shown,
    /// What agents may do with it.
    pub agents: Agents,
    /// The body that it takes.
    pub body: Option<Body>,
    /// What it answers.
    pub reply: Reply,
    /// The path parameter that names the snapshot that it reads in, if one is held over several calls.
    pub held: Option<&'static str>,
    /// What `include=` can add to its records.
    pub links: &'static [&'static Link],
    /// What a list can be filtered by that is no field of its records.
    pub through: &'static [Field],
    /// Whether it is for clinics without records alone: examples make one for it.
    pub into_empty: bool,
    /// Whether its answer tells how what was sent compares with what stands there: whether a row of an import
    /// changes anything, whether two records can be one.
    pub compares: bool,
    /// Whether it writes down what a client said: whoever was told so may, though that client's record is hidden from it.
    pub hears_clients: bool,
    /// What it tells of that is decided about others than its caller.
    pub explains: Explains,
    /// Operations that its caller must be allowed to call, too, because its answer tells of what they read.
    pub also: &'static [&'static str],
    /// Whether it tells of changes of every resource that its caller reads directly, and takes `types=` and `wait=`.
    pub follows: bool,
    /// Whether an `Idempotency-Key` is required.
    pub idempotent: bool,
    /// Whether `If-Match` is required.
    pub if_match: bool,
    /// Whether an `If-Match` that is sent must name the current version, though none is required.
    pub heeds_if_match: bool,
    /// Whether a key may still call it while an admin stopped all writes of the clinic.
    pub when_stopped: WhenStopped,
    /// Whether it takes the caller's own password or code: wrong ones count, and run out.
    pub guessable: bool,
    /// Whether it changes who may do what: such a change closes its commit batch.
    pub security: bool,
    /// Events that it may emit.
    pub emits: &'static [&'static EventType],
    /// Problems of its own, beyond those that every operation can answer.
    pub problems: &'static [&'static Code],
    /// Most bytes of its body.
    pub body_bytes_max: usize,
    /// An example body, as JSON. `{client_id}` and the like stand for ids of existing records.
    pub example: &'static str,
}

impl Spec {
    /// The strictest choice everywhere. `id`, `route`, `summary` and `resource` must be given.
    pub const DEFAULT: Self = Self {
        id: "",
        route: Route { method: Method::Post, path: "" },
        summary: "",
        description: "",
        access: Access::Write,
        resource: &Resource::UNNAMED,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        operator_only: false,
        shown: Shown::Standing,
        agents: Agents::Never,
        body: None,
        reply: Reply::Empty,
        held: None,
        links: &[],
        through: &[],
        into_empty: false,
        compares: false,
        hears_clients: false,
        explains: Explains::Nothing,
        also: &[],
        follows: false,
        idempotent: false,
        if_match: false,
        heeds_if_match: false,
        when_stopped: WhenStopped::Refused,
        guessable: false,
        security: false,
        emits: &[],
        problems: &[],
        body_bytes_max: 1 << 20,
        example: "",
    };

    /// The scope that it needs: `invoices:read`.
    pub fn scope(&self) -> String {
        format!("{}:{}", self.resource.name, self.access.name())
    }

    /// Whether it can change anything.
    pub fn writes(&self) -> bool {
        !matches!(self.access, Access::Read)
    }

    /// Whether the API lists it. What only a person can show is for pages alone.
    pub fn is_public(&self) -> bool {
        matches!(self.shown, Shown::Standing | Shown::Nothing)
    }

    /// Whether anybody may call it, without a credential.
    pub fn is_open(&self) -> bool {
        self.shown == Shown::Nothing
    }

    /// Whether its body may hold a password or a code.
    pub fn takes_passwords(&self) -> bool {
        self.guessable || self.shown == Shown::Invitation
    }

    /// Whether a call may come without a body: nothing in it is required. A change without one would
    /// change nothing, and a stranger who says nothing asks for nothing.
    pub fn may_lack_body(&self) -> bool {
        let is_optional = |body: &Body| body.verb == Verb::Create && !body.requires_something();
        self.body.as_ref().is_none_or(is_optional) && !self.is_open()
    }

    /// Whether only whoever runs the server may call it.
    pub fn is_operators(&self) -> bool {
        self.operator_only || self.reach == Reach::Operator
    }

    /// The schema of the records that it answers with.
    pub fn reply_schema(&self) -> Option<&'static Schema> {
        match self.reply {
            Reply::Empty | Reply::Accepted | Reply::Lines => None,
            Reply::One { schema, .. } | Reply::List { schema } => Some(schema),
        }
    }
}

/// A resource: what a scope and an opt-in speak of.
#[derive(Debug, PartialEq, Eq)]
pub struct Resource {
    /// Plural, snake case; the first half of its scopes.
    pub name: &'static str,
    /// Singular, snake case.
    pub singular: &'static str,
    /// For headings: "Invoices".
    pub title: &'static str,
    /// For sentences that an admin reads: "see invoices and what is owed".
    pub can_see: &'static str,
    /// For sentences that an admin reads: "create and change invoices".
    pub can_change: &'static str,
    /// The category without which none of it may be seen.
    pub primary: Category,
}

impl Resource {
    /// Stands where none was given; a catalogue with it does not start.
    pub const UNNAMED: Self =
        Self { name: "", singular: "", title: "", can_see: "", can_change: "", primary: Category::RecordSystem };
}

/// A way from a record to others, which `include=` follows.
#[derive(Debug)]
pub struct Link {
    /// The member that holds them, and what `include=` takes.
    pub name: &'static str,
    /// One sentence for a developer.
    pub doc: &'static str,
    /// The operation that reads the same directly. Who may not call it may not include it.
    pub reads: &'static str,
    /// The fields of what it leads to.
    pub schema: &'static Schema,
    /// Whether the member is a list; else it is one record or null.
    pub many: bool,
}

/// What a caller does with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Sees it.
    Read,
    /// Creates, changes or deletes it. Implies read.
    Write,
    /// Does something named to it, such as `refund`. Implied by nothing.
    Action(&'static str),
}

impl Access {
    /// The second half of the scope.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Action(name) => name,
        }
    }
}

/// The budget that a call is charged to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RateClass {
    /// Lists and single records.
    Read,
    /// Changes.
    Write,
    /// Changes to who may do what.
    Govern,
    /// Whatever is expensive.
    Heavy,
}

impl RateClass {
    /// Every class.
    pub const ALL: &'static [Self] = &[Self::Read, Self::Write, Self::Govern, Self::Heavy];
    /// Every name.
    pub const NAMES: &'static [&'static str] = &["read", "write", "govern", "heavy"];

    /// The name in headers and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Govern => "govern",
            Self::Heavy => "heavy",
        }
    }

    /// The place in [`RateClass::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Whose data an operation can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One clinic's.
    Clinic,
    /// The clinics of the organization that the grant covers.
    Organization,
    /// Everything; only whoever runs the server.
    Operator,
}

impl Reach {
    /// The name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clinic => "clinic",
            Self::Organization => "organization",
            Self::Operator => "operator",
        }
    }
}

/// What must be shown to call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// What its holder keeps: a key, a session, or the control socket.
    Standing,
    /// A session, or the control socket: it is about people, and no integration may.
    Person,
    /// A session: it is about the very person who calls, whatever their role.
    Own,
    /// E-mail address, password and, where it is on, the code of the second factor.
    Password,
    /// The token of an invitation.
    Invitation,
    /// Nothing: anybody may call it. What else is shown is not looked at.
    Nothing,
}

/// What becomes of a key's writing call while an admin stopped all writes of the clinic: what only
/// takes away from integrations stays possible, because it is what an emergency needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenStopped {
    /// It is refused.
    Refused,
    /// It may run, and must refuse what does not only take away.
    IfItNarrows,
    /// It only takes away.
    Allowed,
}

/// What an operation tells of that is decided about others than its caller. Whoever clients' words bind may call none
/// that tells anything: it would learn what clients decided about others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explains {
    /// Nothing.
    Nothing,
    /// Who was shown data of a client.
    Disclosures,
    /// Why data of clients may leave to connections, or not.
    Decisions,
    /// The record that its path names in `record_id`, as the connection that it names in `connection_id` sees it.
    Record,
}

/// What agents may do with an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agents {
    /// Nothing.
    Never,
    /// Call it after a person agreed.
    AskFirst,
    /// Call it.
    Allowed,
}

/// What an operation answers.
#[derive(Debug, Clone, Copy)]
pub enum Reply {
    /// 204 without a body.
    Empty,
    /// 202 without a body: it was taken, and what came of it is not told.
    Accepted,
    /// Records of one kind, one a line. Which kind follows from the call.
    Lines,
    /// One record, with an ETag.
    One {
        /// Its fields.
        schema: &'static Schema,
        /// 200 or 201.
        status: u16,
    },
    /// A page of records.
    List {
        /// Their fields.
        schema: &'static Schema,
    },
}

impl Reply {
    /// A record that was read or changed.
    pub const fn one(schema: &'static Schema) -> Self {
        Self::One { schema, status: 200 }
    }
    /// A record that was created.
    pub const fn created(schema: &'static Schema) -> Self {
        Self::One { schema, status: 201 }
    }
    /// A page of records.
    pub const fn list(schema: &'static Schema) -> Self {
        Self::List { schema }
    }
}
