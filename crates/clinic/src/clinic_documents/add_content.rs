//! `POST /v1/documents/{document_id}/content`

use clinicos_contract::{Body, Problem, RateClass, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::files::NewFile;
use clinicos_gate::{ClinicId, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _, Services};

use futures_util::future::BoxFuture;

use super::content::{BODY, CONTENT_TEXT_MAX, NewContent};
use super::model::Document;
use super::{RESOURCE, rows, sample};
use crate::plain::{Declared as _, update};
use crate::refusals;

/// Gives a document its bytes.
pub struct AddContent;

impl Operation for AddContent {
    const SPEC: Spec = Spec {
        id: "documents.add_content",
        route: Route::post("/v1/documents/{document_id}/content"),
        summary: "Add the content of a document",
        description: "At most 10 MiB. Where the document says its `sha256` or `bytes`, the content must be that. Content stays: \
                      another one is another document.",
        resource: &RESOURCE,
        rate: RateClass::Write,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        body_bytes_max: CONTENT_TEXT_MAX + (64 << 10),
        reply: Reply::one(Document::SCHEMA),
        idempotent: true,
        heeds_if_match: true,
        emits: &[Document::UPDATED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE, &problem::RULE_BROKEN],
        example: sample::ADD_CONTENT,
        ..Spec::DEFAULT
    };
    type Body = NewContent;
    type Output = One<Document<'static>>;

    fn check(_services: &Services, body: &NewContent) -> Result<(), Problem> {
        body.sent().map(drop)
    }

    fn files(body: &NewContent, clinic: ClinicId) -> Vec<NewFile> {
        body.sent().ok().and_then(|sent| sent.file(clinic)).into_iter().collect()
    }

    async fn run(cx: &mut Cx<'_>, input: Input<NewContent>) -> Result<Self::Output, Problem> {
        let (clinic, id) = (cx.clinic_id()?, input.id("document_id")?);
        let before = rows::lock(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
        input.check_version(before.version)?;
        refusals::check_not_deleted(before.deleted_at)?;
        let sent = input.body.sent()?;
        let mut after = before.clone();
        after.take(sent)?;
        if !before.has_content {
            let now = cx.now();
            rows::insert(cx.conn(), clinic, id, &sent.sha256, now).await.or_problem()?;
        }
        save(cx, &before, after).await.map(One)
    }
}

fn save<'c>(
    cx: &'c mut Cx<'_>,
    before: &'c Document<'static>,
    after: Document<'static>,
) -> BoxFuture<'c, Result<Document<'static>, Problem>> {
    Box::pin(update::save(cx, before, after))
}
