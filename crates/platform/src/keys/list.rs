//! `GET /v1/keys`

use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{Cx, Input, Listing, Operation};

use super::model::Key;
use super::{RESOURCE, rows};

/// Lists the clinic's keys.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "keys.list",
        route: Route::get("/v1/keys"),
        summary: "List keys",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reply: Reply::list(Key::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Listing, Problem> {
        Ok(Listing { sql: &rows::LIST, scope: vec![cx.clinic_param()?, cx.now().into()], emit: rows::emit })
    }
}
