//! Changes of a connection's state: one way for pause, resume and revoke.

use std::borrow::Cow;

use clinicos_contract::event::EventType;
use clinicos_contract::schema::Schema;
use clinicos_contract::{Category, Field, Problem, Shape};
use clinicos_gate::{Announcement, Cx, Input, One, OrNotFound as _, OrProblem as _, conflict};
use serde::Deserialize;

use super::model::{Connection, State};
use super::rows;
use crate::grantor::grantor;

/// The body of a state change.
pub static STATE_CHANGE: Schema = Schema {
    name: "state_change",
    doc: "Why the state changes.",
    fields: &[Field::of(Category::Practice).required().max(500).named(
        "reason",
        "Why; shown with the connection and in its history.",
        Shape::Text,
        false,
    )],
};

/// Why a state changes.
#[derive(Debug, Deserialize)]
pub struct Why {
    reason: String,
}

/// Brings a connection from one of these states to another.
pub async fn run(
    cx: &mut Cx<'_>,
    input: Input<Why>,
    from: &[State],
    to: State,
    event: &'static EventType,
) -> Result<One<Connection<'static>>, Problem> {
    let (clinic, id) = (cx.clinic_id()?, input.id("connection_id")?);
    let mut connection = rows::lock(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
    if !from.contains(&connection.state) {
        return Err(conflict(format!("the connection is {}, so it cannot become {}", connection.state.name(), to.name())));
    }
    connection.state = to;
    connection.state_reason = Some(Cow::Owned(input.body.reason));
    connection.version += 1;
    connection.updated_at = cx.now();
    let (by, now) = (grantor(cx), cx.now());
    rows::update(cx.conn(), &connection, &by).await.or_problem()?;
    if to == State::Revoked {
        rows::revoke_keys(cx.conn(), clinic, id, now).await.or_problem()?;
    }
    cx.security_change("connection.state", Some(clinic), connection.id.any());
    cx.emit(Announcement::new(event, connection.id.any(), connection.version).changed(["state"]));
    Ok(One(connection))
}
