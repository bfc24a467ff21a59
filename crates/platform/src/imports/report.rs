//! `POST /v1/imports/{import_id}/report`

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Body, Category, Field, Problem, RateClass, Record as _, Reply, Route, Shape, Spec, Verb, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};
use serde::Deserialize;

use super::model::{FILE_REPORT, FILES_MAX, FileReports, Import, PREVIEW_ROW, PREVIEW_ROWS_MAX, Preview, State};
use super::{RESOURCE, rows};

const PRACTICE: Field = Field::of(Category::Practice);

static BODY: Schema = Schema {
    name: "import_report",
    doc: "How far an import is.",
    fields: &[
        PRACTICE.creatable().max(FILES_MAX).named(
            "files",
            "What became of each file so far.",
            Shape::List(&Shape::Object(&FILE_REPORT)),
            false,
        ),
        Field::of(Category::OwnerContact).creatable().max(PREVIEW_ROWS_MAX).named(
            "preview",
            "The first records of each file.",
            Shape::List(&Shape::Object(&PREVIEW_ROW)),
            false,
        ),
    ],
};

/// How far it is.
#[derive(Debug, Deserialize)]
pub struct Progress {
    files: Option<FileReports>,
    preview: Option<Preview>,
}

/// Says how far an import is.
pub struct Report;

impl Operation for Report {
    const SPEC: Spec = Spec {
        id: "imports.report",
        route: Route::post("/v1/imports/{import_id}/report"),
        summary: "Report the progress of an import",
        description: "Only the operator, whose server runs it.",
        resource: &RESOURCE,
        rate: RateClass::Write,
        operator_only: true,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::one(Import::SCHEMA),
        idempotent: true,
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT],
        example: r#"{"files": [{"name": "owners.csv", "resource": "clients", "read": 5, "of": 10, "created": 5, "changed": 0, "unchanged": 0, "rejected": 0, "held_back": 0}]}"#,
        ..Spec::DEFAULT
    };
    type Body = Progress;
    type Output = One<Import<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Progress>) -> Result<Self::Output, Problem> {
        let (clinic, now) = (cx.clinic_id()?, cx.now());
        let mut import = rows::lock(cx.conn(), clinic, input.id("import_id")?).await.or_problem()?.or_not_found()?;
        // What was written before somebody cancelled it is told all the same.
        let is_cancelled = import.state == State::Cancelled;
        if !is_cancelled {
            import.check_open()?;
        }
        if let Some(files) = input.body.files {
            import.files = Doc::of(&files);
        }
        if let Some(preview) = input.body.preview.filter(|_| !is_cancelled) {
            import.preview = Doc::of(&preview);
        }
        import.touch(now);
        rows::update(cx.conn(), &import).await.or_problem()?;
        Ok(One(import))
    }
}
