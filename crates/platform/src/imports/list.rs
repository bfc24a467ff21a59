//! `GET /v1/imports`

use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Spec};
use clinicos_gate::{Caller, Cx, Input, Listing, Operation};

use super::model::Import;
use super::{RESOURCE, rows};

/// Lists the clinic's imports.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "imports.list",
        route: Route::get("/v1/imports"),
        summary: "List imports",
        description: "A key sees those that its connection made; the clinic's people see all.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reply: Reply::list(Import::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Listing, Problem> {
        let clinic = cx.clinic_param()?;
        Ok(match cx.permit().caller() {
            Caller::Connection { connection, .. } => {
                Listing { sql: &rows::LIST_OWN, scope: vec![clinic, (*connection).into()], emit: rows::emit }
            }
            Caller::Operator | Caller::Stranger | Caller::User { .. } => {
                Listing { sql: &rows::LIST, scope: vec![clinic], emit: rows::emit }
            }
        })
    }
}
