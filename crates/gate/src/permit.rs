//! The permit: proof that the gate decided to let a call run, and how far it may reach.

use std::sync::Arc;

use clinicos_contract::query::Sight;
use clinicos_contract::{CategorySet, Currency, Purpose, Reach, Schema, View};

use crate::addresses::AllowList;
use crate::consents::{Looking, Sees};
use crate::ids::{ClinicId, ConnectionId, KeyId, OrganizationId, SessionId, UserId};
use crate::people::Role;
use crate::scopes::Grant;
use crate::sign_in::Factor;

/// Proof that a call may run. Only [`crate::decide`] makes one, and nothing runs without it.
#[derive(Debug)]
pub struct Permit {
    pub(crate) reach: Reach,
    pub(crate) caller: Caller,
    pub(crate) clinic: Option<ClinicFacts>,
    pub(crate) visible: CategorySet,
    /// How it looks at records of clients, where they have a say.
    pub(crate) looking: Option<Arc<Looking>>,
    pub(crate) grant: Grant,
    /// What a person showed beside the password.
    pub(crate) factor: Option<Factor>,
    /// Whether the call may only take away.
    pub(crate) must_narrow: bool,
    pub(crate) addresses: Bounds,
    /// The number of the security change that the decision was made at.
    pub(crate) decided_at_seq: i64,
}

impl Permit {
    /// How far the call may reach.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The clinic that the call addresses. Queries take it from here, never from input.
    pub fn clinic(&self) -> Option<&ClinicFacts> {
        self.clinic.as_ref()
    }

    /// The categories of data that the answer may show.
    pub fn visible(&self) -> CategorySet {
        self.visible
    }

    /// What it may filter and sort by.
    pub(crate) fn sight(&self) -> Sight {
        let open = self.looking.as_ref().map_or(CategorySet::ALL, |looking| looking.open());
        Sight { visible: self.visible, open }
    }

    /// What of a schema an answer may show.
    pub(crate) fn view(&self, schema: &'static Schema, picked: Option<&[&str]>) -> View {
        self.sees().view(schema, picked)
    }

    /// What it sees, to be held against what it may see later.
    pub(crate) fn sees(&self) -> Sees {
        Sees { visible: self.visible, looking: self.looking.clone() }
    }

    /// Whether clients have a say in what the caller sees.
    pub fn asks_clients(&self) -> bool {
        self.looking.is_some()
    }

    /// What a person who signs in showed beside the password. It has to be written down as used up.
    pub fn factor(&self) -> Option<Factor> {
        self.factor
    }

    /// Whether the call may only take away: all writes of the clinic are stopped, and the operation
    /// said that it looks.
    pub fn must_narrow(&self) -> bool {
        self.must_narrow
    }

    /// Where the caller may call from; nobody can let others call from elsewhere.
    pub fn addresses(&self) -> AllowList {
        self.addresses.connection.and(&self.addresses.key)
    }

    /// What the caller holds; nobody can grant more.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }
}

/// The allow-lists that a call had to pass: both.
#[derive(Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) connection: AllowList,
    pub(crate) key: AllowList,
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Whoever runs the server.
    Operator,
    /// Somebody who showed nothing, at an operation that asks for nothing.
    Stranger,
    /// A connection, by one of its keys.
    Connection {
        /// The connection.
        connection: ConnectionId,
        /// The key that was shown.
        key: KeyId,
        /// What the connection's data is used for.
        purpose: Purpose,
    },
    /// A person.
    User {
        /// Who.
        user: UserId,
        /// The session, unless the call is about to make one.
        session: Option<SessionId>,
        /// What they are at the clinic.
        role: Role,
    },
}

/// What the gate knows of a clinic.
#[derive(Debug, Clone)]
pub struct ClinicFacts {
    /// Its id.
    pub id: ClinicId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Where it is, for its calendar days.
    pub zone: jiff::tz::TimeZone,
    /// What it bills in.
    pub currency: Currency,
    /// Whether it takes calls.
    pub takes_calls: bool,
    /// Whether an admin stopped all writes.
    pub writes_stopped: bool,
    /// Whether its record is on its way in.
    pub record_comes_in: bool,
}
