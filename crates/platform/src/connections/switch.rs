//! Changes of a connection's state: one way for pause, resume and revoke.

use std::borrow::Cow;

use clinicos_contract::event::EventType;
use clinicos_contract::schema::Schema;
use clinicos_contract::{Category, Field, Problem, Shape, Timestamp};
use clinicos_gate::{Announcement, Cx, Input, One, OrNotFound as _, OrProblem as _, conflict};
use serde::Deserialize;

use super::history::{self, Details, What};
use super::model::{Connection, State};
use super::rows;
use crate::grantor::grantor;

/// The body of a state change.
pub static STATE_CHANGE: Schema = Schema {
    name: "state_change",
    doc: "Why the state changes.",
    fields: &[Field::of(Category::Practice).required().max(500).filled().named(
        "reason",
        "Why; shown with the connection and in its history.",
        Shape::Text,
        false,
    )],
};

/// The body of the end.
pub static REVOCATION: Schema = Schema {
    name: "revocation",
    doc: "Why a connection ends, and whether what its keys made ends with it.",
    fields: &[
        Field::of(Category::Practice).required().max(500).filled().named(
            "reason",
            "Why; shown with the connection and in its history.",
            Shape::Text,
            false,
        ),
        Field::of(Category::Practice).creatable().named(
            "made",
            "Whether the connections that its keys made, and what those made in turn, end with it: all of them or none.",
            Shape::Bool,
            false,
        ),
    ],
};

/// The body of a pause.
pub static PAUSE: Schema = Schema {
    name: "pause",
    doc: "Why a connection is paused, and for how long.",
    fields: &[
        Field::of(Category::Practice).required().max(500).filled().named(
            "reason",
            "Why; shown with the connection and in its history.",
            Shape::Text,
            false,
        ),
        Field::of(Category::Practice).creatable().named(
            "until",
            "When the pause ends by itself; when somebody resumes it, if left out.",
            Shape::Time,
            true,
        ),
    ],
};

/// Why a state changes.
#[derive(Debug, Deserialize)]
pub struct Why {
    reason: String,
    #[serde(default)]
    until: Option<Timestamp>,
    #[serde(default)]
    made: bool,
}

impl Why {
    /// Whether what its keys made ends with it.
    pub fn takes_made_along(&self) -> bool {
        self.made
    }

    /// Why, in the words of who does it.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// Brings a connection from one of these states to another.
pub async fn run(
    cx: &mut Cx<'_>,
    input: Input<Why>,
    from: &[State],
    to: State,
    event: &'static EventType,
) -> Result<One<Connection<'static>>, Problem> {
    let (clinic, id, now) = (cx.clinic_id()?, input.id("connection_id")?, cx.now());
    let connection = rows::lock(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found()?;
    if input.body.until.is_some_and(|until| until <= now) {
        return Err(Problem::rule("/until", "past", "the pause would be over already"));
    }
    input.check_version(connection.version)?;
    if !from.contains(&connection.state) {
        return Err(conflict(format!("the connection is {}, so it cannot become {}", connection.state.name(), to.name())));
    }
    let (until, reason) = (input.body.until, Cow::Owned(input.body.reason));
    turn(cx, connection, to, until, reason, event).await.map(One)
}

/// Turns the state of a connection that is locked.
pub async fn turn(
    cx: &mut Cx<'_>,
    mut connection: Connection<'static>,
    to: State,
    until: Option<Timestamp>,
    reason: Cow<'_, str>,
    event: &'static EventType,
) -> Result<Connection<'static>, Problem> {
    let (before, now, clinic, by) = (connection.clone(), cx.now(), connection.clinic_id, grantor(cx));
    connection.state = to;
    connection.paused_until = until;
    connection.state_reason = Some(Cow::Owned(reason.into_owned()));
    connection.version += 1;
    connection.updated_at = now;
    rows::update(cx.conn(), &connection, &by).await.or_problem()?;
    if to == State::Revoked {
        rows::revoke_keys(cx.conn(), clinic, connection.id, now).await.or_problem()?;
    }
    let details = Details::between(&before, &connection);
    history::note(cx, &connection, What::of(to), details, connection.state_reason.as_deref()).await?;
    cx.security_change("connection.state", Some(clinic), connection.id.any());
    cx.emit(Announcement::new(event, connection.id.any(), connection.version).changed(["state"]));
    Ok(connection)
}
