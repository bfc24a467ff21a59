//! The imaging study: the images of one examination, and what they show.

use std::borrow::Cow;

use clinicos_contract::{Category, Field, Problem, Resource, Timestamp};
use clinicos_gate::{Announcement, Cx};

use super::parts::Modality;
use super::sample;
use crate::ids::{ImagingStudyKind, PatientId, ProductId, StaffId, VisitId};
use crate::plain::{Moment, Plain};
use crate::{chart, plain_record, refusals};

/// More images than any study has.
const IMAGES_MAX: i64 = 100_000;

const IMAGES: Field = Field::of(Category::Diagnostics);

plain_record! {
    /// The images of one examination, and what they show.
    pub struct ImagingStudy<'a>: ImagingStudyKind, "imaging_study" in "imaging_studies";
    words "an imaging study", "imaging studies";
    index "patient_id" "visit_id" "dicom_uid" "performed_at";
    {
        /// Who is on the images. A study of the wrong patient is deleted.
        patient_id: PatientId = IMAGES.required().equal(),
        /// The visit on which they were made, if on one.
        visit_id: Option<VisitId> = IMAGES.leads_to(Category::Clinical).writable().equal(),
        /// What is charged for it.
        product_id: Option<ProductId> = IMAGES.writable().equal(),
        /// How the images were made.
        modality: Modality = IMAGES.required().updatable().equal(),
        /// What of the body is on them.
        region: Option<Cow<'a, str>> = IMAGES.writable().max(120),
        /// When they were made.
        performed_at: Timestamp = IMAGES.required().updatable().range().sortable(),
        /// Who made them.
        performed_by_id: Option<StaffId> = IMAGES.writable().equal(),
        /// The study's unique identifier (DICOM tag 0020,000D): numbers and points, at most 64 characters.
        dicom_uid: Option<Cow<'a, str>> = IMAGES.writable().max(64).equal(),
        /// How many images there are.
        image_count: Option<i64> = IMAGES.writable().at_least(0),
        /// What the images show.
        report: Option<Cow<'a, str>> = IMAGES.writable().max(20_000),
        /// Who wrote the report; goes together with it.
        reported_by_id: Option<StaffId> = IMAGES.writable().equal(),
        /// When; filled in with the report, and goes together with it.
        reported_at: Option<Timestamp> = IMAGES.writable().range(),
    }
}

impl Plain for ImagingStudy<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if self.dicom_uid.as_ref().is_some_and(|uid| !is_uid(uid)) {
            return Err(Problem::rule("/dicom_uid", "dicom_uid", "must be numbers with points between them"));
        }
        refusals::check_int("/image_count", self.image_count, 0, IMAGES_MAX)?;
        if self.report.is_some() {
            self.reported_at.get_or_insert(self.performed_at.max(moment.now));
        } else if before.is_some_and(|before| before.report.is_some() && before.reported_at == self.reported_at) {
            self.reported_at = None;
        }
        let wrong = |pointer: &str| Err(Problem::rule(pointer, "report", "goes together with `report`"));
        if self.report.is_none() && self.reported_at.is_some() {
            return wrong("/reported_at");
        }
        if self.report.is_none() && self.reported_by_id.is_some() {
            return wrong("/reported_by_id");
        }
        chart::check_past("performed_at", Some(self.performed_at), moment)?;
        chart::check_past("reported_at", self.reported_at, moment)?;
        refusals::check_order("/reported_at", Some(self.performed_at), self.reported_at, "performed_at")
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("patient_id", self.patient_id)
    }

    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let clinic = cx.clinic()?;
        let entry = |study: &Self| chart::Entry {
            patient: study.patient_id,
            visit: study.visit_id,
            day: Some(("performed_at", study.performed_at.day_in(&clinic.zone))),
            after_death: false,
        };
        chart::check(cx, before.map(entry), entry(after)).await
    }
}

/// Whether a text is a unique identifier: DICOM PS3.5, section 9.1. A part has no zero in front.
fn is_uid(text: &str) -> bool {
    let is_part =
        |part: &str| part.bytes().all(|b| b.is_ascii_digit()) && (part == "0" || !part.starts_with('0')) && !part.is_empty();
    text.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::is_uid;

    #[test]
    fn a_dicom_identifier_is_numbers_and_points() {
        assert!(is_uid("1.2.840.10008.0.5"));
        for wrong in ["", ".", "1.", "1..2", "1.02", "1.2a", " 1.2"] {
            assert!(!is_uid(wrong), "{wrong}");
        }
    }
}
