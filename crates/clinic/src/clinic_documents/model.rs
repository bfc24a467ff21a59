//! The document: a file of the clinic, and what is known about it.

use std::borrow::Cow;

use clinicos_contract::time::Date;
use clinicos_contract::{Category, Field, Problem, Resource, Sensitivity};
use clinicos_gate::{Announcement, Cx, conflict};

use super::parts::{DocumentFileKind, DocumentStatus};
use super::sample;
use crate::ids::{ClientId, DocumentId, DocumentKind, PatientId, VisitId};
use crate::plain::{Moment, Plain, check_step};
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
        /// How many bytes it has.
        bytes: Option<i64> = CLINICAL.writable().at_least(0),
        /// The SHA-256 of its bytes: 64 hexadecimal digits, in small letters.
        sha256: Option<Cow<'a, str>> = CLINICAL.writable().max(64).equal(),
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

impl Plain for Document<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const DELETE_DOC: &'static str = "One that must be kept (`retention_until`) is not deleted.";

    fn settle(&mut self, before: Option<&Self>, _moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
        }
        check_mime(&self.mime)?;
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

    async fn effect(cx: &mut Cx<'_>, _before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let today = cx.today()?;
        match after.retention_until.filter(|day| after.deleted_at.is_some() && *day >= today) {
            Some(day) => Err(conflict(format!("the document must be kept until {day}"))),
            None => Ok(()),
        }
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
