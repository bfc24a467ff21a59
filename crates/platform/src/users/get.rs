//! `GET /v1/users/{user_id}`

use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Shown, Spec};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::User;
use super::{RESOURCE, rows};

/// Reads one user.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "users.get",
        route: Route::get("/v1/users/{user_id}"),
        summary: "Get a person who signs in",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        shown: Shown::Person,
        reply: Reply::one(User::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<User<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let (clinic, id) = (cx.clinic_id()?, input.id("user_id")?);
        rows::get(cx.conn(), clinic, id).await.or_problem()?.or_not_found().map(One)
    }
}
