//! A visit: from check-in to the bill.

use std::borrow::Cow;

use clinicos_clinic::appointments::model::Appointment;
use clinicos_clinic::ids::{AppointmentId, StaffId, VisitId};
use clinicos_clinic::visits::model::Visit;
use clinicos_clinic::visits::parts::{Addenda, Addendum, Disposition, Soap, StaffIds, Triage, VisitClass};
use clinicos_clinic::visits::status::VisitStatus;
use clinicos_contract::Timestamp;
use clinicos_contract::wire::Doc;

use crate::bill::Charge;
use crate::booking::Slot;
use crate::calendar::{Day, date};
use crate::world::{Why, World, no_external_ids};

/// What is found and done while an animal is there.
#[derive(Debug)]
pub struct Stay {
    /// The visit.
    pub visit: VisitId,
    /// Who.
    pub pet: usize,
    /// Why.
    pub why: Why,
    /// The doctor.
    pub doctor: StaffId,
    /// When it was checked in.
    pub came: Timestamp,
    /// When it leaves.
    pub leaves: Timestamp,
    /// The day.
    pub day: Day,
    /// How it is seen.
    pub class: VisitClass,
    /// How urgent it is.
    pub triage: Option<Triage>,
    /// Why it comes.
    pub complaint: Cow<'static, str>,
    /// The notes.
    pub soap: Soap,
    /// How it ends.
    pub disposition: Disposition,
    /// When it should be seen again.
    pub again: Option<Day>,
    /// What is charged.
    pub charges: Vec<Charge>,
}

impl Stay {
    /// So many seconds after check-in, at most when it leaves.
    pub fn after(&self, seconds: i64) -> Timestamp {
        self.came.plus_seconds(seconds).min(self.leaves)
    }
}

impl World {
    /// An appointment that takes place: visits of all its animals, and one bill.
    pub fn attend(&mut self, slot: &Slot, mut appointment: Appointment<'static>) {
        let owner = self.pets[slot.pets[0]].owner;
        let (mut charges, mut leaves, mut visit) = (Vec::new(), appointment.starts_at, None);
        for pet in &slot.pets {
            let mut stay = self.check_in(slot, &appointment, *pet);
            self.care(&mut stay);
            if slot.why == Why::Sick {
                appointment.reason = Some(stay.complaint.clone());
            }
            leaves = leaves.max(stay.leaves);
            visit = visit.or(Some(stay.visit));
            charges.append(&mut stay.charges);
            self.write_visit(&stay, appointment.id);
        }
        let by = self.staff[slot.doctor].record.id;
        let billed = self.bill(owner, &charges, by, leaves);
        appointment.updated_at = leaves;
        appointment.version = 5;
        self.shelf.put(&appointment);
        self.remind_of_appointment(&appointment, slot.pets[0]);
        self.after_visit(slot, (owner, visit), billed.map(|(invoice, _)| invoice), leaves);
    }

    fn check_in(&mut self, slot: &Slot, appointment: &Appointment<'static>, pet: usize) -> Stay {
        let came = appointment.starts_at.plus_seconds(self.dice.between(-480, 600)).max(appointment.created_at.plus_seconds(10));
        let stays = (slot.minutes * 60 - self.dice.between(120, 420)).max(600);
        let visit = self.dice.id(came);
        Stay {
            visit,
            pet,
            why: slot.why,
            doctor: self.staff[slot.doctor].record.id,
            came,
            leaves: came.plus_seconds(stays),
            day: slot.day,
            class: VisitClass::Outpatient,
            triage: None,
            complaint: Cow::Borrowed(""),
            soap: Soap { subjective: None, objective: None, assessment: None, plan: None },
            disposition: Disposition::Home,
            again: None,
            charges: Vec::new(),
        }
    }

    fn write_visit(&mut self, stay: &Stay, appointment: AppointmentId) {
        let owner = self.pets[stay.pet].owner;
        let ends = self.calendar.at(stay.day, self.calendar.closes(stay.day).unwrap_or(crate::calendar::CLOSES) + 25);
        let mut signed_at = Some(stay.leaves.plus_seconds(self.dice.between(240, 5_400)).min(ends).max(stay.leaves));
        let mut status = VisitStatus::Completed;
        let mut addenda = Vec::new();
        // The last notes of the last days are not written yet.
        if self.calendar.last - stay.day < 2 && self.dice.chance(250) {
            (status, signed_at) = (VisitStatus::Discharged, None);
        } else if stay.day + 2 < self.calendar.last && self.dice.chance(18) {
            status = VisitStatus::Amended;
            let added_at = self.calendar.at(stay.day + 1, 12 * 60 + self.dice.between(0, 300));
            let text =
                self.dice.one(&["Owner called: eats and is bright.", "Weight corrected after the scale was checked."]).to_owned();
            addenda.push(Addendum { added_at, added_by_id: stay.doctor, text });
        }
        let updated_at = addenda.last().map(|one| one.added_at).or(signed_at).unwrap_or(stay.leaves);
        let helper = self.helper();
        self.shelf.put(&Visit {
            id: stay.visit,
            clinic_id: self.clinic,
            appointment_id: Some(appointment),
            patient_id: self.pets[stay.pet].record.id,
            client_id: Some(self.owners[owner].record.id),
            attending_id: Some(stay.doctor),
            team_ids: Doc::of(&StaffIds(if helper == stay.doctor { Vec::new() } else { vec![helper] })),
            class: stay.class,
            status,
            triage: stay.triage,
            starts_at: stay.came,
            checked_in_at: Some(stay.came),
            checked_out_at: Some(stay.leaves),
            chief_complaint: Some(stay.complaint.clone()),
            soap: Some(Doc::of(&stay.soap)),
            disposition: Some(stay.disposition),
            follow_up_due: stay.again.map(date),
            signed_by_id: signed_at.map(|_| stay.doctor),
            signed_at,
            addenda: Doc::of(&Addenda(addenda)),
            external_ids: no_external_ids(),
            created_at: stay.came,
            updated_at,
            version: 4,
            deleted_at: None,
        });
        let pet = &mut self.pets[stay.pet];
        pet.seen = stay.day;
        pet.record.updated_at = pet.record.updated_at.max(stay.leaves);
        pet.record.version += 1;
    }
}
