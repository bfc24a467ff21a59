//! `POST /v1/imports/{import_id}/cancel`

use std::borrow::Cow;

use clinicos_contract::{Problem, RateClass, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::{Import, State};
use super::{RESOURCE, events, rows};

/// Stops an import before its next batch. What it wrote stays.
pub struct Cancel;

impl Operation for Cancel {
    const SPEC: Spec = Spec {
        id: "imports.cancel",
        route: Route::post("/v1/imports/{import_id}/cancel"),
        summary: "Cancel an import",
        description: "It stops before its next batch. What it wrote stays; its files are removed.",
        resource: &RESOURCE,
        rate: RateClass::Write,
        reply: Reply::one(Import::SCHEMA),
        idempotent: true,
        emits: &[&events::FINISHED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<Import<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let import = rows::lock(cx.conn(), clinic, input.id("import_id")?).await.or_problem()?;
        let mut import = import.and_then(|import| import.seen_by(cx.permit().caller())).or_not_found()?;
        import.check_open()?;
        let wrote = import.state == State::Running && !import.dry_run;
        import.detail = wrote.then_some(Cow::Borrowed("cancelled while it ran: what was written before that stays"));
        import.state = State::Cancelled;
        import.touch(cx.now());
        rows::update(cx.conn(), &import).await.or_problem()?;
        rows::remove_files(cx.conn(), clinic, import.id).await.or_problem()?;
        let about = Announcement::new(&events::FINISHED, import.id.any(), import.version);
        cx.emit(about.with("state", import.state.name()));
        Ok(One(import))
    }
}
