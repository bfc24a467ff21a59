//! Documents, and what stands in some of them.

use std::borrow::Cow;

use clinicos_clinic::clinic_documents::model::Document;
use clinicos_clinic::clinic_documents::parts::{DocumentFileKind, DocumentStatus};
use clinicos_clinic::clinic_documents::standing::KeptContent;
use clinicos_clinic::ids::DocumentId;
use clinicos_contract::wire::IntoStatic as _;
use clinicos_contract::{Sensitivity, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::calendar::date;
use crate::visit::Stay;
use crate::world::{World, no_external_ids};

/// How long documents are kept, in days.
const KEPT_DAYS: i32 = 7 * 365;

impl World {
    /// A consent that the owner signed.
    pub fn consent_form(&mut self, stay: &Stay, title: &str) -> DocumentId {
        let pet = self.pets[stay.pet].record.name.clone();
        let owner = &self.owners[self.pets[stay.pet].owner].record;
        let signed =
            format!("{} {}", owner.given_name.as_deref().unwrap_or_default(), owner.family_name.as_deref().unwrap_or_default());
        let text = format!(
            "{title}\n\nPatient: {pet}\nI understand the risks that were explained to me, and agree.\n\nSigned: {signed}\n"
        );
        let mut document = self.document(stay, DocumentFileKind::ConsentForm, title.to_owned(), stay.after(90));
        document.status = DocumentStatus::Filed;
        self.keep(document, &text)
    }

    /// What an owner takes home.
    pub fn discharge_paper(&mut self, stay: &Stay) {
        let plan = stay.soap.plan.clone().unwrap_or_default();
        let text = format!(
            "Discharge instructions for {}\n\n{plan}\n\nQuestions? Call {}.\n",
            self.pets[stay.pet].record.name, self.name
        );
        let mut document = self.document(stay, DocumentFileKind::Discharge, "Discharge instructions".to_owned(), stay.leaves);
        document.status = if self.dice.chance(500) { DocumentStatus::Shared } else { DocumentStatus::Filed };
        self.keep(document, &text);
    }

    /// The certificate of a vaccination. Some are written twice.
    pub fn certificate(&mut self, stay: &Stay, at: Timestamp) {
        let title = "Rabies certificate";
        let mut document = self.document(stay, DocumentFileKind::Certificate, title.to_owned(), at.plus_seconds(60));
        document.status = DocumentStatus::Filed;
        if self.dice.chance(15) {
            let again = self.document(stay, DocumentFileKind::Certificate, format!("{title} (corrected)"), at.plus_seconds(240));
            let again = Document { status: DocumentStatus::Filed, ..again };
            document.status = DocumentStatus::Superseded;
            document.superseded_by_id = Some(again.id);
            (document.updated_at, document.version) = (again.created_at, 2);
            self.shelf.put(&again);
        }
        self.shelf.put(&document);
    }

    /// What came by mail and fax on a day: nobody has looked at the newest, and some was redacted.
    pub fn paper_mail(&mut self, pet: usize, at: Timestamp) {
        let is_new = self.calendar.last - self.calendar.day(at) < 4;
        let kind = self.dice.one(&[
            DocumentFileKind::Other,
            DocumentFileKind::InsuranceClaim,
            DocumentFileKind::LabReport,
            DocumentFileKind::Image,
        ]);
        let mut document = self.document_of(pet, None, kind, "Records from another practice".to_owned(), at);
        document.status = match self.dice.below(100) {
            _ if is_new => DocumentStatus::PendingReview,
            0..3 => DocumentStatus::Redacted,
            _ => DocumentStatus::Filed,
        };
        if document.status != DocumentStatus::PendingReview {
            (document.updated_at, document.version) = (at.plus_seconds(7_200).min(self.now), 2);
        }
        self.shelf.put(&document);
    }

    /// The report on a referred animal.
    pub fn letter(&mut self, pet: usize, title: &str, at: Timestamp) -> DocumentId {
        let mut document = self.document_of(pet, None, DocumentFileKind::ReferralLetter, title.to_owned(), at);
        document.status = DocumentStatus::Filed;
        let text = format!(
            "{title}\n\nPatient: {}\nThank you for sending this patient. Findings and plan are below.\n",
            self.pets[pet].record.name
        );
        self.keep(document, &text)
    }

    fn keep(&mut self, mut document: Document<'static>, text: &str) -> DocumentId {
        let sha256: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        document.bytes = i64::try_from(text.len()).ok();
        document.sha256 = Some(Cow::Owned(sha256));
        document.has_content = true;
        document.mime = Cow::Borrowed("text/plain");
        let (id, created_at) = (document.id, document.created_at);
        self.shelf.put(&document);
        let content = KeptContent { id, clinic_id: self.clinic, content: text.as_bytes().into(), created_at, version: 1 };
        self.shelf.put(&content.into_static());
        id
    }

    fn document(&mut self, stay: &Stay, kind: DocumentFileKind, title: String, at: Timestamp) -> Document<'static> {
        self.document_of(stay.pet, Some(stay), kind, title, at)
    }

    fn document_of(
        &mut self,
        pet: usize,
        stay: Option<&Stay>,
        kind: DocumentFileKind,
        title: String,
        at: Timestamp,
    ) -> Document<'static> {
        let owner = self.pets[pet].owner;
        Document {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            kind,
            title: Cow::Owned(title),
            mime: Cow::Borrowed("application/pdf"),
            bytes: None,
            sha256: None,
            has_content: false,
            status: DocumentStatus::PendingReview,
            sensitivity: Sensitivity::Clinical,
            retention_until: Some(date(self.calendar.day(at) + KEPT_DAYS)),
            client_id: Some(self.owners[owner].record.id),
            patient_id: Some(self.pets[pet].record.id),
            visit_id: stay.map(|stay| stay.visit),
            superseded_by_id: None,
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: at,
            version: 1,
            deleted_at: None,
        }
    }
}
