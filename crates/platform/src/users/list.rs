//! `GET /v1/users`

use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Shown, Spec};
use clinicos_gate::{Cx, Input, Listing, Operation};

use super::model::User;
use super::{RESOURCE, rows};

/// Lists the clinic's users.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "users.list",
        route: Route::get("/v1/users"),
        summary: "List people who sign in",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        shown: Shown::Person,
        reply: Reply::list(User::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Listing, Problem> {
        Ok(Listing { sql: &rows::LIST, scope: vec![cx.clinic_param()?], emit: rows::emit })
    }
}
