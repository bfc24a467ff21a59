//! `GET /v1/keys/{key_id}`

use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::Key;
use super::{RESOURCE, rows};

/// Reads one key; never its secret.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "keys.get",
        route: Route::get("/v1/keys/{key_id}"),
        summary: "Get a key",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reply: Reply::one(Key::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Key<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let (clinic, id, now) = (cx.clinic_id()?, input.id("key_id")?, cx.now());
        rows::get(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found().map(One)
    }
}
