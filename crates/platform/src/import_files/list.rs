//! `GET /v1/imports/{import_id}/files`

use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{Cx, Input, Listing, Operation, OrNotFound as _, OrProblem as _};

use super::model::ImportFile;
use super::rows;
use crate::imports;

/// Lists the parts of files that an import has.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "import_files.list",
        route: Route::get("/v1/imports/{import_id}/files"),
        summary: "List the files of an import",
        access: Access::Read,
        resource: &imports::RESOURCE,
        rate: RateClass::Read,
        reply: Reply::list(ImportFile::SCHEMA),
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Listing, Problem> {
        let clinic = cx.clinic_id()?;
        let import = imports::rows::get(cx.conn(), clinic, input.id("import_id")?).await.or_problem()?;
        let import = import.and_then(|import| import.seen_by(cx.permit().caller())).or_not_found()?;
        Ok(Listing { sql: &rows::LIST, scope: vec![clinic.into(), import.id.into()], emit: rows::emit })
    }
}
