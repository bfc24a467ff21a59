//! `POST /v1/imports/{import_id}/start`

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Body, Category, Field, Problem, RateClass, Record as _, Reply, Route, Shape, Spec, Verb, problem};
use clinicos_gate::{Caller, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, Services, conflict};
use serde::Deserialize;

use super::create::{check_mapping, read_mapping};
use super::model::{FileReports, Import, MAPPING_CHARS_MAX, State};
use super::{RESOURCE, rows};
use crate::grantor::grantor;

/// Most characters of what is told of an unfinished mapping.
const DETAIL_CHARS_MAX: usize = 2_000;

static BODY: Schema = Schema {
    name: "import_start",
    doc: "How to run an import.",
    fields: &[
        Field::of(Category::Practice).required().named(
            "dry_run",
            "Whether to only tell what would happen; then it can be started again.",
            Shape::Bool,
            false,
        ),
        Field::of(Category::Practice).creatable().max(MAPPING_CHARS_MAX).named(
            "mapping",
            "Another mapping, from now on; the one that it was made with unless given.",
            Shape::Text,
            false,
        ),
    ],
};

/// How to run it.
#[derive(Debug, Deserialize)]
pub struct Starting {
    dry_run: bool,
    mapping: Option<String>,
}

/// Starts an import whose files are there. The server runs it as whoever starts it.
pub struct Start;

impl Operation for Start {
    const SPEC: Spec = Spec {
        id: "imports.start",
        route: Route::post("/v1/imports/{import_id}/start"),
        summary: "Start an import",
        description: "The server writes the rows as whoever starts it, batch by batch; each batch is decided like any other call. \
                      They have a budget of their own, so that whoever starts an import goes on working meanwhile. Ask for the import to see how far it is.",
        resource: &RESOURCE,
        rate: RateClass::Heavy,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::one(Import::SCHEMA),
        idempotent: true,
        heeds_if_match: true,
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::RULE_BROKEN],
        // A mapping that reads no files yet can be checked by whoever sent none.
        example: r#"{"dry_run": true, "mapping": "system = \"old\"\ntodo = [\"Say what the files hold.\"]\n"}"#,
        ..Spec::DEFAULT
    };
    type Body = Starting;
    type Output = One<Import<'static>>;

    /// Refuses a mapping by which nothing could be imported.
    fn check(services: &Services, body: &Starting) -> Result<(), Problem> {
        body.mapping.as_deref().map_or(Ok(()), |mapping| check_mapping(services, mapping))
    }

    async fn run(cx: &mut Cx<'_>, input: Input<Starting>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let import = rows::lock(cx.conn(), clinic, input.id("import_id")?).await.or_problem()?;
        let mut import = import.and_then(|import| import.seen_by(cx.permit().caller())).or_not_found()?;
        input.check_version(import.version)?;
        import.check_waits()?;
        check_order(cx, &import, &input.body)?;
        if let Some((name, part)) = rows::missing_part(cx.conn(), clinic, import.id).await.or_problem()? {
            return Err(conflict(format!("part {part} of `{name}` is missing; send it, then start the import")));
        }
        check_files(cx, &import, input.body.mapping.as_deref()).await?;
        let by = grantor(cx);
        if by == "operator" {
            return Err(conflict("the operator imports with `clinicos import`, which reads the files itself"));
        }
        import.state = State::Running;
        if let Some(mapping) = input.body.mapping {
            import.mapping = Some(Cow::Owned(mapping));
        }
        if let (false, Some(mapping)) = (input.body.dry_run, import.mapping.as_deref()) {
            check_finished(cx.services(), mapping)?;
        }
        import.dry_run = input.body.dry_run;
        import.runs += 1;
        import.detail = None;
        import.started_by = Cow::Owned(by);
        import.files = Doc::of(&FileReports::default());
        import.touch(cx.now());
        rows::update(cx.conn(), &import).await.or_problem()?;
        Ok(One(import))
    }
}

/// Refuses to start without a file that the mapping reads: it would fail, and its files would be gone.
async fn check_files(cx: &mut Cx<'_>, import: &Import<'_>, mapping: Option<&str>) -> Result<(), Problem> {
    let Some(mapping) = mapping.or(import.mapping.as_deref()) else { return Ok(()) };
    let read = read_mapping(cx.services(), mapping)?;
    let sent = rows::file_names(cx.conn(), import.clinic_id, import.id).await.or_problem()?;
    let missing = read.file_names().into_iter().filter(|name| !sent.iter().any(|one| one == name));
    let missing: Vec<String> = missing.map(|name| format!("`{name}`")).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (are, them) = if missing.len() == 1 { ("is", "it") } else { ("are", "them") };
    let named = missing.join(", ");
    let detail = format!("the mapping reads {named}, which {are} missing; send {them}, then start the import");
    Err(conflict(detail.chars().take(DETAIL_CHARS_MAX).collect::<String>()))
}

/// People see what would happen before it does: from a page, nothing is imported that was not checked
/// as it stands. A program that wants no check asks for none.
fn check_order(cx: &Cx<'_>, import: &Import<'_>, starting: &Starting) -> Result<(), Problem> {
    let is_person = matches!(cx.permit().caller(), Caller::User { .. });
    let is_checked = import.state == State::Checked && starting.mapping.is_none();
    if is_person && !starting.dry_run && !is_checked {
        return Err(conflict("the files were not checked as they stand; check them first"));
    }
    Ok(())
}

/// Refuses to import by a mapping of which something is left to be said.
fn check_finished(services: &Services, mapping: &str) -> Result<(), Problem> {
    let read = read_mapping(services, mapping)?;
    if read.todo.is_empty() {
        return Ok(());
    }
    let detail = format!("the mapping is not finished: {}", read.todo.join(" "));
    Err(Problem::rule("/mapping", "mapping", detail.chars().take(DETAIL_CHARS_MAX).collect::<String>()))
}
