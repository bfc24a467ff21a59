//! The shift: when somebody works, and how it went.

use std::borrow::Cow;

use clinicos_contract::category::Sensitivity;
use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Field, Money, Problem, Resource, Timestamp};
use clinicos_gate::Announcement;

use super::status::{ShiftKind as Kind, ShiftStatus};
use super::{events, sample};
use crate::ids::{ShiftId, ShiftKind, StaffId};
use crate::plain::{Declared as _, Moment, Plain, check_step};
use crate::{plain_record, refusals};

/// Longest time from start to end: a week on call.
const SECONDS_MAX: i64 = 7 * 24 * 60 * 60;

const STAFF: Field = Field::of(Category::Staff);
/// What a person earns is nobody's business but the clinic's.
const PAY: Field = STAFF.sensitivity(Sensitivity::Internal);

plain_record! {
    /// A time that somebody works, or that nobody has taken yet.
    pub struct Shift<'a>: ShiftKind, "shift" in "shifts";
    words "a shift", "shifts";
    index "staff_id" "starts_at";
    money in currency;
    {
        /// Who works; null while it is open.
        staff_id: Option<StaffId> = STAFF.writable().equal(),
        /// In which part of the clinic, as the clinic names it.
        department: Option<Cow<'a, str>> = STAFF.writable().max(60).equal(),
        /// When it should start.
        starts_at: Timestamp = STAFF.required().updatable().range().sortable(),
        /// When it should end; at most seven days later.
        ends_at: Timestamp = STAFF.required().updatable().range(),
        /// How long its breaks are, in minutes.
        break_minutes: i64 = STAFF.writable().at_least(0).fallback("0"),
        /// What sort of shift it is.
        kind: Kind = STAFF.writable().fallback("\"regular\"").equal(),
        /// Where it stands.
        status: ShiftStatus = STAFF.writable().fallback("\"draft\"").equal(),
        /// When who works really came; filled in when it starts, unless given.
        actual_start_at: Option<Timestamp> = STAFF.writable().range(),
        /// When they really left; filled in when it is completed after it was started, unless given.
        actual_end_at: Option<Timestamp> = STAFF.writable().range(),
        /// What an hour is paid.
        rate: Option<Money> = PAY.writable().at_least(0),
        /// The shift whose place it takes.
        replaces_id: Option<ShiftId> = STAFF.writable().equal(),
    }
}

impl Plain for Shift<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str = "`status` goes along allowed steps; a forbidden one is refused with those that are allowed. Who gives a \
         shift back sets `open` and takes `staff_id` away. To swap, set `swapped` here and `replaces_id` in the other shift.";
    const DELETE_DOC: &'static str = "For a shift made by mistake. One that does not take place is cancelled.";
    const CREATE_VERBS: &'static [&'static EventType] = &[Self::CREATED, &events::PUBLISHED];
    const VERBS: &'static [&'static EventType] =
        &[Self::UPDATED, &events::PUBLISHED, &events::CLAIMED, &events::STARTED, &events::MISSED];

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
            self.note_times(before, moment.now);
        }
        self.check_staff()?;
        self.check_times(moment.now)?;
        if self.replaces_id == Some(self.id) {
            return Err(Problem::rule("/replaces_id", "range", "must be another shift"));
        }
        Ok(())
    }

    fn birth(&self) -> Option<&'static EventType> {
        matches!(self.status, ShiftStatus::Published | ShiftStatus::Open).then_some(&events::PUBLISHED)
    }

    fn verb(&self, before: &Self) -> Option<&'static EventType> {
        match self.status {
            status if status == before.status => None,
            ShiftStatus::Published | ShiftStatus::Open if before.status == ShiftStatus::Draft => Some(&events::PUBLISHED),
            ShiftStatus::Claimed => Some(&events::CLAIMED),
            ShiftStatus::Started => Some(&events::STARTED),
            ShiftStatus::Missed => Some(&events::MISSED),
            _ => None,
        }
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        let announcement = announcement.with("status", self.status.name());
        match self.staff_id {
            Some(staff) => announcement.with("staff_id", staff),
            None => announcement,
        }
    }
}

impl Shift<'_> {
    /// Fills in when somebody came and left.
    fn note_times(&mut self, before: &Self, now: Timestamp) {
        match (before.status, self.status) {
            (from, ShiftStatus::Started) if from != ShiftStatus::Started => {
                self.actual_start_at = self.actual_start_at.or(Some(now));
            }
            (ShiftStatus::Started, ShiftStatus::Completed) => self.actual_end_at = self.actual_end_at.or(Some(now)),
            _ => {}
        }
    }

    fn check_staff(&self) -> Result<(), Problem> {
        match self.staff_id {
            Some(_) if self.status == ShiftStatus::Open => {
                Err(Problem::rule("/staff_id", "open", "must be null while the shift is open"))
            }
            None if self.status.needs_staff() => {
                Err(Problem::rule("/staff_id", "required", format!("must be given once a shift is `{}`", self.status.name())))
            }
            _ => Ok(()),
        }
    }

    fn check_times(&self, now: Timestamp) -> Result<(), Problem> {
        let seconds = (self.ends_at.as_micros() - self.starts_at.as_micros()) / 1_000_000;
        if !(1..=SECONDS_MAX).contains(&seconds) {
            return Err(Problem::rule("/ends_at", "range", "must be after `starts_at`, and at most seven days later"));
        }
        if self.break_minutes.saturating_mul(60) >= seconds {
            return Err(Problem::rule("/break_minutes", "range", "must be shorter than the shift"));
        }
        if self.actual_start_at.is_some() && !self.status.was_started() {
            return Err(Problem::rule("/actual_start_at", "not_started", "goes together with `started` and `completed`"));
        }
        if self.actual_end_at.is_some() && self.status != ShiftStatus::Completed {
            return Err(Problem::rule("/actual_end_at", "not_completed", "goes together with `completed`"));
        }
        for (pointer, time) in [("/actual_start_at", self.actual_start_at), ("/actual_end_at", self.actual_end_at)] {
            if time.is_some_and(|time| time > now) {
                return Err(Problem::rule(pointer, "range", "must not be later than now"));
            }
        }
        refusals::check_order("/actual_end_at", self.actual_start_at, self.actual_end_at, "actual_start_at")
    }
}
