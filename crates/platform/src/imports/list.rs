//! `GET /v1/imports`

use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{Cx, Input, Listing, Operation};

use super::model::Import;
use super::{RESOURCE, rows};

/// Lists the clinic's imports.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "imports.list",
        route: Route::get("/v1/imports"),
        summary: "List imports",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reply: Reply::list(Import::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Listing, Problem> {
        Ok(Listing { sql: &rows::LIST, scope: vec![cx.clinic_param()?], emit: rows::emit })
    }
}
