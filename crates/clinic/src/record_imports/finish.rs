//! `record_imports.finish`

use clinicos_contract::wire::Doc;
use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Spec, Verb};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrProblem as _, conflict};

use super::model::{FINISH, Finishing, RecordImport, RecordImportState};
use super::{begin, events, rows, sample};
use crate::invoices;

/// Ends it, if everything is in.
pub struct Finish;

impl Operation for Finish {
    const SPEC: Spec = Spec {
        id: "record_imports.finish",
        route: Route::post("/v1/record_imports/finish"),
        summary: "Finish taking in a clinic's record",
        description: "Only the operator. Refused while records are missing.",
        rate: RateClass::Write,
        security: true,
        body: Some(Body { schema: &FINISH, verb: Verb::Create }),
        reply: Reply::one(RecordImport::SCHEMA),
        emits: &[&events::FINISHED],
        example: sample::FINISH,
        ..super::SPEC
    };
    type Body = Finishing;
    type Output = One<RecordImport<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Finishing>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let mut import = begin::running(cx, &input.body.digest).await?;
        let taken = begin::taken(cx.conn(), clinic).await?;
        let files = import.files.value().unwrap_or_default();
        for file in &taken.0 {
            let expected = files.0.iter().find(|one| one.resource == file.resource).map_or(0, |one| one.records);
            if file.records != expected {
                let detail = format!("`{}` has {} records, and the export {expected}", file.resource, file.records);
                return Err(conflict(detail));
            }
        }
        invoices::rows::count_from(cx.conn(), clinic, import.last_invoice_number).await.or_problem()?;
        rows::set_coming(cx.conn(), clinic, false).await.or_problem()?;
        cx.security_change("clinic.record_is_in", Some(clinic), import.id.any());
        import.taken = Doc::of(&taken);
        import.state = RecordImportState::Done;
        import.updated_at = cx.now();
        import.version += 1;
        rows::save(cx.conn(), &import).await.or_problem()?;
        cx.emit(Announcement::new(&events::FINISHED, import.id.any(), import.version));
        Ok(One(import))
    }
}
