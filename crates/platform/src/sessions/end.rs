//! `POST /v1/sessions/{session_id}/end`

use clinicos_contract::{Problem, RateClass, Record as _, Reply, Route, Shown, Spec, problem};
use clinicos_gate::{Announcement, Caller, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, SessionId, conflict};

use super::model::Session;
use super::{RESOURCE, events, rows};
use crate::grantor::own_user;

/// Ends one of the caller's own sessions, such as one that was left open elsewhere.
pub struct End;

impl Operation for End {
    const SPEC: Spec = Spec {
        id: "sessions.end",
        route: Route::post("/v1/sessions/{session_id}/end"),
        summary: "End a session",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        shown: Shown::Own,
        reply: Reply::one(Session::SCHEMA),
        security: true,
        emits: &[&events::ENDED],
        problems: &[&problem::CONFLICT],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Session<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        end(cx, input.id("session_id")?).await
    }
}

/// Ends a session of the person who calls.
pub(super) async fn end(cx: &mut Cx<'_>, id: SessionId) -> Result<One<Session<'static>>, Problem> {
    let (clinic, user) = (cx.clinic_id()?, own_user(cx)?);
    let found = rows::lock(cx.conn(), clinic, id).await.or_problem()?;
    let mut session = found.filter(|session| session.user_id == user).or_not_found()?;
    if session.ended_at.is_some() {
        return Err(conflict("the session is over already"));
    }
    session.ended_at = Some(cx.now());
    session.updated_at = cx.now();
    session.version += 1;
    rows::end(cx.conn(), &session).await.or_problem()?;
    cx.security_change("session.ended", Some(clinic), session.id.any());
    cx.emit(Announcement::new(&events::ENDED, session.id.any(), session.version).with("user_id", user));
    Ok(One(session))
}

/// The session that the call was made with.
pub(super) fn own_session(cx: &Cx<'_>) -> Result<SessionId, Problem> {
    match cx.permit().caller() {
        Caller::User { session: Some(session), .. } => Ok(*session),
        Caller::User { .. } | Caller::Operator | Caller::Stranger | Caller::Connection { .. } => Err(Problem::not_found()),
    }
}
