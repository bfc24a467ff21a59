//! Images, and what they show.

use std::borrow::Cow;

use clinicos_clinic::imaging_studies::model::ImagingStudy;
use clinicos_clinic::imaging_studies::parts::Modality;
use clinicos_clinic::treatments::parts::TreatmentKind;

use crate::bill::charge;
use crate::tables::catalog::place;
use crate::visit::Stay;
use crate::world::{World, no_external_ids};

/// The root of unique identifiers that are made from a number (DICOM PS3.5, annex B.2).
const UID_ROOT: &str = "2.25";

impl World {
    /// Images that a complaint asks for.
    pub fn take_images(&mut self, stay: &mut Stay, image: (&'static str, Modality, &'static str), about: &str) {
        let (item, modality, region) = image;
        stay.charges.push(charge(item, stay.pet));
        self.treat(stay, item, TreatmentKind::Imaging, 1_100);
        let report = match self.dice.chance(400) {
            true => "No abnormal findings.".to_owned(),
            false => format!("Findings fit: {}.", about.to_lowercase()),
        };
        self.study(stay, item, modality, region, Some(report));
    }

    /// Images of teeth, which come with a cleaning.
    pub fn take_dental_images(&mut self, stay: &Stay) {
        self.study(stay, "DENT", Modality::Dental, "full mouth", Some("Bone loss around some teeth; see chart.".to_owned()));
    }

    fn study(&mut self, stay: &Stay, item: &str, modality: Modality, region: &'static str, report: Option<String>) {
        let (at, reported) = (stay.after(1_100), stay.leaves);
        let record = ImagingStudy {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            patient_id: self.pets[stay.pet].record.id,
            visit_id: Some(stay.visit),
            product_id: Some(self.goods[place(item)].id),
            modality,
            region: Some(Cow::Borrowed(region)),
            performed_at: at,
            performed_by_id: Some(stay.doctor),
            dicom_uid: Some(Cow::Owned(format!("{UID_ROOT}.1{}", self.dice.digits(18)))),
            image_count: Some(self.dice.between(2, 14)),
            reported_by_id: report.is_some().then_some(stay.doctor),
            reported_at: report.is_some().then_some(reported),
            report: report.map(Cow::Owned),
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: reported,
            version: 2,
            deleted_at: None,
        };
        self.shelf.put(&record);
    }
}
