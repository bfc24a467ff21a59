//! `POST /v1/emergency/allow_writes`

use std::borrow::Cow;

use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Shown, Spec, Verb, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, conflict};

use super::model::{Emergency, TURN, Turn, Turned};
use super::{RESOURCE, events, rows};
use crate::grantor::grantor;

/// Lets the clinic's connections write again, each as it was granted.
pub struct Allow;

impl Operation for Allow {
    const SPEC: Spec = Spec {
        id: "emergency.allow_writes",
        route: Route::post("/v1/emergency/allow_writes"),
        summary: "Allow changes again",
        resource: &RESOURCE,
        rate: RateClass::Govern,
        shown: Shown::Person,
        body: Some(Body { schema: &TURN, verb: Verb::Create }),
        reply: Reply::one(Emergency::SCHEMA),
        heeds_if_match: true,
        security: true,
        emits: &[&events::ALLOWED],
        problems: &[&problem::CONFLICT],
        example: r#"{"reason": "It was the import; all is well"}"#,
        ..Spec::DEFAULT
    };
    type Body = Turn;
    type Output = One<Emergency<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Turn>) -> Result<Self::Output, Problem> {
        let (clinic, now, by) = (cx.clinic_id()?, cx.now(), grantor(cx));
        let mut switch = rows::lock(cx.conn(), clinic).await.or_problem()?.or_not_found()?;
        // Whoever looked before the last stop does not undo it.
        input.check_version(switch.version)?;
        if switch.writes_stopped_at.take().is_none() {
            return Err(conflict("writes are allowed already"));
        }
        switch.remember(Turned { at: now, stopped: false, by: by.clone(), reason: input.body.reason.clone() });
        // Why it was allowed again stays to be read; who stopped it is in the log.
        switch.reason = Some(Cow::Owned(input.body.reason));
        switch.stopped_by = None;
        switch.version += 1;
        rows::turn(cx.conn(), &switch, now).await.or_problem()?;
        cx.security_change("clinic.allow_writes", Some(clinic), switch.id.any());
        cx.emit(Announcement::new(&events::ALLOWED, switch.id.any(), switch.version).with("by", by));
        Ok(One(switch))
    }
}
