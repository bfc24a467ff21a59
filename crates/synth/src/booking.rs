//! Who comes when: the day's calendar, appointments, and those that do not take place.

use std::borrow::Cow;
use std::collections::BTreeSet;

use clinicos_clinic::appointment_types::model::{AppointmentType, CareKind, DepositKind, DepositRule, SpeciesList};
use clinicos_clinic::appointments::model::Appointment;
use clinicos_clinic::appointments::parts::{
    BookingChannel, Cancellation, CancellationReason, CancelledBy, Deposit, DepositState, PatientIds,
};
use clinicos_clinic::appointments::status::AppointmentStatus;
use clinicos_clinic::documents::AppointmentCodes;
use clinicos_clinic::ids::AppointmentId;
use clinicos_clinic::payments::model::{Method, PaymentType};
use clinicos_contract::Timestamp;
use clinicos_contract::wire::Doc;

use crate::calendar::{CLOSES, Day, Minute, OPENS};
use crate::money::{Back, Due};
use crate::occasion::{care_of, rank};
use crate::tables::practice::{TYPES, type_of};
use crate::world::{Want, Why, World, money, no_external_ids};

/// Lunch of everybody.
const LUNCH: (Minute, Minute) = (12 * 60, 13 * 60);

/// A place on the calendar of a day.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Who comes: one owner's animals.
    pub pets: Vec<usize>,
    /// Why.
    pub why: Why,
    /// The appointment whose place it takes.
    pub replaces: Option<AppointmentId>,
    /// The doctor.
    pub doctor: usize,
    /// When it starts.
    pub day: Day,
    /// When it starts.
    pub minute: Minute,
    /// How long it takes, in minutes.
    pub minutes: Minute,
    /// Where.
    pub room: Option<String>,
    /// Whether it is squeezed in beside others.
    pub squeezed: bool,
}

impl World {
    /// What can be booked.
    pub fn offer_types(&mut self) {
        for (place, (name, kind, minutes, color, deposit)) in TYPES.iter().enumerate() {
            let at = self.calendar.at(self.calendar.first - 1, 9 * 60 + place as i64);
            let rule = DepositRule { kind: DepositKind::Fixed, amount: Some(money(*deposit)), percent: None };
            let id = self.dice.id(at);
            self.types.push(id);
            self.shelf.put(&AppointmentType {
                id,
                clinic_id: self.clinic,
                name: Cow::Borrowed(name),
                kind: *kind,
                minutes: *minutes,
                species: Doc::of(&SpeciesList::default()),
                deposit_rule: (*deposit > 0).then(|| Doc::of(&rule)),
                color: Some(Cow::Borrowed(color)),
                active: true,
                external_ids: no_external_ids(),
                created_at: at,
                updated_at: at,
                version: 1,
                deleted_at: None,
            });
        }
    }

    /// Who comes on this day, as far as there is time.
    pub fn fill(&mut self, day: Day) -> Vec<Slot> {
        let busy = self.calendar.busy(day)
            * u64::from(self.plan.visits_per_day)
            * u64::try_from(self.dice.between(880, 1_120)).unwrap_or(1_000);
        let most = usize::try_from(busy / 1_000_000).unwrap_or(0).max(1);
        let mut wants = Vec::new();
        while let Some(entry) = self.agenda.first_entry().filter(|entry| *entry.key() <= day) {
            wants.extend(entry.remove());
        }
        // Sorting keeps the order of those that are alike.
        wants.sort_by_key(|want: &Want| rank(want.why));
        let mut seen = BTreeSet::new();
        self.rooms.clear();
        let mut cursors: Vec<(usize, Minute)> = self.doctors.iter().map(|doctor| (*doctor, OPENS)).collect();
        let mut slots = Vec::new();
        for want in wants {
            let comes = if want.why == Why::Farewell { !self.pets[want.pet].gone } else { self.comes(want.pet, day) };
            if !comes || seen.contains(&want.pet) {
                continue;
            }
            let full = slots.len() > most + most / 5 && want.why != Why::Farewell;
            match if full { None } else { self.place(&want, day, &mut cursors, &mut seen) } {
                Some(slot) => slots.push(slot),
                None => self.want(day + 1, want),
            }
        }
        for _ in slots.len()..most {
            let Some(want) = self.somebody(day, &seen) else { break };
            let Some(slot) = self.place(&want, day, &mut cursors, &mut seen) else { break };
            slots.push(slot);
        }
        slots.sort_by_key(|slot| slot.minute);
        slots
    }

