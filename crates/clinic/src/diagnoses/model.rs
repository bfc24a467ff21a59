//! The diagnosis: what a patient has, or may have.

use std::borrow::Cow;

use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource};
use clinicos_gate::{Announcement, Cx};

use super::parts::{Certainty, DiagnosisSeverity, DiagnosisStatus, Laterality};
use super::sample;
use crate::documents::ClinicalCodes;
use crate::ids::{DiagnosisKind, PatientId, StaffId, VisitId};
use crate::plain::{Moment, Plain, check_step};
use crate::{chart, plain_record, refusals};

const CLINICAL: Field = Field::of(Category::Clinical);

plain_record! {
    /// What a patient has, or may have.
    pub struct Diagnosis<'a>: DiagnosisKind, "diagnosis" in "diagnoses";
    words "a diagnosis", "diagnoses";
    index "patient_id" "visit_id" "diagnosed_on";
    {
        /// Who has it. A diagnosis of the wrong patient is deleted.
        patient_id: PatientId = CLINICAL.required().equal(),
        /// The visit on which it was made, if on one.
        visit_id: Option<VisitId> = CLINICAL.writable().equal(),
        /// What it is called.
        text: Cow<'a, str> = CLINICAL.required().updatable().filled().max(500),
        /// The same in coding systems, such as SNOMED CT or VeNom; at most 20.
        codes: Doc<'a, ClinicalCodes> = CLINICAL.writable().max(20),
        /// How sure it is.
        certainty: Certainty = CLINICAL.writable().fallback("\"presumptive\"").equal(),
        /// How it goes on.
        status: DiagnosisStatus = CLINICAL.writable().fallback("\"active\"").equal(),
        /// When it was made, by the clinic's calendar.
        diagnosed_on: Date = CLINICAL.required().updatable().range().sortable(),
        /// Who made it.
        diagnosed_by_id: Option<StaffId> = CLINICAL.writable().equal(),
        /// When it began, as far as that is known.
        onset: Option<Date> = CLINICAL.writable().range(),
        /// When it was over; filled in with the status `resolved`, and goes together with it.
        resolved_on: Option<Date> = CLINICAL.writable().range(),
        /// On which side it is.
        laterality: Option<Laterality> = CLINICAL.writable(),
        /// How bad it is.
        severity: Option<DiagnosisSeverity> = CLINICAL.writable().equal(),
        /// What else there is to say.
        notes: Option<Cow<'a, str>> = CLINICAL.writable().max(4_000),
    }
}

impl Plain for Diagnosis<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str = "`status` and `certainty` go along allowed steps; a forbidden one is refused with those that are \
         allowed.";
    const DELETE_DOC: &'static str =
        "For a diagnosis made by mistake. One that turns out to be wrong is `ruled_out`, and one that is over `resolved`.";

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
            check_step("certainty", before.certainty, self.certainty, before.certainty.next())?;
        }
        self.settle_end(before, moment);
        if self.resolved_on.is_some() && self.status != DiagnosisStatus::Resolved {
            return Err(Problem::rule("/resolved_on", "not_resolved", "goes together with the status `resolved`"));
        }
        for (pointer, day) in
            [("/diagnosed_on", Some(self.diagnosed_on)), ("/onset", self.onset), ("/resolved_on", self.resolved_on)]
        {
            if day.is_some_and(|day| day > moment.today) {
                return Err(Problem::rule(pointer, "range", "must not be in the future"));
            }
        }
        refusals::check_order("/resolved_on", self.onset, self.resolved_on, "onset")
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("patient_id", self.patient_id)
    }

    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let entry = |diagnosis: &Self| chart::Entry {
            patient: diagnosis.patient_id,
            visit: diagnosis.visit_id,
            day: Some(match diagnosis.onset {
                Some(onset) if onset < diagnosis.diagnosed_on => ("onset", onset),
                _ => ("diagnosed_on", diagnosis.diagnosed_on),
            }),
            after_death: true,
        };
        chart::check(cx, before.map(entry), entry(after)).await
    }
}

impl Diagnosis<'static> {
    /// The day of the end follows the status: it is filled in with the step, and taken away by the
    /// step back.
    fn settle_end(&mut self, before: Option<&Self>, moment: &Moment<'_>) {
        let is_resolved = self.status == DiagnosisStatus::Resolved;
        let step = before.filter(|before| before.status != self.status);
        if is_resolved && step.is_some() && self.resolved_on.is_none() {
            self.resolved_on = Some(moment.today);
        }
        if !is_resolved && step.is_some_and(|before| before.resolved_on == self.resolved_on) {
            self.resolved_on = None;
        }
    }
}
