//! `POST /v1/imports/{import_id}/finish`

use std::borrow::Cow;

use clinicos_contract::schema::{Schema, Word};
use clinicos_contract::wire::Doc;
use clinicos_contract::{Body, Category, Field, Problem, RateClass, Record as _, Reply, Route, Shape, Spec, Verb, problem};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};
use serde::Deserialize;

use super::model::{FILE_REPORT, FILES_MAX, FileReports, Import, State};
use super::{RESOURCE, events, rows};

const PRACTICE: Field = Field::of(Category::Practice);

/// How an import can end.
const ENDS: &[Word] = &[
    Word { name: "checked", doc: "A dry run is through: nothing was changed." },
    Word { name: "done", doc: "All rows are through." },
    Word { name: "failed", doc: "It could not go on." },
    Word { name: "cancelled", doc: "Somebody stopped it." },
];

static BODY: Schema = Schema {
    name: "import_end",
    doc: "How an import ended.",
    fields: &[
        PRACTICE.required().named("state", "How; a dry run is `checked`.", Shape::Enum(ENDS), false),
        PRACTICE.creatable().max(2_000).named("detail", "Why it could not go on.", Shape::Text, true),
        PRACTICE.required().max(FILES_MAX).named(
            "files",
            "What became of each file.",
            Shape::List(&Shape::Object(&FILE_REPORT)),
            false,
        ),
    ],
};

/// How an import ended.
#[derive(Debug, Deserialize)]
pub struct End {
    state: State,
    detail: Option<String>,
    files: FileReports,
}

/// Says how an import ended.
pub struct Finish;

impl Operation for Finish {
    const SPEC: Spec = Spec {
        id: "imports.finish",
        route: Route::post("/v1/imports/{import_id}/finish"),
        summary: "Finish an import",
        description: "Only the operator, whose command line or server ran it.",
        resource: &RESOURCE,
        rate: RateClass::Write,
        operator_only: true,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::one(Import::SCHEMA),
        idempotent: true,
        emits: &[&events::FINISHED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT],
        example: r#"{"state": "done", "files": [{"name": "owners.csv", "resource": "clients", "read": 10, "of": 10, "created": 10, "changed": 0, "unchanged": 0, "rejected": 0, "held_back": 0}]}"#,
        ..Spec::DEFAULT
    };
    type Body = End;
    type Output = One<Import<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<End>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let mut import = rows::lock(cx.conn(), clinic, input.id("import_id")?).await.or_problem()?.or_not_found()?;
        import.check_open()?;
        import.state = input.body.state;
        import.detail = input.body.detail.map(Cow::Owned);
        import.files = Doc::of(&input.body.files);
        import.touch(cx.now());
        rows::update(cx.conn(), &import).await.or_problem()?;
        if !import.state.is_final() {
            return Ok(One(import));
        }
        rows::remove_files(cx.conn(), clinic, import.id).await.or_problem()?;
        let about = Announcement::new(&events::FINISHED, import.id.any(), import.version);
        cx.emit(about.with("state", import.state.name()));
        Ok(One(import))
    }
}