    /// An animal for which something comes up on a day.
    fn somebody(&mut self, day: Day, seen: &BTreeSet<usize>) -> Option<Want> {
        for _ in 0..20 {
            let pet = self.dice.below(self.pets.len());
            if !self.comes(pet, day) || seen.contains(&pet) || self.pets[pet].seen + 5 > day {
                continue;
            }
            let why = match self.dice.below(100) {
                0..7 => Why::Nails,
                7..12 => Why::Video,
                _ => Why::Sick,
            };
            return Some(Want { pet, why, replaces: None });
        }
        None
    }

    /// Finds a time with the doctor who is free first.
    fn place(&mut self, want: &Want, day: Day, cursors: &mut [(usize, Minute)], seen: &mut BTreeSet<usize>) -> Option<Slot> {
        let minutes = TYPES[type_of(care_of(want.why))].2;
        let closes = self.calendar.closes(day)?;
        let (doctor, cursor) = cursors.iter_mut().min_by_key(|(_, cursor)| *cursor)?;
        let start = if *cursor < LUNCH.1 && *cursor + minutes > LUNCH.0 && closes > LUNCH.1 + 60 {
            LUNCH.1.max(*cursor)
        } else {
            *cursor
        };
        let end = start + minutes;
        if end > closes && want.why != Why::Farewell {
            return None;
        }
        let squeezed = end > closes;
        let start = start.min(closes - minutes);
        *cursor = end;
        let doctor = *doctor;
        let mut pets = vec![want.pet];
        seen.insert(want.pet);
        if want.why == Why::Wellness {
            let others = self.owners[self.pets[want.pet].owner].pets.clone();
            let also = others
                .into_iter()
                .find(|pet| !seen.contains(pet) && self.comes(*pet, day) && self.pets[*pet].wellness < day + 120);
            if let Some(pet) = also.filter(|_| self.dice.chance(500)) {
                seen.insert(pet);
                pets.push(pet);
            }
        }
        let room = self.room(care_of(want.why), start, start + minutes);
        Some(Slot { pets, why: want.why, replaces: want.replaces, doctor, day, minute: start, minutes, room, squeezed })
    }

