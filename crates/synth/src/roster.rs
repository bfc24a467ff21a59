//! Who works when: shifts, time off, and the times that can be booked.

use std::borrow::Cow;

use clinicos_clinic::availability::model::{Availability, BlockReason, TimeKind, TypeIds};
use clinicos_clinic::ids::ShiftId;
use clinicos_clinic::shifts::model::Shift;
use clinicos_clinic::shifts::status::{ShiftKind, ShiftStatus};
use clinicos_clinic::staff::parts::StaffRole;
use clinicos_clinic::time_off::model::TimeOff;
use clinicos_clinic::time_off::status::{TimeOffKind, TimeOffStatus};
use clinicos_contract::wire::Doc;

use crate::calendar::{CLOSES, Day, OPENS, weekday};
use crate::tables::words::{DAYS_OFF, TRAININGS, WEEKS_OFF};
use crate::world::{World, money, no_external_ids};

/// Work begins before the doors open and ends after they close.
const AROUND: i64 = 30;
/// Open days behind the last one on which somebody is booked.
const BOOKED_DAYS: i32 = 12;
/// So long before is a roster published, in days.
const PUBLISHED_DAYS: i32 = 14;

impl World {
    /// Time off of everybody over all years, decided long before.
    pub fn plan_time_off(&mut self) {
        // Who stands in for others is asked each time.
        let stands_in = |member: &usize| self.staff[*member].record.role == StaffRole::ReliefDvm;
        let members: Vec<usize> = (0..self.staff.len()).filter(|member| !stands_in(member)).collect();
        for member in members {
            let mut day = self.calendar.first + self.dice.days(20, 120);
            while day < self.calendar.last + 90 {
                let length = if self.dice.chance(600) { 5 } else { 1 };
                self.take_time_off(member, day, length);
                day += self.dice.days(60, 200);
            }
        }
    }

    fn take_time_off(&mut self, member: usize, day: Day, length: i32) {
        let works = |day| self.staff[member].to.is_none_or(|to| day < to);
        if !works(day + length) {
            return;
        }
        let asked = (day - self.dice.days(20, 60)).clamp(self.calendar.first - 1, self.calendar.last);
        let at = self.calendar.at(asked, 9 * 60 + self.dice.between(0, 400));
        let decided = self.calendar.at(asked + 2, 10 * 60).min(self.now);
        let is_past = day <= self.calendar.last;
        let status = match self.dice.below(100) {
            0..6 => TimeOffStatus::Denied,
            6..10 => TimeOffStatus::Cancelled,
            _ if is_past => TimeOffStatus::Taken,
            10..40 => TimeOffStatus::Requested,
            _ => TimeOffStatus::Approved,
        };
        if matches!(status, TimeOffStatus::Taken | TimeOffStatus::Approved) {
            self.staff[member].away.extend(day..day + length);
        }
        let is_decided = !matches!(status, TimeOffStatus::Requested | TimeOffStatus::Cancelled);
        let boss = self.staff.iter().find(|member| member.record.role == StaffRole::PracticeManager).map(|boss| boss.record.id);
        let (kind, reasons) = match length {
            1 if self.dice.chance(500) => (TimeOffKind::Training, TRAININGS),
            1 => (TimeOffKind::Pto, DAYS_OFF),
            _ => (TimeOffKind::Pto, WEEKS_OFF),
        };
        let reason = self.dice.one(reasons);
        let starts_at = self.calendar.at(day, 0);
        let updated_at = match status {
            TimeOffStatus::Taken => starts_at.min(self.now).max(decided),
            TimeOffStatus::Requested => at,
            _ => decided,
        };
        self.shelf.put(&TimeOff {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            staff_id: self.staff[member].record.id,
            kind,
            starts_at,
            ends_at: self.calendar.at(day + length, 0),
            status,
            reason: (!reason.is_empty()).then_some(Cow::Borrowed(reason)),
            decided_by_id: boss.filter(|_| is_decided),
            decided_at: is_decided.then_some(decided),
            decision_note: (status == TimeOffStatus::Denied).then_some(Cow::Borrowed("Two of us are away already.")),
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: updated_at.max(at),
            version: if status == TimeOffStatus::Requested { 1 } else { 2 },
            deleted_at: None,
        });
    }

    /// When doctors and the operating room can be booked.
    pub fn plan_availability(&mut self) {
        let first = self.calendar.next_open(self.calendar.first);
        for member in 0..self.staff.len() {
            if self.staff[member].is_doctor {
                self.available(Some(member), first, (OPENS, CLOSES), TimeKind::Bookable, None);
                self.available(Some(member), first, (12 * 60, 13 * 60), TimeKind::Blocked, Some(BlockReason::Lunch));
            }
        }
        self.available(None, first, (OPENS, 12 * 60), TimeKind::Blocked, Some(BlockReason::SurgeryBlock));
    }

    fn available(&mut self, member: Option<usize>, day: Day, minutes: (i64, i64), kind: TimeKind, reason: Option<BlockReason>) {
        let at = self.calendar.at(self.calendar.first - 1, 9 * 60 + self.dice.between(0, 60));
        let rule = if member.is_some() { "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR" } else { "FREQ=WEEKLY;BYDAY=TU,TH" };
        self.shelf.put(&Availability {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            staff_id: member.map(|member| self.staff[member].record.id),
            room: member.is_none().then_some(Cow::Borrowed("Surgery 1")),
            kind,
            block_reason: reason,
            starts_at: self.calendar.at(day, minutes.0),
            ends_at: self.calendar.at(day, minutes.1),
            rrule: Some(Cow::Borrowed(rule)),
            types_allowed: Doc::of(&TypeIds::default()),
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: at,
            version: 1,
            deleted_at: None,
        });
    }

