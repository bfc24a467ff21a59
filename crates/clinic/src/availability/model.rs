//! The availability: a time, once or again and again, that somebody or a room can be booked or not.

use std::borrow::Cow;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource, Timestamp, Wire as _};
use clinicos_gate::Announcement;

use super::{recurrence, sample};
use crate::ids::{AppointmentTypeId, AvailabilityKind, StaffId};
use crate::plain::{Moment, Plain};
use crate::{column_words, document_list, plain_record};

/// Longest time from start to end, each time: a month away.
const SECONDS_MAX: i64 = 31 * 24 * 60 * 60;

// The clinic's own: it tells of no client.
const CALENDAR: Field = Field::of(Category::Appointments).figure();

column_words! {
    /// Whether a time can be booked.
    TimeKind {
        /// It can.
        Bookable = "bookable",
        /// It cannot.
        Blocked = "blocked",
    }

    /// Why a time cannot be booked.
    BlockReason {
        /// They eat.
        Lunch = "lunch",
        /// They meet.
        Meeting = "meeting",
        /// They operate.
        SurgeryBlock = "surgery_block",
        /// Paid time off.
        Pto = "pto",
        /// They are ill.
        Sick = "sick",
        /// They learn.
        Training = "training",
        /// A holiday.
        Holiday = "holiday",
        /// Kept free for what may come.
        Hold = "hold",
    }
}

document_list! {
    /// What can be booked.
    TypeIds of AppointmentTypeId, AppointmentTypeId::SHAPE
}

plain_record! {
    /// A time that somebody or a room can be booked, or cannot. A blocked time wins over a bookable one.
    pub struct Availability<'a>: AvailabilityKind, "availability" in "availability";
    words "an availability", "availability";
    index "staff_id" "starts_at";
    {
        /// Whose time it is. Either this or `room` is given.
        staff_id: Option<StaffId> = CALENDAR.writable().equal(),
        /// Which room's time it is, as the clinic names it. Either this or `staff_id` is given.
        room: Option<Cow<'a, str>> = CALENDAR.writable().filled().max(60).equal(),
        /// Whether it can be booked.
        kind: TimeKind = CALENDAR.required().updatable().equal(),
        /// Why it cannot; only if `blocked`.
        block_reason: Option<BlockReason> = CALENDAR.writable().equal(),
        /// When it starts, the first time if it repeats.
        starts_at: Timestamp = CALENDAR.required().updatable().range().sortable(),
        /// When it ends, the first time; at most 31 days after the start.
        ends_at: Timestamp = CALENDAR.required().updatable().range(),
        /// When it repeats: a recurrence rule of RFC 5545 by day or longer, such as `FREQ=WEEKLY;BYDAY=TU,TH`.
        /// Days are those of the clinic's time zone. Null for once.
        rrule: Option<Cow<'a, str>> = CALENDAR.writable().max(recurrence::CHARS_MAX),
        /// What can be booked; empty for everything. Only if `bookable`.
        types_allowed: Doc<'a, TypeIds> = CALENDAR.writable().max(50).distinct(),
    }
}

impl Plain for Availability<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;

    fn settle(&mut self, _before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        match (self.staff_id, &self.room) {
            (Some(_), Some(_)) => return Err(Problem::rule("/room", "one_of", "must be null where `staff_id` is given")),
            (None, None) => return Err(Problem::rule("/staff_id", "one_of", "must be given, or else `room`")),
            _ => {}
        }
        if self.block_reason.is_some() && self.kind != TimeKind::Blocked {
            return Err(Problem::rule("/block_reason", "not_blocked", "goes together with `blocked`"));
        }
        if self.kind == TimeKind::Blocked && self.types_allowed.value().is_some_and(|types| !types.0.is_empty()) {
            return Err(Problem::rule("/types_allowed", "not_bookable", "goes together with `bookable`"));
        }
        let seconds = (self.ends_at.as_micros() - self.starts_at.as_micros()) / 1_000_000;
        if !(1..=SECONDS_MAX).contains(&seconds) {
            return Err(Problem::rule("/ends_at", "range", "must be after `starts_at`, and at most 31 days later"));
        }
        let Some(rrule) = &self.rrule else { return Ok(()) };
        let rule = recurrence::parse(rrule).map_err(|detail| Problem::rule("/rrule", "recurrence", detail))?;
        let first_day = self.starts_at.day_in(&moment.clinic.zone);
        let over = rule.until.is_some_and(|until| match until {
            recurrence::Until::Day(day) => day < first_day,
            recurrence::Until::Time(time) => time < self.starts_at,
        });
        if over { Err(Problem::rule("/rrule", "range", "`UNTIL` must not be before `starts_at`")) } else { Ok(()) }
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        let announcement = announcement.with("kind", self.kind.name());
        match self.staff_id {
            Some(staff) => announcement.with("staff_id", staff),
            None => announcement,
        }
    }
}
