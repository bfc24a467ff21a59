//! Vitals, diagnoses and treatments.

use std::borrow::Cow;

use clinicos_clinic::diagnoses::model::Diagnosis;
use clinicos_clinic::diagnoses::parts::{Certainty, DiagnosisSeverity, DiagnosisStatus, Laterality};
use clinicos_clinic::documents::{ClinicalCode, ClinicalCodes};
use clinicos_clinic::ids::ConsentId;
use clinicos_clinic::treatments::model::Treatment;
use clinicos_clinic::treatments::parts::{DeclinedReason, TreatmentKind, TreatmentStatus};
use clinicos_clinic::vitals::model::Vitals;
use clinicos_clinic::vitals::parts::{BloodPressure, MembraneColor, Mentation, MuscleCondition, PainScale, PressureMethod};
use clinicos_contract::wire::Doc;

use crate::calendar::date;
use crate::pets::kilograms;
use crate::stock::decimal;
use crate::tables::animals::ANIMALS;
use crate::tables::catalog::{ITEMS, place};
use crate::tables::complaints::Complaint;
use crate::visit::Stay;
use crate::world::{World, no_external_ids};

/// The coding system of diagnoses.
const SNOMED: &str = "http://snomed.info/sct";

impl World {
    /// What is measured at the beginning of a visit; a sick animal has more that is not usual.
    pub fn vitals(&mut self, stay: &Stay, is_sick: bool) {
        let at = stay.after(300);
        let kind = &ANIMALS[self.pets[stay.pet].animal];
        let weight = kilograms(self.weight_on(stay.pet, stay.day));
        let fever = if is_sick && self.dice.chance(180) { self.dice.between(50, 150) } else { 0 };
        let temperature = self.dice.between(kind.temperature.0, kind.temperature.1) + fever;
        let faster = if is_sick { self.dice.between(0, 20) } else { 0 };
        let pain = if is_sick { self.dice.one(&[0, 1, 1, 2, 3]) } else { 0 };
        let pressure = if self.dice.chance(150) { Some(self.pressure()) } else { None };
        let helper = self.helper();
        self.pets[stay.pet].record.weight_kg = Some(weight.clone());
        let record = Vitals {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            patient_id: self.pets[stay.pet].record.id,
            visit_id: Some(stay.visit),
            taken_at: at,
            taken_by_id: Some(helper),
            weight_kg: Some(weight),
            temp_c: Some(decimal(temperature / 10 * 10)),
            heart_rate: Some(self.dice.between(kind.heart.0, kind.heart.1) + faster),
            resp_rate: Some(self.dice.between(kind.breath.0, kind.breath.1) + faster / 3),
            mm_color: Some(if is_sick && self.dice.chance(80) { MembraneColor::Pale } else { MembraneColor::Pink }),
            crt_s: Some(decimal(self.dice.one(&[100, 150, 150, 200]))),
            bcs: Some(self.dice.one(&[4, 5, 5, 5, 6, 6, 7, 8])),
            mcs: Some(self.dice.one(&[
                MuscleCondition::Normal,
                MuscleCondition::Normal,
                MuscleCondition::Normal,
                MuscleCondition::Mild,
            ])),
            pain_score: Some(pain),
            pain_scale: Some(PainScale::Csu),
            bp: pressure.map(|pressure| Doc::of(&pressure)),
            spo2: None,
            hydration_pct: if is_sick && self.dice.chance(200) { Some(decimal(self.dice.between(3, 8) * 100)) } else { None },
            mentation: Some(if is_sick { self.dice.one(&[Mentation::Bright, Mentation::Quiet]) } else { Mentation::Bright }),
            notes: None,
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: at,
            version: 1,
            deleted_at: None,
        };
        self.shelf.put(&record);
    }

    fn pressure(&mut self) -> BloodPressure {
        let sys = self.dice.between(110, 165);
        let dia = sys - self.dice.between(35, 60);
        BloodPressure { sys, dia: Some(dia), map: Some(dia + (sys - dia) / 3), method: Some(PressureMethod::Oscillometric) }
    }

