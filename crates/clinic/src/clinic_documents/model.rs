//! The document: a file of the clinic, and what is known about it.

use std::borrow::Cow;

use clinicos_contract::time::Date;
use clinicos_contract::{AnyId, Category, Field, FieldError, Problem, Resource, Sensitivity};
use clinicos_gate::{Announcement, Cx, OrProblem as _, conflict};

use super::content::Sent;
use super::parts::{DocumentFileKind, DocumentStatus};
use super::{rows, sample};
use crate::ids::{ClientId, DocumentId, DocumentKind, PatientId, VisitId};
use crate::plain::{Moment, Plain, check_step};
use crate::sums::{Described, Sums};
use crate::{plain_record, word_column};

/// Most bytes that a document says to have: a tebibyte, for what is kept elsewhere.
const BYTES_MAX: i64 = 1 << 40;

const CLINICAL: Field = Field::of(Category::Clinical);

word_column! { Sensitivity }

plain_record! {
    /// A file of the clinic, and what is known about it.
    pub struct Document<'a>: DocumentKind, "document" in "documents";
    words "a document", "documents";
    index "client_id" "patient_id" "visit_id";
    {
        /// What it is.
        kind: DocumentFileKind = CLINICAL.required().updatable().equal(),
        /// What people call it.
        title: Cow<'a, str> = CLINICAL.required().updatable().filled().max(300),
        /// Its media type, such as `application/pdf`.
        mime: Cow<'a, str> = CLINICAL.required().updatable().filled().max(127).equal(),
        /// How many bytes it has; follows from its content once that is here.
        bytes: Option<i64> = CLINICAL.creatable().at_least(0),
        /// The SHA-256 of its bytes: 64 hexadecimal digits, in small letters.
        sha256: Option<Cow<'a, str>> = CLINICAL.creatable().max(64).equal(),
        /// Whether its bytes are here, at `/v1/documents/{document_id}/content`.
        has_content: bool = CLINICAL.equal(),
        /// Where it stands.
        status: DocumentStatus = CLINICAL.writable().fallback("\"pending_review\"").equal(),
        /// How much harm it could do in the wrong hands. What is `internal` is not shared.
        sensitivity: Sensitivity = CLINICAL.writable().fallback("\"clinical\"").equal(),
        /// Until when it must be kept. Until then it cannot be deleted.
        retention_until: Option<Date> = CLINICAL.writable().range(),
        /// The client that it is about.
        client_id: Option<ClientId> = CLINICAL.writable().equal(),
        /// The patient that it is about.
        patient_id: Option<PatientId> = CLINICAL.writable().equal(),
        /// The visit that it is about.
        visit_id: Option<VisitId> = CLINICAL.writable().equal(),
        /// The document that takes its place. Only for `superseded`.
        superseded_by_id: Option<DocumentId> = CLINICAL.writable().equal(),
    }
}

impl Document<'_> {
    /// The client and the patient whose it is.
    pub fn subjects(&self) -> Vec<AnyId> {
        [self.client_id.map(ClientId::any), self.patient_id.map(PatientId::any)].into_iter().flatten().collect()
    }
}

impl Plain for Document<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const CREATE_DOC: &'static str = "Says what a file is. Its bytes come by `POST /v1/documents/{document_id}/content`; `bytes` and `sha256` may say before what they must be.";
    const UPDATE_DOC: &'static str = "`redacted` takes the content away for good.";
    const DELETE_DOC: &'static str = "Its content goes, too. One that must be kept (`retention_until`) is not deleted.";

    fn settle(&mut self, before: Option<&Self>, _moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
        }
        check_mime(&self.mime)?;
        if self.status == DocumentStatus::Redacted {
            self.has_content = false;
        }
        if let Some(sha256) = &self.sha256 {
            check_sha256(sha256)?;
        }
        if self.bytes.is_some_and(|bytes| bytes > BYTES_MAX) {
            return Err(Problem::rule("/bytes", "range", format!("must be at most {BYTES_MAX}")));
        }
        if self.status == DocumentStatus::Shared && self.sensitivity == Sensitivity::Internal {
            return Err(Problem::rule("/sensitivity", "internal", "what is internal is not shared"));
        }
        match self.superseded_by_id {
            Some(_) if self.status != DocumentStatus::Superseded => {
                Err(Problem::rule("/superseded_by_id", "superseded", "is only for the status `superseded`"))
            }
            Some(other) if other == self.id => Err(Problem::rule("/superseded_by_id", "range", "must be another document")),
            _ => Ok(()),
        }
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("kind", self.kind.name()).with("status", self.status.name())
    }

    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let today = cx.today()?;
        if after.deleted_at.is_some() {
            if let Some(day) = after.retention_until.filter(|day| *day >= today) {
                return Err(conflict(format!("the document must be kept until {day}")));
            }
            after.has_content = false;
        }
        if before.is_some_and(|before| before.has_content) && !after.has_content {
            let gone = rows::find(cx.conn(), after.clinic_id, after.id).await.or_problem()?;
            rows::remove(cx.conn(), after.clinic_id, after.id).await.or_problem()?;
            let file = gone.map_or(Ok(None), |gone| gone.file()).or_problem()?;
            file.into_iter().for_each(|file| cx.drop_file(file));
        }
        Ok(())
    }

    fn weigh(&self, sums: &mut Sums) -> Vec<FieldError> {
        let sha256 = self.sha256.as_deref().map(str::to_owned);
        sums.describes(self.id.any(), Described::new(self.bytes, sha256, self.has_content));
        Vec::new()
    }
}

impl Document<'static> {
    /// Takes bytes as its own. What it said of them before must be true: another content is another document.
    pub fn take(&mut self, content: &Sent) -> Result<(), Problem> {
        if self.status == DocumentStatus::Redacted {
            return Err(conflict("the document was redacted and takes no content"));
        }
        if self.sha256.as_deref().is_some_and(|sha256| sha256 != content.sha256) {
            return Err(Problem::rule("/content", "other_content", "its SHA-256 is not the `sha256` of the document"));
        }
        let bytes = i64::try_from(content.bytes.len()).unwrap_or(i64::MAX);
        if self.bytes.is_some_and(|expected| expected != bytes) {
            return Err(Problem::rule("/content", "other_content", "it has not as many bytes as the document says"));
        }
        (self.bytes, self.sha256, self.has_content) = (Some(bytes), Some(content.sha256.clone().into()), true);
        Ok(())
    }
}

/// A media type has a type and a subtype (RFC 6838, section 4.2), and here no parameters.
fn check_mime(mime: &str) -> Result<(), Problem> {
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    if mime.split_once('/').is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype)) {
        return Ok(());
    }
    Err(Problem::rule("/mime", "format", "must be a media type without parameters, such as `application/pdf`"))
}

fn check_sha256(text: &str) -> Result<(), Problem> {
    if text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(());
    }
    Err(Problem::rule("/sha256", "format", "must be 64 hexadecimal digits in small letters"))
}