    /// The appointment of a slot, and whether it takes place.
    pub fn book(&mut self, slot: &Slot) -> Option<Appointment<'static>> {
        let mut appointment = self.appointment(slot);
        let at = appointment.starts_at;
        let roll = if matches!(slot.why, Why::Farewell) { 1_000 } else { self.dice.below(1_000) };
        // Nobody calls off before they booked.
        let before = at.plus_seconds(-self.dice.between(1, 40) * 3_600).max(appointment.created_at.plus_seconds(60)).min(at);
        let (status, changed) = match roll {
            0..45 => (AppointmentStatus::Cancelled, before),
            45..83 => (AppointmentStatus::NoShow, at.plus_seconds(1_800)),
            83..108 => (AppointmentStatus::Rescheduled, before),
            _ => (AppointmentStatus::Completed, at),
        };
        appointment.status = status;
        appointment.updated_at = changed;
        appointment.version = 3;
        if status == AppointmentStatus::Completed {
            return Some(appointment);
        }
        if status == AppointmentStatus::Cancelled {
            appointment.cancellation = Some(Doc::of(&self.cancellation(before, at)));
        }
        self.give_back_deposit(slot, &mut appointment);
        let (id, pet, days) = (appointment.id, slot.pets[0], self.dice.days(1, 14));
        let replaces = (status == AppointmentStatus::Rescheduled).then_some(id);
        if replaces.is_some() || self.dice.chance(500) {
            self.want(slot.day + days, Want { pet, why: slot.why, replaces });
        }
        self.shelf.put(&appointment);
        self.remind_of_appointment(&appointment, slot.pets[0]);
        None
    }

    fn cancellation(&mut self, when: Timestamp, at: Timestamp) -> Cancellation {
        let reason = self.dice.one(&[
            CancellationReason::Conflict,
            CancellationReason::Conflict,
            CancellationReason::Sick,
            CancellationReason::Cost,
            CancellationReason::Weather,
            CancellationReason::ProviderAbsent,
            CancellationReason::Other,
        ]);
        let by = match reason {
            CancellationReason::ProviderAbsent => CancelledBy::Clinic,
            _ => CancelledBy::Client,
        };
        Cancellation { by, reason: Some(reason), late: at.as_micros() - when.as_micros() < 24 * 3_600_000_000 }
    }

    /// When an appointment was booked: days before, or shortly before.
    fn booked_at(&mut self, slot: &Slot) -> Timestamp {
        let starts = self.calendar.at(slot.day, slot.minute);
        let days = match slot.why {
            Why::Sick | Why::Farewell | Why::Video => self.dice.one(&[0, 0, 0, 1, 1, 2]),
            Why::Nails => self.dice.days(0, 4),
            _ => self.dice.days(2, 21),
        };
        let came = self.owners[self.pets[slot.pets[0]].owner].record.created_at;
        let came = slot.pets.iter().map(|pet| self.pets[*pet].record.created_at).fold(came, Timestamp::max);
        let day = slot.day - days;
        let on_the_day = starts.plus_seconds(-self.dice.between(15, 120) * 60).max(self.calendar.at(slot.day, 7 * 60 + 30));
        let minute = self.dice.between(OPENS, CLOSES - 1);
        let at = if days == 0 || !self.calendar.is_open(day) { on_the_day } else { self.calendar.at(day, minute) };
        at.max(came.plus_seconds(20)).min(starts.plus_seconds(-60)).max(came)
    }

    /// The appointment of a slot, as it was booked.
    pub fn appointment(&mut self, slot: &Slot) -> Appointment<'static> {
        let created_at = self.booked_at(slot).min(self.now);
        let starts_at = self.calendar.at(slot.day, slot.minute);
        let kind = care_of(slot.why);
        let owner = self.pets[slot.pets[0]].owner;
        let is_same_day = starts_at.as_micros() - created_at.as_micros() < 3 * 3_600_000_000;
        let channel = match self.dice.below(100) {
            _ if slot.replaces.is_some() => BookingChannel::Phone,
            0..60 if is_same_day => BookingChannel::WalkIn,
            0..22 => BookingChannel::Online,
            22..28 => BookingChannel::App,
            28..45 if slot.why == Why::Wellness => BookingChannel::Recall,
            _ => BookingChannel::Phone,
        };
        let id = self.dice.id(created_at);
        let (deposit, reason) = (self.deposit(slot, owner, created_at), self.reason(slot));
        Appointment {
            id,
            clinic_id: self.clinic,
            type_id: Some(self.types[type_of(kind)]),
            client_id: Some(self.owners[owner].record.id),
            patient_ids: Doc::of(&PatientIds(slot.pets.iter().map(|pet| self.pets[*pet].record.id).collect())),
            provider_id: Some(self.staff[slot.doctor].record.id),
            room: slot.room.clone().map(Cow::Owned),
            starts_at,
            ends_at: self.calendar.at(slot.day, slot.minute + slot.minutes),
            status: AppointmentStatus::Scheduled,
            channel: Some(channel),
            reason: Some(Cow::Borrowed(reason)),
            reason_codes: Doc::of(&AppointmentCodes::default()),
            deposit,
            cancellation: None,
            recurrence: None,
            replaces_id: slot.replaces,
            is_telehealth: kind == CareKind::Telehealth,
            allow_overlap: slot.squeezed,
            notes_internal: None,
            external_ids: no_external_ids(),
            created_at,
            updated_at: created_at,
            version: 1,
            deleted_at: None,
        }
    }

    /// The first room of a kind that is free from one time of the day to another, which is then taken.
    fn room(&mut self, kind: CareKind, from: Minute, to: Minute) -> Option<String> {
        let (first, others) = match kind {
            CareKind::Telehealth => return None,
            CareKind::Surgery => ("Surgery 1", "Surgery"),
            CareKind::Dental => ("Dental suite", "Dental suite"),
            CareKind::Euthanasia => ("Comfort room", "Comfort room"),
            _ => ("Exam 1", "Exam"),
        };
        let mut place = 1;
        let room = loop {
            let name = if place == 1 { first.to_owned() } else { format!("{others} {place}") };
            if !self.rooms.iter().any(|taken| taken.0 == name && taken.1 < to && from < taken.2) {
                break name;
            }
            place += 1;
        };
        self.rooms.push((room.clone(), from, to));
        Some(room)
    }

    /// Surgeries and cleanings are held by a deposit.
    fn deposit(&mut self, slot: &Slot, owner: usize, at: Timestamp) -> Option<Doc<'static, Deposit>> {
        let amount = TYPES[type_of(care_of(slot.why))].4;
        if amount == 0 || care_of(slot.why) == CareKind::Telehealth {
            return None;
        }
        // What is paid today is counted in today's till: earlier bookings pay by card when the day comes.
        let is_paid = slot.day == self.today && self.dice.chance(700);
        if is_paid {
            let tendered = self.calendar.at(slot.day, OPENS - 10).max(at.plus_seconds(5));
            let payment = self.tender(owner, amount, Method::Card, PaymentType::Deposit, tendered);
            self.take_in(&payment, 0, None);
            self.owners[owner].deposits.push(payment);
        }
        let state = if is_paid { DepositState::Applied } else { DepositState::Required };
        Some(Doc::of(&Deposit { amount: money(amount), state }))
    }

    fn give_back_deposit(&mut self, slot: &Slot, appointment: &mut Appointment<'static>) {
        let Some(mut deposit) = appointment.deposit.as_ref().and_then(Doc::value) else { return };
        let owner = self.pets[slot.pets[0]].owner;
        deposit.state = match self.owners[owner].deposits.pop() {
            Some(payment) => {
                self.later(slot.day + 1, Due::Refund(Box::new(payment), Back::CalledOff));
                DepositState::Refunded
            }
            None => DepositState::None,
        };
        if slot.day + 1 > self.calendar.last && deposit.state == DepositState::Refunded {
            deposit.state = DepositState::Paid;
        }
        appointment.deposit = Some(Doc::of(&deposit));
    }

    /// Appointments of a day to come, in the states that such have. The farther it is, the fewer there are.
    pub fn book_day_ahead(&mut self, day: Day) {
        let slots = self.fill(day);
        let share = 900 - u64::try_from(day - self.calendar.last).unwrap_or(0) * 35;
        for slot in slots {
            if self.dice.chance(share) {
                self.book_ahead(&slot);
            }
        }
    }

    fn book_ahead(&mut self, slot: &Slot) {
        let mut appointment = self.appointment(slot);
        let days = slot.day - self.calendar.last;
        appointment.status = match self.dice.below(100) {
            0..8 => AppointmentStatus::Requested,
            8..13 => AppointmentStatus::Tentative,
            _ if days <= 2 && self.dice.chance(650) => AppointmentStatus::Confirmed,
            _ if days <= 2 => AppointmentStatus::Reminded,
            _ => AppointmentStatus::Scheduled,
        };
        if appointment.status != AppointmentStatus::Scheduled {
            appointment.version = 2;
        }
        self.shelf.put(&appointment);
    }
}
