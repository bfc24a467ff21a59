//! What was changed about a connection: rows that are only ever added.

use std::borrow::Cow;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Timestamp, record, words};
use clinicos_gate::{ClinicId, ConnectionChangeId, ConnectionId, Cx, OrProblem as _};

use super::model::{Connection, Names, State};
use super::rows;
use crate::grantor::grantor;

words! {
    /// What was done to a connection.
    What {
        /// It was made.
        Created = "created",
        /// What it may do changed.
        Changed = "changed",
        /// It was paused.
        Paused = "paused",
        /// It was resumed.
        Resumed = "resumed",
        /// Oversight suspended it.
        Suspended = "suspended",
        /// It was ended, for good.
        Revoked = "revoked",
        /// A further key was made for it.
        KeyAdded = "key_added",
        /// One of its keys was replaced by another.
        KeyRotated = "key_rotated",
        /// One of its keys was changed.
        KeyChanged = "key_changed",
        /// One of its keys was ended, for good.
        KeyRevoked = "key_revoked",
        /// One of its keys was found where it does not belong, and ended.
        KeyLeaked = "key_leaked",
    }
}

impl What {
    /// What brings a connection to a state.
    pub fn of(state: State) -> Self {
        match state {
            State::Active => Self::Resumed,
            State::Paused => Self::Paused,
            State::Suspended => Self::Suspended,
            State::Revoked => Self::Revoked,
        }
    }
}

record! {
    /// One change of a connection: what, by whom, and why.
    pub struct ConnectionChange<'a> as "connection_change" {
        /// The change's id.
        id: ConnectionChangeId = Field::of(Category::RecordSystem),
        /// The clinic.
        clinic_id: ClinicId = Field::of(Category::RecordSystem),
        /// The connection that was changed.
        connection_id: ConnectionId = Field::of(Category::RecordSystem).equal(),
        /// What was done.
        what: What = Field::of(Category::Practice),
        /// The fields that changed.
        changed: Doc<'a, Names> = Field::of(Category::Practice),
        /// Why, if that was said.
        reason: Option<Cow<'a, str>> = Field::of(Category::Practice),
        /// Who did it: a person, a key, `operator`, or `anybody` who found a key.
        actor: Cow<'a, str> = Field::of(Category::Practice),
        /// When.
        created_at: Timestamp = Field::of(Category::RecordSystem),
        /// The version of the connection that it made.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

/// Adds a change, as the connection stands after it.
pub async fn note(
    cx: &mut Cx<'_>,
    connection: &Connection<'_>,
    what: What,
    changed: &[&'static str],
    reason: Option<&str>,
) -> Result<(), Problem> {
    let change = ConnectionChange {
        id: cx.mint(),
        clinic_id: connection.clinic_id,
        connection_id: connection.id,
        what,
        changed: Doc::of(&Names(changed.iter().map(|field| (*field).to_owned()).collect())),
        reason: reason.map(Cow::Borrowed),
        actor: Cow::Owned(grantor(cx)),
        created_at: cx.now(),
        version: connection.version,
    };
    rows::insert_change(cx.conn(), &change).await.or_problem()
}
