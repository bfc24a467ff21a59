//! `GET /v1/sessions`

use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Shown, Spec};
use clinicos_gate::{Cx, Input, Listing, Operation};

use super::model::Session;
use super::{RESOURCE, rows};

/// Lists the clinic's sessions.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "sessions.list",
        route: Route::get("/v1/sessions"),
        summary: "List sessions",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        shown: Shown::Person,
        reply: Reply::list(Session::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Listing, Problem> {
        Ok(Listing { sql: &rows::LIST, scope: vec![cx.clinic_param()?], emit: rows::emit })
    }
}
