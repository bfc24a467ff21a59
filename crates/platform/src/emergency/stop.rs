//! `POST /v1/emergency/stop_writes`

use std::borrow::Cow;

use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Shown, Spec, Verb, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, conflict};

use super::model::{Emergency, TURN, Turn, Turned};
use super::{RESOURCE, events, rows};
use crate::grantor::grantor;

/// Stops all writes, actions and triggers of the clinic's connections. Reads go on.
pub struct Stop;

impl Operation for Stop {
    const SPEC: Spec = Spec {
        id: "emergency.stop_writes",
        route: Route::post("/v1/emergency/stop_writes"),
        summary: "Stop all changes",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        shown: Shown::Person,
        body: Some(Body { schema: &TURN, verb: Verb::Create }),
        reply: Reply::one(Emergency::SCHEMA),
        security: true,
        emits: &[&events::STOPPED],
        problems: &[&problem::CONFLICT],
        example: r#"{"reason": "Strange invoices since this morning"}"#,
        ..Spec::DEFAULT
    };
    type Body = Turn;
    type Output = One<Emergency<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Turn>) -> Result<Self::Output, Problem> {
        let (clinic, now, by) = (cx.clinic_id()?, cx.now(), grantor(cx));
        let mut switch = rows::lock(cx.conn(), clinic).await.or_problem()?.or_not_found()?;
        if switch.writes_stopped_at.is_some() {
            return Err(conflict("all writes are stopped already"));
        }
        switch.remember(Turned { at: now, stopped: true, by: by.clone(), reason: input.body.reason.clone() });
        switch.writes_stopped_at = Some(now);
        switch.reason = Some(Cow::Owned(input.body.reason));
        switch.stopped_by = Some(Cow::Owned(by.clone()));
        switch.version += 1;
        rows::turn(cx.conn(), &switch, now).await.or_problem()?;
        cx.security_change("clinic.stop_writes", Some(clinic), switch.id.any());
        cx.emit(Announcement::new(&events::STOPPED, switch.id.any(), switch.version).with("by", by));
        Ok(One(switch))
    }
}
