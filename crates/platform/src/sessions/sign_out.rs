//! `POST /v1/sessions/sign_out`

use clinicos_contract::{Problem, RateClass, Record as _, Reply, Route, Shown, Spec, problem};
use clinicos_gate::{Cx, Input, One, Operation};

use super::end::{end, own_session};
use super::model::Session;
use super::{RESOURCE, events};

/// Ends the session that the call is made with.
pub struct SignOut;

impl Operation for SignOut {
    const SPEC: Spec = Spec {
        id: "sessions.sign_out",
        route: Route::post("/v1/sessions/sign_out"),
        summary: "Sign out",
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

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Self::Output, Problem> {
        let own = own_session(cx)?;
        end(cx, own).await
    }
}
