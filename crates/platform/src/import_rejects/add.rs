//! `POST /v1/imports/{import_id}/rejects`

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Body, Category, Field, Problem, RateClass, Reply, Route, Shape, Spec, Verb, problem};
use clinicos_gate::{Cx, Input, Nothing, Operation, OrNotFound as _, OrProblem as _};
use serde::Deserialize;

use super::model::{ADDED_MAX, Fields, ImportReject, NEW_REJECT, NewReject};
use super::rows;
use crate::imports;
use crate::imports::model::REJECTS_MAX;

static BODY: Schema = Schema {
    name: "import_rejects",
    doc: "Records that were not imported.",
    fields: &[Field::of(Category::RecordSystem).required().max(ADDED_MAX).named(
        "rejects",
        "The records.",
        Shape::List(&Shape::Object(&NEW_REJECT)),
        false,
    )],
};

/// Records that are added.
#[derive(Debug, Deserialize)]
pub struct Added {
    rejects: Vec<NewReject>,
}

/// Adds records that were not imported; of one that is there already nothing changes.
pub struct Add;

impl Operation for Add {
    const SPEC: Spec = Spec {
        id: "import_rejects.add",
        route: Route::post("/v1/imports/{import_id}/rejects"),
        summary: "Add records that were not imported",
        description: "Only the operator, whose server runs the import. At most 10,000 are kept of one run.",
        resource: &imports::RESOURCE,
        rate: RateClass::Write,
        operator_only: true,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        body_bytes_max: 32 << 20,
        reply: Reply::Empty,
        idempotent: true,
        problems: &[&problem::NOT_FOUND, &problem::RULE_BROKEN],
        example: r#"{"rejects": [{"file": "owners.csv", "line": 7, "held_back": false, "faults": [{"column": "born", "code": "date", "detail": "must be a date written like 2026-04-25 for 25 April 2026"}], "header": "[\"id\",\"born\"]", "original": "[\"6\",\"soon\"]"}]}"#,
        ..Spec::DEFAULT
    };
    type Body = Added;
    type Output = Nothing;

    async fn run(cx: &mut Cx<'_>, input: Input<Added>) -> Result<Nothing, Problem> {
        let (clinic, now) = (cx.clinic_id()?, cx.now());
        let import = imports::rows::lock(cx.conn(), clinic, input.id("import_id")?).await.or_problem()?.or_not_found()?;
        let kept = rows::count(cx.conn(), clinic, import.id, import.runs).await.or_problem()?;
        let room = usize::try_from(REJECTS_MAX - kept).unwrap_or(0);
        for (at, new) in input.body.rejects.into_iter().take(room).enumerate() {
            let reject = ImportReject {
                id: cx.mint(),
                clinic_id: clinic,
                import_id: import.id,
                run: import.runs,
                file: Cow::Owned(new.file),
                line: new.line,
                held_back: new.held_back,
                faults: Doc::of(&new.faults),
                header: fields(&new.header, at, "header")?,
                original: fields(&new.original, at, "original")?,
                created_at: now,
                version: 1,
            };
            rows::insert(cx.conn(), &reject).await.or_problem()?;
        }
        Ok(Nothing)
    }
}

fn fields(text: &str, at: usize, name: &str) -> Result<Doc<'static, Fields>, Problem> {
    let wrong = |_| Problem::rule(format!("/rejects/{at}/{name}"), "format", "must be a JSON list of texts");
    serde_json::from_str::<Fields>(text).map(|fields| Doc::of(&fields)).map_err(wrong)
}