    /// What an animal has.
    pub fn diagnose(&mut self, stay: &Stay, complaint: &Complaint, mild: bool) {
        let at = stay.after(1_200);
        let over = stay.day + self.dice.days(5, 30);
        let lives = self.pets[stay.pet].end.0 > over && over <= self.calendar.last;
        let status = match complaint.chronic {
            true => DiagnosisStatus::Chronic,
            false if lives && self.dice.chance(750) => DiagnosisStatus::Resolved,
            false => DiagnosisStatus::Active,
        };
        let is_over = status == DiagnosisStatus::Resolved;
        let code = ClinicalCode {
            system: SNOMED.to_owned(),
            code: complaint.snomed.to_owned(),
            display: Some(complaint.name.to_owned()),
        };
        let severity = match (mild, self.dice.below(10)) {
            (true, _) | (false, 0..5) => DiagnosisSeverity::Mild,
            (false, 5..9) => DiagnosisSeverity::Moderate,
            _ => DiagnosisSeverity::Severe,
        };
        let onset = stay.day - self.dice.days(0, 6);
        let record = Diagnosis {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            patient_id: self.pets[stay.pet].record.id,
            visit_id: Some(stay.visit),
            text: Cow::Borrowed(complaint.name),
            codes: Doc::of(&ClinicalCodes(if complaint.snomed.is_empty() { Vec::new() } else { vec![code] })),
            certainty: self.dice.one(&[
                Certainty::Presumptive,
                Certainty::Presumptive,
                Certainty::Confirmed,
                Certainty::Confirmed,
                Certainty::Differential,
                Certainty::RuledOut,
            ]),
            status,
            diagnosed_on: date(stay.day),
            diagnosed_by_id: Some(stay.doctor),
            onset: Some(date(onset.max(self.pets[stay.pet].born))),
            resolved_on: is_over.then(|| date(over)),
            laterality: complaint.found.contains("Both").then_some(Laterality::Bilateral),
            severity: Some(severity),
            notes: None,
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: if is_over { self.calendar.at(over, 17 * 60) } else { at },
            version: if is_over { 2 } else { 1 },
            deleted_at: None,
        };
        self.shelf.put(&record);
    }

    /// Something that is done, so many seconds after check-in.
    pub fn treat(&mut self, stay: &Stay, item: &str, kind: TreatmentKind, seconds: i64) {
        self.treat_with(stay, item, kind, seconds, None);
    }

    /// The same, with a consent.
    pub fn treat_with(&mut self, stay: &Stay, item: &str, kind: TreatmentKind, seconds: i64, consent: Option<ConsentId>) {
        let (ordered, performed) = (stay.after(seconds - 120), stay.after(seconds));
        let asa = (kind == TreatmentKind::Anesthesia).then(|| self.dice.one(&[1, 1, 2, 2, 2, 3]));
        let mut record = self.treatment(stay, item, kind, ordered);
        record.status = TreatmentStatus::Completed;
        record.performed_at = Some(performed);
        record.performed_by_id = Some(stay.doctor);
        record.asa = asa;
        record.consent_id = consent;
        record.updated_at = performed;
        record.version = 2;
        self.shelf.put(&record);
    }

    /// Something that the client did not want.
    pub fn decline(&mut self, stay: &Stay, item: &str, reason: DeclinedReason) {
        let ordered = stay.after(600);
        let mut record = self.treatment(stay, item, TreatmentKind::Other, ordered);
        record.status = TreatmentStatus::Declined;
        record.declined_reason = Some(reason);
        self.shelf.put(&record);
    }

    fn treatment(
        &mut self,
        stay: &Stay,
        item: &str,
        kind: TreatmentKind,
        ordered: clinicos_contract::Timestamp,
    ) -> Treatment<'static> {
        let item = place(item);
        Treatment {
            id: self.dice.id(ordered),
            clinic_id: self.clinic,
            patient_id: self.pets[stay.pet].record.id,
            visit_id: Some(stay.visit),
            product_id: Some(self.goods[item].id),
            description: Cow::Borrowed(ITEMS[item].name),
            kind,
            status: TreatmentStatus::Ordered,
            ordered_at: ordered,
            ordered_by_id: Some(stay.doctor),
            scheduled_at: None,
            performed_at: None,
            performed_by_id: None,
            asa: None,
            asa_emergency: false,
            consent_id: None,
            declined_reason: None,
            outcome: None,
            external_ids: no_external_ids(),
            created_at: ordered,
            updated_at: ordered,
            version: 1,
            deleted_at: None,
        }
    }
}
