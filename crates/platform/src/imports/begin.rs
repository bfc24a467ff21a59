//! `POST /v1/imports/begin`

use clinicos_contract::schema::Schema;
use clinicos_contract::{Body, Category, Field, Problem, RateClass, Record as _, Reply, Route, Shape, Spec, Verb};
use clinicos_gate::{Cx, Input, One, Operation, OrProblem as _};
use clinicos_store::journal::idempotency::KEPT_HOURS;
use serde::Deserialize;

use super::model::{Import, New, State};
use super::{RESOURCE, rows};
use crate::grantor::{grantor, maker};

const PRACTICE: Field = Field::of(Category::Practice);

static BODY: Schema = Schema {
    name: "import_begin",
    doc: "An import whose files are with whoever runs it.",
    fields: &[
        PRACTICE.required().max(120).named("name", "What people will call it.", Shape::Text, false),
        PRACTICE.required().max(200).named(
            "digest",
            "Tells what is imported from anything else: the same files by the same mapping have the same.",
            Shape::Text,
            false,
        ),
        PRACTICE.creatable().named("dry_run", "Only tell what would happen.", Shape::Bool, false),
    ],
};

/// An import that begins.
#[derive(Debug, Deserialize)]
pub struct Beginning {
    name: String,
    digest: String,
    #[serde(default)]
    dry_run: bool,
}

/// Begins an import, or goes on with the one of the same files that was cut off: then its batches
/// have the names that they had, and what is done already is not done again. That holds as long as
/// their answers are kept; the clinic may have changed much since an older one, which is left to
/// itself.
pub struct Begin;

impl Operation for Begin {
    const SPEC: Spec = Spec {
        id: "imports.begin",
        route: Route::post("/v1/imports/begin"),
        summary: "Begin an import",
        description: "Only the operator, whose command line reads the files. An import of the same files that was cut off goes on, if it was begun less than 72 hours ago; an older one begins anew.",
        resource: &RESOURCE,
        rate: RateClass::Write,
        operator_only: true,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::created(Import::SCHEMA),
        idempotent: true,
        example: r#"{"name": "petclinic", "digest": "5f2b9c"}"#,
        ..Spec::DEFAULT
    };
    type Body = Beginning;
    type Output = One<Import<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Beginning>) -> Result<Self::Output, Problem> {
        let Beginning { name, digest, dry_run } = input.body;
        let (clinic, now) = (cx.clinic_id()?, cx.now());
        let since = now.plus_seconds(-KEPT_HOURS * 3_600);
        if let Some(mut import) = rows::lock_cut_off(cx.conn(), clinic, &digest, since).await.or_problem()? {
            import.touch(now);
            rows::update(cx.conn(), &import).await.or_problem()?;
            return Ok(One(import));
        }
        let (started_by, made_by, id) = (grantor(cx), maker(cx), cx.mint());
        let new = New { id, clinic, name, mapping: None, dry_run, state: State::Running, started_by, made_by, now };
        let import = new.record();
        rows::insert(cx.conn(), &import, &digest).await.or_problem()?;
        Ok(One(import))
    }
}
