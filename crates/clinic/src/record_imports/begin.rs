//! `record_imports.begin`

use std::borrow::Cow;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{ClinicId, Cx, Input, One, Operation, OrProblem as _, conflict};
use clinicos_store::Conn;

use super::model::{BEGIN, Beginning, RecordFile, RecordFiles, RecordImport, RecordImportState};
use super::{rows, sample};
use crate::standing;

/// Begins to take in a clinic's record, or goes on.
pub struct Begin;

impl Operation for Begin {
    const SPEC: Spec = Spec {
        id: "record_imports.begin",
        route: Route::post("/v1/record_imports/begin"),
        summary: "Begin to take in a clinic's record",
        description: "Only the operator, and only into a clinic without records, to which nothing else is then written until this is \
                      finished or given up. One of the same export that was cut off goes on: `taken` says where.",
        rate: RateClass::Write,
        security: true,
        body: Some(Body { schema: &BEGIN, verb: Verb::Create }),
        reply: Reply::created(RecordImport::SCHEMA),
        problems: &[&problem::CONFLICT, &problem::RULE_BROKEN],
        example: sample::BEGIN,
        ..super::SPEC
    };
    type Body = Beginning;
    type Output = One<RecordImport<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Beginning>) -> Result<Self::Output, Problem> {
        let (clinic, now, body) = (cx.clinic()?, cx.now(), input.body);
        if body.currency != clinic.currency {
            let detail = format!("the export is in {}, and the clinic bills in {}", body.currency.code(), clinic.currency.code());
            return Err(Problem::rule("/currency", "currency_mismatch", detail));
        }
        if let Some(at) = body.files.0.iter().position(|file| !crate::record().any(|kind| kind.name() == file.resource)) {
            return Err(Problem::rule(format!("/files/{at}/resource"), "unknown", "there is no such resource"));
        }
        let taken = taken(cx.conn(), clinic.id).await?;
        match rows::lock_running(cx.conn(), clinic.id).await.or_problem()? {
            Some(running) if running.digest == body.digest => {
                return Ok(One(RecordImport { taken: Doc::of(&taken), ..running }));
            }
            Some(_) => return Err(conflict("another export is being taken in into this clinic; let it come to its end")),
            None => {}
        }
        if let Some(file) = taken.0.iter().find(|file| file.records > 0) {
            let detail =
                format!("the clinic has {} records in `{}`; an export goes into an empty clinic", file.records, file.resource);
            return Err(conflict(detail));
        }
        let import = RecordImport {
            id: cx.mint(),
            clinic_id: clinic.id,
            digest: Cow::Owned(body.digest),
            state: RecordImportState::Running,
            files: Doc::of(&body.files),
            taken: Doc::of(&taken),
            last_invoice_number: body.last_invoice_number,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        rows::save(cx.conn(), &import).await.or_problem()?;
        rows::set_coming(cx.conn(), clinic.id, true).await.or_problem()?;
        cx.security_change("clinic.record_comes_in", Some(clinic.id), import.id.any());
        Ok(One(import))
    }
}

/// How many records of each kind a clinic has.
pub(super) async fn taken(conn: &mut dyn Conn, clinic: ClinicId) -> Result<RecordFiles, Problem> {
    let mut files = Vec::new();
    for kind in crate::record() {
        let records = standing::rows::count(conn, clinic, kind.list()).await.or_problem()?;
        files.push(RecordFile { resource: kind.name().to_owned(), records });
    }
    Ok(RecordFiles(files))
}

/// The one of this export that is under way.
pub(super) async fn running(cx: &mut Cx<'_>, digest: &str) -> Result<RecordImport<'static>, Problem> {
    let clinic = cx.clinic_id()?;
    let running = rows::lock_running(cx.conn(), clinic).await.or_problem()?;
    running.filter(|import| import.digest == digest).ok_or_else(|| conflict("this export is not being taken in; begin it first"))
}
