//! The treatment: what is done for a patient.

use std::borrow::Cow;

use clinicos_contract::{Category, Field, Problem, Resource, Timestamp};
use clinicos_gate::{Announcement, Cx};

use super::parts::{DeclinedReason, TreatmentKind, TreatmentStatus};
use super::sample;
use crate::ids::{self, ConsentId, PatientId, ProductId, StaffId, VisitId};
use crate::plain::{Moment, Plain, check_step};
use crate::{chart, plain_record, refusals};

const CLINICAL: Field = Field::of(Category::Clinical);

plain_record! {
    /// What is done for a patient, or was offered.
    pub struct Treatment<'a>: ids::TreatmentKind, "treatment" in "treatments";
    words "a treatment", "treatments";
    index "patient_id" "visit_id" "product_id" "ordered_at";
    {
        /// Whom it is for. A treatment of the wrong patient is deleted.
        patient_id: PatientId = CLINICAL.required().equal(),
        /// The visit on which it is done, if on one.
        visit_id: Option<VisitId> = CLINICAL.writable().equal(),
        /// What is charged for it.
        product_id: Option<ProductId> = CLINICAL.writable().equal(),
        /// What is done.
        description: Cow<'a, str> = CLINICAL.required().updatable().filled().max(500),
        /// What sort of treatment it is.
        kind: TreatmentKind = CLINICAL.required().updatable().equal(),
        /// Where it stands.
        status: TreatmentStatus = CLINICAL.writable().fallback("\"ordered\"").equal(),
        /// When it was ordered.
        ordered_at: Timestamp = CLINICAL.required().updatable().range().sortable(),
        /// Who ordered it.
        ordered_by_id: Option<StaffId> = CLINICAL.writable().equal(),
        /// For when it is planned; goes together with the status `scheduled`, and stays.
        scheduled_at: Option<Timestamp> = CLINICAL.writable().range(),
        /// When it was done; filled in when it is completed.
        performed_at: Option<Timestamp> = CLINICAL.writable().range(),
        /// Who did it.
        performed_by_id: Option<StaffId> = CLINICAL.writable().equal(),
        /// How fit the patient was for anesthesia: physical status of the American Society of
        /// Anesthesiologists, from 1 (healthy) to 5 (about to die).
        asa: Option<i64> = CLINICAL.writable().at_least(1),
        /// Whether it was an emergency: the `E` behind the physical status. Goes together with `asa`.
        asa_emergency: bool = CLINICAL.writable(),
        /// The consent that it was done with.
        consent_id: Option<ConsentId> = CLINICAL.leads_to(Category::Communications).writable().equal(),
        /// Why the client does not want it; goes together with the status `declined`.
        declined_reason: Option<DeclinedReason> = CLINICAL.writable().equal(),
        /// What came of it.
        outcome: Option<Cow<'a, str>> = CLINICAL.writable().max(4_000),
    }
}

impl Plain for Treatment<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str = "`status` goes along allowed steps; a forbidden one is refused with those that are allowed.";
    const DELETE_DOC: &'static str = "For a treatment recorded by mistake. One that is not done is `cancelled`, and one that the client does not want `declined`.";

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
        }
        self.settle_status(before, moment);
        let wrong = |pointer: &str, code, detail: &str| Err(Problem::rule(pointer, code, detail));
        if self.status == TreatmentStatus::Scheduled && self.scheduled_at.is_none() {
            return wrong("/scheduled_at", "required", "must be given for a `scheduled` treatment");
        }
        if self.performed_at.is_some() && matches!(self.status, TreatmentStatus::Ordered | TreatmentStatus::Scheduled) {
            return wrong("/performed_at", "not_begun", "must be null until it is done");
        }
        if (self.status == TreatmentStatus::Declined) != self.declined_reason.is_some() {
            return wrong("/declined_reason", "declined", "goes together with the status `declined`");
        }
        if self.asa_emergency && self.asa.is_none() {
            return wrong("/asa_emergency", "asa", "goes together with `asa`");
        }
        refusals::check_int("/asa", self.asa, 1, 5)?;
        chart::check_past("ordered_at", Some(self.ordered_at), moment)?;
        chart::check_past("performed_at", self.performed_at, moment)
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("status", self.status.name()).with("patient_id", self.patient_id)
    }

    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let clinic = cx.clinic()?;
        let entry = |treatment: &Self| chart::Entry {
            patient: treatment.patient_id,
            visit: treatment.visit_id,
            day: treatment.done().map(|(field, at)| (field, at.day_in(&clinic.zone))),
            after_death: treatment.kind == TreatmentKind::Other,
        };
        chart::check(cx, before.map(entry), entry(after)).await
    }
}

impl Treatment<'static> {
    /// When it was done, is planned or was ordered, and the field that says so; `None` if it is not done.
    fn done(&self) -> Option<(&'static str, Timestamp)> {
        match (self.performed_at, self.scheduled_at) {
            (Some(at), _) => Some(("performed_at", at)),
            _ if matches!(self.status, TreatmentStatus::Declined | TreatmentStatus::Cancelled) => None,
            (None, Some(at)) => Some(("scheduled_at", at)),
            (None, None) => Some(("ordered_at", self.ordered_at)),
        }
    }

    /// What a step of the status brings with it: a time, or the end of a reason.
    fn settle_status(&mut self, before: Option<&Self>, moment: &Moment<'_>) {
        let Some(before) = before.filter(|before| before.status != self.status) else { return };
        if self.status == TreatmentStatus::Completed && self.performed_at.is_none() {
            self.performed_at = Some(moment.now);
        }
        if before.status == TreatmentStatus::Declined && self.declined_reason == before.declined_reason {
            self.declined_reason = None;
        }
    }
}
