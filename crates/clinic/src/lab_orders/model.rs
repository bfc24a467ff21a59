//! The laboratory order: what a laboratory is asked for.

use std::borrow::Cow;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource, Timestamp};
use clinicos_gate::{Announcement, Cx};

use super::parts::{LabPlace, LabPriority, Specimen};
use super::sample;
use super::status::LabOrderStatus;
use crate::documents::DiagnosticCodes;
use crate::ids::{LabOrderKind, PatientId, ProductId, StaffId, VisitId};
use crate::plain::{Moment, Plain, check_step};
use crate::{chart, plain_record};

const LAB: Field = Field::of(Category::Diagnostics);

plain_record! {
    /// What a laboratory is asked for.
    pub struct LabOrder<'a>: LabOrderKind, "lab_order" in "lab_orders";
    words "a laboratory order", "laboratory orders";
    index "patient_id" "visit_id" "accession_no" "ordered_at";
    worklist "status";
    {
        /// Whose specimen it is. An order for the wrong patient is `cancelled`.
        patient_id: PatientId = LAB.required().equal(),
        /// The visit on which it was ordered, if on one.
        visit_id: Option<VisitId> = LAB.leads_to(Category::Clinical).writable().equal(),
        /// What is charged for it.
        product_id: Option<ProductId> = LAB.writable().equal(),
        /// Where it stands.
        status: LabOrderStatus = LAB.writable().fallback("\"ordered\"").equal(),
        /// Which laboratory does it.
        lab: LabPlace = LAB.required().updatable().equal(),
        /// The name of the laboratory.
        lab_name: Option<Cow<'a, str>> = LAB.writable().max(120).equal(),
        /// What is asked for.
        panel: Cow<'a, str> = LAB.required().updatable().filled().max(200),
        /// The same in coding systems, such as LOINC; at most 20.
        panel_codes: Doc<'a, DiagnosticCodes> = LAB.writable().max(20),
        /// What is examined.
        specimen: Option<Specimen> = LAB.writable().equal(),
        /// How soon it is needed.
        priority: LabPriority = LAB.writable().fallback("\"routine\"").equal(),
        /// When it was ordered.
        ordered_at: Timestamp = LAB.required().updatable().range().sortable(),
        /// Who ordered it.
        ordered_by_id: Option<StaffId> = LAB.writable().equal(),
        /// When the specimen was taken; filled in with the status `collected`.
        collected_at: Option<Timestamp> = LAB.writable().range(),
        /// Who took it.
        collected_by_id: Option<StaffId> = LAB.writable().equal(),
        /// The laboratory's own number for it.
        accession_no: Option<Cow<'a, str>> = LAB.writable().max(60).equal(),
        /// What the laboratory should know.
        notes: Option<Cow<'a, str>> = LAB.writable().max(2_000),
        /// Why the laboratory cannot use the specimen; must be given with the status `rejected`.
        rejected_reason: Option<Cow<'a, str>> = LAB.writable().max(500),
    }
}

impl Plain for LabOrder<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str =
        "`status` goes along allowed steps; a forbidden one is refused with those that are allowed. Results leave it as it is.";
    const DELETE_DOC: &'static str = "For an order made by mistake. One that is not done is `cancelled`.";

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
        }
        if self.status == LabOrderStatus::Collected && self.collected_at.is_none() {
            self.collected_at = Some(moment.now);
        }
        if self.status == LabOrderStatus::Rejected && self.rejected_reason.as_ref().is_none_or(|reason| reason.is_empty()) {
            return Err(Problem::rule("/rejected_reason", "required", "must be given for a `rejected` order"));
        }
        if self.status.has_specimen() && self.specimen.is_none() {
            return Err(Problem::rule("/specimen", "required", "must be given once it was taken"));
        }
        chart::check_past("ordered_at", Some(self.ordered_at), moment)?;
        chart::check_past("collected_at", self.collected_at, moment)
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("status", self.status.name()).with("patient_id", self.patient_id)
    }

    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let clinic = cx.clinic()?;
        let entry = |order: &Self| chart::Entry {
            patient: order.patient_id,
            visit: order.visit_id,
            day: order.collected_at.map(|at| ("collected_at", at.day_in(&clinic.zone))),
            after_death: true,
        };
        chart::check(cx, before.map(entry), entry(after)).await
    }
}
