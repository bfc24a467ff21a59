//! `POST /v1/connections/{connection_id}/revoke_made`

use std::borrow::Cow;
use std::collections::BTreeSet;

use clinicos_contract::{Body, FieldError, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, WhenStopped, problem};
use clinicos_gate::{ConnectionId, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::{Connection, State};
use super::switch::{self, STATE_CHANGE, Why};
use super::{RESOURCE, events, rows};

/// Most connections that one call ends.
const MADE_MAX: usize = 1_000;

/// Ends every connection that the keys of a connection made, and what those made.
pub struct RevokeMade;

impl Operation for RevokeMade {
    const SPEC: Spec = Spec {
        id: "connections.revoke_made",
        route: Route::post("/v1/connections/{connection_id}/revoke_made"),
        summary: "Revoke what a connection made",
        description: "Revoking a connection does not end what its keys made: each is a program of its own, with a grant that an admin \
                      sees. This ends them, and what they made in turn, all at once and for good. The connection itself stays as it \
                      is. `GET /v1/connections?made_by=` lists them.",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: &STATE_CHANGE, verb: Verb::Create }),
        reply: Reply::one(Connection::SCHEMA),
        idempotent: true,
        security: true,
        when_stopped: WhenStopped::Allowed,
        emits: &[&events::REVOKED],
        problems: &[&problem::CONFLICT],
        example: r#"{"reason": "Its maker is not trusted any more"}"#,
        ..Spec::DEFAULT
    };
    type Body = Why;
    type Output = One<Connection<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Why>) -> Result<Self::Output, Problem> {
        let (clinic, id, now) = (cx.clinic_id()?, input.id("connection_id")?, cx.now());
        let maker = rows::lock(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found()?;
        revoke_made(cx, id, input.body.reason()).await?;
        Ok(One(maker))
    }
}

/// Ends what goes back to a connection that is locked.
pub async fn revoke_made(cx: &mut Cx<'_>, maker: ConnectionId, reason: &str) -> Result<(), Problem> {
    let (clinic, now) = (cx.clinic_id()?, cx.now());
    for made in made_by(cx, maker).await? {
        let connection = rows::lock(cx.conn(), clinic, made, now).await.or_problem()?.or_not_found()?;
        switch::turn(cx, connection, State::Revoked, None, Cow::Borrowed(reason), &events::REVOKED).await?;
    }
    Ok(())
}

/// What is not over of everything that goes back to a connection, the nearest first.
async fn made_by(cx: &mut Cx<'_>, maker: ConnectionId) -> Result<Vec<ConnectionId>, Problem> {
    let clinic = cx.clinic_id()?;
    let (mut seen, mut left, mut makers) = (BTreeSet::from([maker]), Vec::new(), vec![maker]);
    while let Some(maker) = makers.pop() {
        for (made, state) in rows::made_by(cx.conn(), clinic, maker).await.or_problem()? {
            if seen.insert(made) {
                makers.push(made);
                left.extend((state != State::Revoked).then_some(made));
            }
        }
        if seen.len() > MADE_MAX {
            let detail = format!("it made more than {MADE_MAX}; revoke what they made first");
            return Err(Problem::parameters(vec![FieldError::new("connection_id", "range", detail)]));
        }
    }
    Ok(left)
}
