//! `GET /v1/imports/{import_id}/rejects`

use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{Cx, Input, Listing, Operation, OrNotFound as _, OrProblem as _};

use super::model::ImportReject;
use super::rows;
use crate::imports;

/// Lists the records that the last run of an import did not import. They hold what the files
/// held, so a connection sees only those of imports that it made.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "import_rejects.list",
        route: Route::get("/v1/imports/{import_id}/rejects"),
        summary: "List the records that were not imported",
        description: "Of the last run; at most 10,000 are kept. A key sees those of imports that its connection made.",
        access: Access::Read,
        resource: &imports::RESOURCE,
        rate: RateClass::Read,
        reply: Reply::list(ImportReject::SCHEMA),
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Listing, Problem> {
        let clinic = cx.clinic_id()?;
        let import = imports::rows::get(cx.conn(), clinic, input.id("import_id")?).await.or_problem()?;
        let import = import.and_then(|import| import.seen_by(cx.permit().caller())).or_not_found()?;
        let scope = vec![clinic.into(), import.id.into(), import.runs.into()];
        Ok(Listing { sql: &rows::LIST, scope, emit: rows::emit })
    }
}
