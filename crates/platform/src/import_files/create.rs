//! `POST /v1/imports/{import_id}/files`

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::{BODY, ImportFile, NewFile, PART_BYTES_MAX, PARTS_MAX};
use super::rows;
use crate::imports;
use crate::imports::model::FILES_BYTES_MAX;

/// Adds a part of a file to an import that waits for its files.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "import_files.create",
        route: Route::post("/v1/imports/{import_id}/files"),
        summary: "Add a file to an import",
        description: "A file of more than 6 MiB is sent in several parts, and all files together have at most 64 MiB. They are \
                      kept until the import ends. A part that is sent after a check makes the import one that was not checked.",
        resource: &imports::RESOURCE,
        rate: RateClass::Write,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        body_bytes_max: PART_BYTES_MAX / 3 * 4 + (64 << 10),
        reply: Reply::created(ImportFile::SCHEMA),
        idempotent: true,
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::RULE_BROKEN],
        example: r#"{"name": "owners.csv", "part": 1, "content": "aWQsbmFtZQoxLEFtZXMK"}"#,
        ..Spec::DEFAULT
    };
    type Body = NewFile;
    type Output = One<ImportFile<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewFile>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let import = imports::rows::lock(cx.conn(), clinic, input.id("import_id")?).await.or_problem()?;
        let mut import = import.and_then(|import| import.seen_by(cx.permit().caller())).or_not_found()?;
        import.check_waits()?;
        let NewFile { name, part, content } = input.body;
        let is_plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\']);
        if !is_plain {
            return Err(Problem::rule("/name", "format", "must be the name of a file, without a path"));
        }
        if part > PARTS_MAX {
            return Err(Problem::rule("/part", "range", format!("must be at most {PARTS_MAX}")));
        }
        let bytes = STANDARD.decode(content.trim()).map_err(|_| Problem::rule("/content", "format", "must be base64"))?;
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        rows::remove(cx.conn(), clinic, import.id, &name, part).await.or_problem()?;
        if rows::bytes(cx.conn(), clinic, import.id).await.or_problem()?.saturating_add(size) > FILES_BYTES_MAX {
            let detail = format!("the files of an import have at most {FILES_BYTES_MAX} bytes together");
            return Err(Problem::rule("/content", "too_large", detail));
        }
        let file = ImportFile {
            id: cx.mint(),
            clinic_id: clinic,
            import_id: import.id,
            name: Cow::Owned(name),
            part,
            size,
            created_at: cx.now(),
            version: 1,
        };
        rows::insert(cx.conn(), &file, &bytes).await.or_problem()?;
        // What was found out about other bytes does not hold for these.
        import.forget_check();
        import.touch(cx.now());
        imports::rows::update(cx.conn(), &import).await.or_problem()?;
        Ok(One(file))
    }
}
