//! Time off: when somebody is away, and who said yes.

use std::borrow::Cow;

use clinicos_contract::category::Sensitivity;
use clinicos_contract::{Category, Field, Problem, Resource, Timestamp};
use clinicos_gate::Announcement;

use super::sample;
use super::status::{TimeOffKind as Kind, TimeOffStatus};
use crate::ids::{StaffId, TimeOffKind};
use crate::plain::{Moment, Plain, check_step};
use crate::plain_record;

/// Longest time from start to end: two years, for parents.
const SECONDS_MAX: i64 = 731 * 24 * 60 * 60;

const STAFF: Field = Field::of(Category::Staff);
/// Why somebody is away is nobody's business but the clinic's.
const REASON: Field = STAFF.sensitivity(Sensitivity::Internal);

plain_record! {
    /// A time that somebody is away, or would like to be.
    pub struct TimeOff<'a>: TimeOffKind, "time_off" in "time_off";
    words "time off", "time off";
    index "staff_id" "starts_at";
    {
        /// Who is away.
        staff_id: StaffId = STAFF.required().equal(),
        /// What it is for.
        kind: Kind = REASON.writable().fallback("\"pto\"").equal(),
        /// When it starts.
        starts_at: Timestamp = STAFF.required().updatable().range().sortable(),
        /// When it ends; at most two years later.
        ends_at: Timestamp = STAFF.required().updatable().range(),
        /// Where it stands.
        status: TimeOffStatus = STAFF.writable().fallback("\"requested\"").equal(),
        /// Why, in the words of who asks.
        reason: Option<Cow<'a, str>> = REASON.writable().max(1_000),
        /// Who approved or denied it.
        decided_by_id: Option<StaffId> = STAFF.writable().equal(),
        /// When that was.
        decided_at: Option<Timestamp> = STAFF.range(),
        /// What they said about it.
        decision_note: Option<Cow<'a, str>> = REASON.writable().max(1_000),
    }
}

impl Plain for TimeOff<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str = "`status` goes along allowed steps; a forbidden one is refused with those that are allowed. Back at \
         `requested`, nobody has decided.";
    const DELETE_DOC: &'static str = "For time off that was recorded by mistake. What is no longer wanted is cancelled.";

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
        }
        let seconds = (self.ends_at.as_micros() - self.starts_at.as_micros()) / 1_000_000;
        if !(1..=SECONDS_MAX).contains(&seconds) {
            return Err(Problem::rule("/ends_at", "range", "must be after `starts_at`, and at most two years later"));
        }
        if self.status == TimeOffStatus::Taken && self.starts_at > moment.now {
            return Err(Problem::rule("/status", "too_early", "nobody can be away before `starts_at`"));
        }
        self.note_decision(before, moment.now)
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("status", self.status.name()).with("staff_id", self.staff_id)
    }
}

impl TimeOff<'_> {
    /// Fills in when it was decided; what is only asked for, nobody has decided.
    fn note_decision(&mut self, before: Option<&Self>, now: Timestamp) -> Result<(), Problem> {
        match self.status {
            TimeOffStatus::Requested => {
                if before.is_some_and(|before| before.status != TimeOffStatus::Requested) {
                    (self.decided_by_id, self.decided_at, self.decision_note) = (None, None, None);
                }
                let given = [("/decided_by_id", self.decided_by_id.is_some()), ("/decision_note", self.decision_note.is_some())];
                match given.into_iter().find(|(_, given)| *given) {
                    Some((pointer, _)) => Err(Problem::rule(pointer, "not_decided", "goes together with a decision")),
                    None => Ok(()),
                }
            }
            TimeOffStatus::Approved | TimeOffStatus::Denied => {
                if before.is_none_or(|before| before.status != self.status) {
                    self.decided_at = Some(now);
                }
                Ok(())
            }
            TimeOffStatus::Taken | TimeOffStatus::Cancelled => Ok(()),
        }
    }
}
