//! The visit: one animal's stay, and what was written about it.

use std::borrow::Cow;

use clinicos_contract::event::EventType;
use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource, Timestamp};
use clinicos_gate::{Announcement, Cx, OrProblem as _, conflict};

use super::parts::{Addenda, Addendum, Disposition, Soap, StaffIds, Triage, VisitClass};
use super::status::VisitStatus;
use super::{events, sample};
use crate::ids::{AppointmentId, ClientId, PatientId, StaffId, VisitKind};
use crate::plain::{Declared as _, Moment, Plain, check_step};
use crate::{chart, patients, plain_record, refusals};

/// Most addenda of a visit.
pub const ADDENDA_MAX: u32 = 100;

/// What stands as it was signed.
const SIGNED_FIELDS: &[&str] = &["attending_id", "triage", "chief_complaint", "soap", "disposition"];

const CLINICAL: Field = Field::of(Category::Clinical);

plain_record! {
    /// One animal's stay, and what was written about it.
    pub struct Visit<'a>: VisitKind, "visit" in "visits";
    words "a visit", "visits";
    index "appointment_id" "patient_id" "client_id" "attending_id" "starts_at";
    worklist "status";
    {
        /// The appointment that it was booked as, if it was booked.
        appointment_id: Option<AppointmentId> = CLINICAL.leads_to(Category::Appointments).writable().equal(),
        /// Which patient was seen. A visit recorded for the wrong one is `entered_in_error`.
        patient_id: PatientId = CLINICAL.required().equal(),
        /// Which client came with it; unless given, its primary owner.
        client_id: Option<ClientId> = CLINICAL.writable().equal(),
        /// The veterinarian in charge.
        attending_id: Option<StaffId> = CLINICAL.figure().writable().equal(),
        /// Who else sees the patient; at most 20.
        team_ids: Doc<'a, StaffIds> = CLINICAL.figure().writable().max(20).distinct(),
        /// How it is seen.
        class: VisitClass = CLINICAL.figure().writable().fallback("\"outpatient\"").equal(),
        /// Where it stands.
        status: VisitStatus = CLINICAL.figure().writable().fallback("\"planned\"").equal(),
        /// How urgent it is.
        triage: Option<Triage> = CLINICAL.writable().equal(),
        /// When it starts, or is to start.
        starts_at: Timestamp = CLINICAL.figure().required().updatable().range().sortable(),
        /// When the patient was checked in; filled in when the visit begins.
        checked_in_at: Option<Timestamp> = CLINICAL.figure().writable().range(),
        /// When the patient left; filled in when it is discharged.
        checked_out_at: Option<Timestamp> = CLINICAL.figure().writable().range(),
        /// Why the patient comes.
        chief_complaint: Option<Cow<'a, str>> = CLINICAL.writable().max(1_000),
        /// The notes. A change replaces all four parts.
        soap: Option<Doc<'a, Soap>> = CLINICAL.writable(),
        /// How it ended.
        disposition: Option<Disposition> = CLINICAL.writable().equal(),
        /// When the patient should be seen again.
        follow_up_due: Option<Date> = CLINICAL.writable().range(),
        /// Who signed it; only signing sets this.
        signed_by_id: Option<StaffId> = CLINICAL.equal(),
        /// When it was signed. From then on the clinical text changes by addenda alone.
        signed_at: Option<Timestamp> = CLINICAL.figure().range(),
        /// What was added after it was signed, oldest first; at most 100.
        addenda: Doc<'a, Addenda> = CLINICAL.max(ADDENDA_MAX),
    }
}

impl Plain for Visit<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str = "`status` goes along allowed steps; a forbidden one is refused with those that are allowed. Of a \
         signed visit `attending_id`, `triage`, `chief_complaint`, `soap` and `disposition` stay as they are.";
    const DELETE_DOC: &'static str =
        "For a visit made by mistake. One that was signed gets the status `entered_in_error` instead.";
    const CREATE_VERBS: &'static [&'static EventType] = &[Self::CREATED, &events::CHECKED_IN, &events::COMPLETED];
    const VERBS: &'static [&'static EventType] = &[Self::UPDATED, &events::CHECKED_IN, &events::COMPLETED];

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
            self.check_signed(before)?;
        }
        if self.status == VisitStatus::Amended && self.addenda().is_empty() {
            return Err(Problem::rule("/status", "addenda", "goes together with an addendum"));
        }
        self.settle_times(before, moment);
        if self.status == VisitStatus::Planned && self.checked_in_at.is_some() {
            return Err(Problem::rule("/checked_in_at", "planned", "must be null while the status is `planned`"));
        }
        if self.checked_in_at.is_none() && self.checked_out_at.is_some() {
            return Err(Problem::rule("/checked_out_at", "checked_in_at", "goes together with `checked_in_at`"));
        }
        chart::check_past("checked_in_at", self.checked_in_at, moment)?;
        chart::check_past("checked_out_at", self.checked_out_at, moment)?;
        refusals::check_order("/checked_out_at", self.checked_in_at, self.checked_out_at, "checked_in_at")?;
        let day = self.starts_at.day_in(&moment.clinic.zone);
        refusals::check_order("/follow_up_due", Some(day), self.follow_up_due, "starts_at")
    }

    fn birth(&self) -> Option<&'static EventType> {
        self.reached()
    }

    fn verb(&self, before: &Self) -> Option<&'static EventType> {
        match (before.signed_at, self.signed_at) {
            (None, Some(_)) => Some(&events::SIGNED),
            _ if self.status == before.status => None,
            _ => self.reached(),
        }
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("status", self.status.name()).with("patient_id", self.patient_id)
    }

    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        if after.deleted_at.is_some() && after.signed_at.is_some() {
            return Err(conflict("a signed visit is not deleted; set its status to `entered_in_error`"));
        }
        if before.is_none() && after.client_id.is_none() {
            let patient = patients::rows::find(cx.conn(), after.clinic_id, after.patient_id).await.or_problem()?;
            after.client_id = patient.and_then(|patient| patient.client_id);
        }
        let clinic = cx.clinic()?;
        let entry = |visit: &Self| chart::Entry {
            patient: visit.patient_id,
            visit: None,
            day: visit.came().map(|(field, at)| (field, at.day_in(&clinic.zone))),
            after_death: false,
        };
        chart::check(cx, before.map(entry), entry(after)).await
    }
}

