//! `record_imports.abandon`

use clinicos_contract::{Body, Category, Field, Problem, RateClass, Record as _, Reply, Route, Schema, Shape, Spec, Verb};
use clinicos_gate::files::FileName;
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrProblem as _, conflict};

use serde::Deserialize;

use super::model::{RecordImport, RecordImportState};
use super::{events, rows, sample};
use crate::clinic_documents;

static BODY: Schema = Schema {
    name: "record_import_abandon",
    doc: "Why the import of a record is given up.",
    fields: &[Field::of(Category::RecordSystem).creatable().max(500).named("reason", "Why.", Shape::Text, false)],
};

/// A body of `record_imports.abandon`.
#[derive(Debug, Default, Deserialize)]
pub struct GivingUp {}

/// Gives it up: the clinic is without records again.
pub struct Abandon;

impl Operation for Abandon {
    const SPEC: Spec = Spec {
        id: "record_imports.abandon",
        route: Route::post("/v1/record_imports/abandon"),
        summary: "Give up taking in a clinic's record",
        description: "Only the operator. What was taken in goes out of the clinic again, as if it had never come; then the clinic \
                      takes changes, or another export.",
        rate: RateClass::Heavy,
        security: true,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::one(RecordImport::SCHEMA),
        example: sample::ABANDON,
        emits: &[&events::ABANDONED],
        ..super::SPEC
    };
    type Body = GivingUp;
    type Output = One<RecordImport<'static>>;

    async fn run(cx: &mut Cx<'_>, _input: Input<GivingUp>) -> Result<Self::Output, Problem> {
        let clinic = cx.clinic_id()?;
        let running = rows::lock_running(cx.conn(), clinic).await.or_problem()?;
        let mut import = running.ok_or_else(|| conflict("no record is being taken in into this clinic"))?;
        for hash in clinic_documents::rows::hashes(cx.conn(), clinic).await.or_problem()? {
            FileName::new(clinic, &hash).into_iter().for_each(|file| cx.drop_file(file));
        }
        rows::empty(cx.conn(), clinic).await.or_problem()?;
        rows::set_coming(cx.conn(), clinic, false).await.or_problem()?;
        import.state = RecordImportState::Abandoned;
        import.updated_at = cx.now();
        import.version += 1;
        rows::save(cx.conn(), &import).await.or_problem()?;
        cx.clients_came(clinic);
        cx.security_change("clinic.record_given_up", Some(clinic), import.id.any());
        cx.emit(Announcement::new(&events::ABANDONED, import.id.any(), import.version));
        Ok(One(import))
    }
}
