//! `record_imports.add`

use std::borrow::Cow;

use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::files::NewFile;
use clinicos_gate::{ClinicId, Cx, Input, One, Operation, OrProblem as _, conflict};

use super::model::{ADD, BODY_BYTES_MAX, LINES_MAX, Lines, RecordBatch, Touched};
use super::{begin, sample};
use crate::standing;

/// Takes in some lines of a file.
pub struct Add;

impl Operation for Add {
    const SPEC: Spec = Spec {
        id: "record_imports.add",
        route: Route::post("/v1/record_imports/add"),
        summary: "Take in lines of a clinic's record",
        description: "Only the operator. At most 500 lines of one file, all or none: a line that does not fit is named as \
                      `/lines/N`. Batches come in the order of the file.",
        rate: RateClass::Heavy,
        body: Some(Body { schema: &ADD, verb: Verb::Create }),
        body_bytes_max: BODY_BYTES_MAX,
        reply: Reply::one(RecordBatch::SCHEMA),
        problems: &[&problem::CONFLICT, &problem::RULE_BROKEN],
        example: sample::ADD,
        ..super::SPEC
    };
    type Body = Lines;
    type Output = One<RecordBatch<'static>>;

    fn files(body: &Lines, clinic: ClinicId) -> Vec<NewFile> {
        let kind = crate::record().find(|kind| kind.name() == body.resource);
        kind.map(|kind| kind.brought(clinic, &body.lines)).unwrap_or_default()
    }

    async fn run(cx: &mut Cx<'_>, input: Input<Lines>) -> Result<Self::Output, Problem> {
        let (clinic, body) = (cx.clinic()?, input.body);
        begin::running(cx, &body.digest).await?;
        let kind = crate::record().find(|kind| kind.name() == body.resource);
        let kind = kind.ok_or_else(|| Problem::rule("/resource", "unknown", "there is no such resource"))?;
        if body.lines.lines().nth(LINES_MAX).is_some() {
            return Err(Problem::rule("/lines", "too_long", format!("must have at most {LINES_MAX} lines")));
        }
        let last = standing::rows::last_id(cx.conn(), clinic.id, kind.list()).await.or_problem()?;
        if last != body.after {
            return Err(conflict("these lines do not go on where the clinic's record ends; begin again to learn where that is"));
        }
        let added = kind.add(cx.conn(), clinic, body.after.as_deref(), &body.lines).await?;
        if kind.name() == "consents" || (kind.name() == "patients" && cx.clients_decided()) {
            cx.clients_came(clinic.id);
        }
        Ok(One(RecordBatch {
            id: cx.mint(),
            clinic_id: clinic.id,
            resource: Cow::Borrowed(kind.name()),
            records: Touched::of(&added),
            created_at: cx.now(),
            version: 1,
        }))
    }
}
