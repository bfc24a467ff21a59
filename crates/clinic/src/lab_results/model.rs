//! The laboratory result: what a laboratory found.
//!
//! Values that were final stay, or are corrected for all to see.

use std::borrow::Cow;

use clinicos_contract::event::EventType;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource, Timestamp};
use clinicos_gate::{Announcement, Cx, OrProblem as _};

use super::parts::{Analytes, LabResultStatus};
use super::{events, sample};
use crate::documents::DiagnosticCodes;
use crate::ids::{LabOrderId, LabResultKind, PatientId, StaffId, VisitId};
use crate::plain::{Declared as _, Moment, Plain, check_step};
use crate::{chart, lab_orders, plain_record, refusals};

/// Most values of a result.
const ANALYTES_MAX: u32 = 200;
/// What stays as it was when the result was final.
const FINAL_FIELDS: &[&str] = &["panel", "panel_codes", "analytes", "reported_at"];

const LAB: Field = Field::of(Category::Diagnostics);

plain_record! {
    /// What a laboratory found.
    pub struct LabResult<'a>: LabResultKind, "lab_result" in "lab_results";
    words "a laboratory result", "laboratory results";
    index "patient_id" "visit_id" "lab_order_id" "reported_at";
    worklist "status";
    {
        /// Whose specimen it was. A result of the wrong patient is deleted.
        patient_id: PatientId = LAB.required().equal(),
        /// The visit that it belongs to, if to one; that of the order unless given.
        visit_id: Option<VisitId> = LAB.leads_to(Category::Clinical).writable().equal(),
        /// What the laboratory was asked for, if that is known.
        lab_order_id: Option<LabOrderId> = LAB.writable().equal(),
        /// Where it stands. A final result can be corrected, and nothing else.
        status: LabResultStatus = LAB.writable().fallback("\"final\"").equal(),
        /// What was examined.
        panel: Cow<'a, str> = LAB.required().updatable().filled().max(200),
        /// The same in coding systems, such as LOINC; at most 20.
        panel_codes: Doc<'a, DiagnosticCodes> = LAB.writable().max(20),
        /// The values; at most 200. A change replaces the list.
        analytes: Doc<'a, Analytes> = LAB.writable().max(ANALYTES_MAX),
        /// What it means, in words.
        interpretation: Option<Cow<'a, str>> = LAB.writable().max(10_000),
        /// When the laboratory reported it.
        reported_at: Timestamp = LAB.required().updatable().range().sortable(),
        /// Who at the clinic has looked at it.
        reviewed_by_id: Option<StaffId> = LAB.writable().equal(),
        /// When; filled in with `reviewed_by_id`, and goes together with it.
        reviewed_at: Option<Timestamp> = LAB.writable().range(),
    }
}

impl Plain for LabResult<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str = "Of a `final` result `panel`, `panel_codes`, `analytes` and `reported_at` stay as they are, unless the \
         same change sets the status `corrected`; a corrected one can be corrected again.";
    const DELETE_DOC: &'static str = "For a result recorded by mistake. The order stays as it is.";
    const CREATE_VERBS: &'static [&'static EventType] = &[Self::CREATED, &events::FINAL];
    const VERBS: &'static [&'static EventType] = &[Self::UPDATED, &events::FINAL];

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
            self.check_final(before)?;
        }
        let analytes = self.analytes.value().unwrap_or_default().0;
        let is_complete = matches!(self.status, LabResultStatus::Final | LabResultStatus::Corrected);
        if is_complete && analytes.is_empty() && self.interpretation.is_none() {
            return Err(Problem::rule("/analytes", "empty", "a result that is complete has values or an interpretation"));
        }
        for (at, analyte) in analytes.iter().enumerate() {
            analyte.check(at)?;
        }
        self.settle_review(before, moment);
        if self.reviewed_at.is_some() && self.reviewed_by_id.is_none() {
            return Err(Problem::rule("/reviewed_at", "reviewed_by_id", "goes together with `reviewed_by_id`"));
        }
        chart::check_past("reported_at", Some(self.reported_at), moment)?;
        chart::check_past("reviewed_at", self.reviewed_at, moment)?;
        refusals::check_order("/reviewed_at", Some(self.reported_at), self.reviewed_at, "reported_at")
    }

    fn birth(&self) -> Option<&'static EventType> {
        (self.status == LabResultStatus::Final).then_some(&events::FINAL)
    }

    fn verb(&self, before: &Self) -> Option<&'static EventType> {
        (self.status != before.status).then(|| self.birth()).flatten()
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        let announcement = announcement.with("status", self.status.name()).with("patient_id", self.patient_id);
        match self.lab_order_id {
            Some(order) => announcement.with("lab_order_id", order),
            None => announcement,
        }
    }

    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        if let Some(id) = after.lab_order_id
            && before.is_none_or(|before| before.lab_order_id != after.lab_order_id)
        {
            let order = lab_orders::rows::ordered_for(cx.conn(), after.clinic_id, id).await.or_problem()?;
            if order.is_some_and(|(patient, _)| patient != after.patient_id) {
                return Err(Problem::rule("/lab_order_id", "other_patient", "must be an order for the same patient"));
            }
            if before.is_none() {
                after.visit_id = after.visit_id.or(order.and_then(|(_, visit)| visit));
            }
        }
        let clinic = cx.clinic()?;
        let entry = |result: &Self| chart::Entry {
            patient: result.patient_id,
            visit: result.visit_id,
            day: Some(("reported_at", result.reported_at.day_in(&clinic.zone))),
            after_death: true,
        };
        chart::check(cx, before.map(entry), entry(after)).await
    }
}

impl LabResult<'static> {
    fn check_final(&self, before: &Self) -> Result<(), Problem> {
        let stays = self.status == before.status && matches!(self.status, LabResultStatus::Final | LabResultStatus::Cancelled);
        let changes = self.differences(before);
        match FINAL_FIELDS.iter().find(|field| changes.has(field)) {
            Some(field) if stays => {
                let detail =
                    format!("stays as it is in a `{}` result; set the status `corrected` if it was final", self.status.name());
                Err(Problem::rule(format!("/{field}"), "final", detail))
            }
            _ => Ok(()),
        }
    }

    fn settle_review(&mut self, before: Option<&Self>, moment: &Moment<'_>) {
        if self.reviewed_by_id.is_some() {
            // A laboratory's clock may be a little ahead.
            self.reviewed_at.get_or_insert(self.reported_at.max(moment.now));
        }
        if self.reviewed_by_id.is_none() && before.is_some_and(|before| before.reviewed_at == self.reviewed_at) {
            self.reviewed_at = None;
        }
    }
}
