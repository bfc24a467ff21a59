//! `GET /v1/documents/{document_id}/content`

use clinicos_contract::{Access, Problem, RateClass, Record as _, Reply, Route, Spec, problem};
use clinicos_gate::files::OneWithFile;
use clinicos_gate::{Cx, Input, Operation, OrNotFound as _, OrProblem as _};

use super::content::{DocumentContent, text_of};
use super::{RESOURCE, rows};

/// Gets a document's bytes.
pub struct GetContent;

impl Operation for GetContent {
    const SPEC: Spec = Spec {
        id: "documents.get_content",
        route: Route::get("/v1/documents/{document_id}/content"),
        summary: "Get the content of a document",
        description: "Not found while `has_content` is `false`, and for a document that was deleted.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reply: Reply::one(DocumentContent::SCHEMA),
        problems: &[&problem::NOT_FOUND, &problem::CONTENT_LOST],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = OneWithFile<DocumentContent<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let (clinic, id) = (cx.clinic_id()?, input.id("document_id")?);
        let document = rows::get(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
        let kept = rows::find(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
        let file = kept.file().or_problem()?;
        let record = DocumentContent {
            id,
            clinic_id: clinic,
            client_id: document.client_id,
            patient_id: document.patient_id,
            mime: document.mime,
            bytes: document.bytes.unwrap_or_default(),
            sha256: kept.sha256.into(),
            content: kept.bytes.map(|bytes| text_of(&bytes)).unwrap_or_default().into(),
            version: document.version,
        };
        Ok(OneWithFile { record, file, fill: |record, bytes| record.content = text_of(bytes).into() })
    }
}
