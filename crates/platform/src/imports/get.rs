//! `GET /v1/imports/{import_id}`

use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::Import;
use super::{RESOURCE, rows};

/// Tells how far an import is, and what became of its files.
pub struct Get;

impl Operation for Get {
    const SPEC: Spec = Spec {
        id: "imports.get",
        route: Route::get("/v1/imports/{import_id}"),
        summary: "Get an import",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reply: Reply::one(Import::SCHEMA),
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Import<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let id = input.id("import_id")?;
        let import = rows::get(cx.conn(), clinic, id).await.or_problem()?;
        import.and_then(|import| import.seen_by(cx.permit().caller())).or_not_found().map(One)
    }
}