impl Visit<'static> {
    /// When the patient came or will come, and the field that says so; `None` if it does not.
    fn came(&self) -> Option<(&'static str, Timestamp)> {
        match (self.status, self.checked_in_at) {
            (VisitStatus::Cancelled | VisitStatus::EnteredInError, _) => None,
            (_, Some(at)) => Some(("checked_in_at", at)),
            (_, None) => Some(("starts_at", self.starts_at)),
        }
    }

    /// Signs it.
    pub fn sign(&mut self, by: Option<StaffId>, now: Timestamp) -> Result<(), Problem> {
        if self.signed_at.is_some() {
            return Err(conflict("the visit is signed already; add an addendum to what it says"));
        }
        if !self.status.can_be_signed() {
            return Err(conflict(format!(
                "the visit is `{}`, and cannot be signed; one that is `in_progress`, `on_hold`, `discharged` or `completed` can",
                self.status.name()
            )));
        }
        if self.soap.is_none() {
            return Err(conflict("the visit has no notes that could be signed"));
        }
        let Some(by) = by.or(self.attending_id) else {
            return Err(Problem::rule("/signed_by_id", "required", "must be given for a visit that has no `attending_id`"));
        };
        (self.signed_by_id, self.signed_at) = (Some(by), Some(now));
        Ok(())
    }

    /// Adds to it. A record that was complete is an amended one from now on.
    pub fn add(&mut self, addendum: Addendum) -> Result<(), Problem> {
        if self.signed_at.is_none() {
            return Err(conflict("the visit is not signed; change its notes instead"));
        }
        if self.status == VisitStatus::EnteredInError {
            return Err(conflict("the visit is `entered_in_error` and stays as it is: it takes no addendum"));
        }
        let mut addenda = self.addenda();
        refusals::check_length("/text", addenda.len() + 1, ADDENDA_MAX as usize)?;
        addenda.push(addendum);
        self.addenda = Doc::of(&Addenda(addenda));
        if self.status == VisitStatus::Completed {
            self.status = VisitStatus::Amended;
        }
        Ok(())
    }

    fn addenda(&self) -> Vec<Addendum> {
        self.addenda.value().unwrap_or_default().0
    }

    fn check_signed(&self, before: &Self) -> Result<(), Problem> {
        let changes = self.differences(before);
        match SIGNED_FIELDS.iter().find(|field| changes.has(field)) {
            Some(field) if before.signed_at.is_some() => {
                Err(Problem::rule(format!("/{field}"), "signed", "was signed and can no longer change; add an addendum"))
            }
            _ => Ok(()),
        }
    }

    /// Times follow the status: they are filled in with a step, and taken away by the step back.
    fn settle_times(&mut self, before: Option<&Self>, moment: &Moment<'_>) {
        if self.status.has_begun() && self.checked_in_at.is_none() {
            let at = before.map_or(self.starts_at, |_| moment.now);
            self.checked_in_at = Some(at.min(moment.now));
        }
        let Some(before) = before.filter(|before| before.status != self.status) else { return };
        if self.status.is_over() && self.checked_out_at.is_none() {
            self.checked_out_at = Some(moment.now);
        }
        if self.status == VisitStatus::Planned && self.checked_in_at == before.checked_in_at {
            self.checked_in_at = None;
        }
        if !self.status.is_over() && before.status.is_over() && self.checked_out_at == before.checked_out_at {
            self.checked_out_at = None;
        }
    }

    fn reached(&self) -> Option<&'static EventType> {
        match self.status {
            VisitStatus::CheckedIn => Some(&events::CHECKED_IN),
            VisitStatus::Completed => Some(&events::COMPLETED),
            _ => None,
        }
    }
}