    /// Whether somebody is on the roster of a day.
    fn works(&self, member: usize, day: Day) -> bool {
        let one = &self.staff[member];
        let employed = one.from <= day && one.to.is_none_or(|to| day < to);
        let place = i32::try_from(member).unwrap_or(0);
        let turn = if weekday(day) == 5 { (place + day / 7) % 3 == 0 } else { (place + day) % 5 != 0 };
        employed && turn && one.record.role != StaffRole::ReliefDvm && !one.away.contains(&day)
    }

    /// Writes the roster of a day, and says who came.
    pub fn open_day(&mut self, day: Day) {
        self.doctors.clear();
        self.team.clear();
        let is_past = day <= self.calendar.last;
        for member in 0..self.staff.len() {
            if !self.works(member, day) {
                continue;
            }
            let missed = is_past && self.dice.chance(7);
            let shift = self.shift(member, day, ShiftKind::Regular, self.state(day, missed), None);
            if missed {
                if self.staff[member].is_doctor {
                    self.call_relief(day, Some(shift));
                }
                continue;
            }
            if self.staff[member].is_doctor { self.doctors.push(member) } else { self.team.push(member) }
        }
        if self.doctors.is_empty() {
            self.call_relief(day, None);
        }
    }

    fn call_relief(&mut self, day: Day, replaces: Option<ShiftId>) {
        let Some(relief) = self.staff.iter().position(|one| one.record.role == StaffRole::ReliefDvm) else { return };
        if !self.doctors.contains(&relief) {
            self.shift(relief, day, ShiftKind::Relief, self.state(day, false), replaces);
            self.doctors.push(relief);
        }
    }

    /// Where a shift of this day stands.
    fn state(&self, day: Day, missed: bool) -> ShiftStatus {
        match day - self.calendar.last {
            ..=0 if missed => ShiftStatus::Missed,
            ..=0 => ShiftStatus::Completed,
            1..=4 => ShiftStatus::Confirmed,
            5..=PUBLISHED_DAYS => ShiftStatus::Published,
            _ => ShiftStatus::Draft,
        }
    }

    fn shift(&mut self, member: usize, day: Day, kind: ShiftKind, status: ShiftStatus, replaces: Option<ShiftId>) -> ShiftId {
        let closes = self.calendar.closes(day).unwrap_or(CLOSES);
        let (begin, end) = (OPENS - AROUND, closes + AROUND);
        let made = match kind {
            ShiftKind::Relief => self.calendar.at(day, 6 * 60 + 30),
            _ => self.calendar.at((day - PUBLISHED_DAYS).clamp(self.calendar.first - 1, self.calendar.last), 16 * 60),
        };
        let made = made.min(self.now).plus_seconds(self.dice.between(-900, 0));
        let is_completed = status == ShiftStatus::Completed;
        let start = self.calendar.at(day, begin).plus_seconds(self.dice.between(-900, 0));
        let left = self.calendar.at(day, end).plus_seconds(self.dice.between(0, 1_200));
        let id = self.dice.id(made);
        let updated_at = match status {
            ShiftStatus::Completed => left,
            ShiftStatus::Missed => self.calendar.at(day, begin),
            _ => made,
        };
        self.shelf.put(&Shift {
            id,
            clinic_id: self.clinic,
            currency: crate::plan::CURRENCY,
            staff_id: Some(self.staff[member].record.id),
            department: Some(Cow::Borrowed(if self.staff[member].is_doctor { "Medicine" } else { "Care" })),
            starts_at: self.calendar.at(day, begin),
            ends_at: self.calendar.at(day, end),
            break_minutes: if end - begin > 6 * 60 { 60 } else { 15 },
            kind,
            status,
            actual_start_at: is_completed.then_some(start),
            actual_end_at: is_completed.then_some(left),
            rate: Some(money(self.staff[member].rate)),
            replaces_id: replaces,
            external_ids: no_external_ids(),
            created_at: made,
            updated_at,
            version: if is_completed { 4 } else { 2 },
            deleted_at: None,
        });
        id
    }

    /// Shifts of the days behind the last one, who is booked with those that are on them, and a shift that nobody
    /// has yet.
    pub fn plan_ahead(&mut self) {
        let mut open = 0;
        for day in self.calendar.last + 1..=self.calendar.last + 21 {
            if self.calendar.is_open(day) {
                self.open_day(day);
                open += 1;
                if open <= BOOKED_DAYS {
                    self.book_day_ahead(day);
                }
            }
        }
        self.open_shift();
    }

    fn open_shift(&mut self) {
        let day = self.calendar.next_open(self.calendar.last + 9);
        let made = self.calendar.at(self.calendar.last, 15 * 60);
        self.shelf.put(&Shift {
            id: self.dice.id(made),
            clinic_id: self.clinic,
            currency: crate::plan::CURRENCY,
            staff_id: None,
            department: Some(Cow::Borrowed("Medicine")),
            starts_at: self.calendar.at(day, OPENS - AROUND),
            ends_at: self.calendar.at(day, CLOSES_EARLY),
            break_minutes: 0,
            kind: ShiftKind::Relief,
            status: ShiftStatus::Open,
            actual_start_at: None,
            actual_end_at: None,
            rate: Some(money(8_000)),
            replaces_id: None,
            external_ids: no_external_ids(),
            created_at: made,
            updated_at: made,
            version: 1,
            deleted_at: None,
        });
    }
}

/// An open shift is half a day.
const CLOSES_EARLY: i64 = 13 * 60;
