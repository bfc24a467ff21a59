//! The reminder: something that is due for a patient or an owner.

use std::borrow::Cow;

use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource, Timestamp};
use clinicos_gate::{Announcement, Cx, OrProblem as _};

use super::parts::{ChannelPlan, ReminderKind, ReminderStatus, SuppressedReason};
use super::sample;
use crate::ids::{self, AppointmentId, ClientId, PatientId, ProductId};
use crate::patients::model::status::PatientStatus;
use crate::plain::{Moment, Plain, check_step};
use crate::{patients, plain_record};

/// More attempts than that are a fault of whoever counts them.
const ATTEMPTS_MAX: i64 = 100;

const COMMUNICATION: Field = Field::of(Category::Communications);

plain_record! {
    /// What an owner should be reminded of. Nothing is sent by it.
    pub struct Reminder<'a>: ids::ReminderKind, "reminder" in "reminders";
    words "a reminder", "reminders";
    index "client_id" "patient_id" "due_on";
    worklist "status";
    {
        /// What it is about.
        kind: ReminderKind = COMMUNICATION.required().updatable().equal(),
        /// When it is due.
        due_on: Date = COMMUNICATION.required().updatable().range().sortable(),
        /// Where it stands.
        status: ReminderStatus = COMMUNICATION.writable().fallback("\"upcoming\"").equal(),
        /// Why nobody is to be reminded. Goes together with the status `suppressed`.
        suppressed_reason: Option<SuppressedReason> = COMMUNICATION.writable().equal(),
        /// Who is reminded. It or `patient_id` must be given.
        client_id: Option<ClientId> = COMMUNICATION.writable().equal(),
        /// Whom it is for.
        patient_id: Option<PatientId> = COMMUNICATION.writable().equal(),
        /// What is due.
        product_id: Option<ProductId> = COMMUNICATION.writable().equal(),
        /// The appointment that it is about, or that was booked for it.
        appointment_id: Option<AppointmentId> = COMMUNICATION.leads_to(Category::Appointments).writable().equal(),
        /// What the owner should read.
        text: Option<Cow<'a, str>> = COMMUNICATION.writable().filled().max(1_000),
        /// On which channels, the first one first; at most 8.
        channel_plan: Doc<'a, ChannelPlan> = COMMUNICATION.writable().max(8).distinct(),
        /// How often the owner was reminded; at most 100.
        attempts: i64 = COMMUNICATION.writable().at_least(0).fallback("0"),
        /// When the owner was reminded last; when a growing `attempts` was said here, unless given.
        last_attempt_at: Option<Timestamp> = COMMUNICATION.writable().range(),
    }
}

impl Plain for Reminder<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str =
        "`status` goes along allowed steps. A reminder for a patient who died can be `suppressed`, and not sent.";
    const DELETE_DOC: &'static str = "For a reminder made by mistake. One that is not needed is cancelled.";

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
        }
        if self.client_id.is_none() && self.patient_id.is_none() {
            return Err(Problem::rule("/client_id", "required", "`client_id` or `patient_id` must be given"));
        }
        if (self.status == ReminderStatus::Suppressed) != self.suppressed_reason.is_some() {
            return Err(Problem::rule("/suppressed_reason", "suppressed", "goes together with the status `suppressed`"));
        }
        if self.attempts > ATTEMPTS_MAX {
            return Err(Problem::rule("/attempts", "range", format!("must be at most {ATTEMPTS_MAX}")));
        }
        if let Some(before) = before {
            self.count(before, moment.now)?;
        }
        match self.last_attempt_at {
            Some(_) if self.attempts == 0 => Err(Problem::rule("/last_attempt_at", "range", "goes together with `attempts`")),
            Some(at) if at > moment.now => Err(Problem::rule("/last_attempt_at", "range", "must not be in the future")),
            _ => Ok(()),
        }
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        let announcement = announcement.with("status", self.status.name()).with("kind", self.kind.name());
        let announcement = match self.client_id {
            Some(client) => announcement.with("client_id", client),
            None => announcement,
        };
        match self.patient_id {
            Some(patient) => announcement.with("patient_id", patient),
            None => announcement,
        }
    }

    /// Nobody is to be told that a patient is due who died. A record that stands is not touched by it:
    /// it may be corrected in other ways.
    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let opens = before.is_none_or(|before| before.status != after.status || before.patient_id != after.patient_id);
        let Some(patient) = after.patient_id.filter(|_| opens && after.status.is_open()) else { return Ok(()) };
        let clinic = cx.clinic_id()?;
        match patients::rows::find(cx.conn(), clinic, patient).await.or_problem()? {
            Some(patient) if patient.status == PatientStatus::Deceased => {
                Err(Problem::rule("/status", "deceased", "the patient died; the reminder can be `suppressed`"))
            }
            _ => Ok(()),
        }
    }
}

impl Reminder<'static> {
    /// Attempts are counted up, and one that is counted without its time happened now.
    fn count(&mut self, before: &Self, now: Timestamp) -> Result<(), Problem> {
        if self.attempts < before.attempts {
            return Err(Problem::rule("/attempts", "range", format!("must not be less than the {} of before", before.attempts)));
        }
        if self.attempts > before.attempts && self.last_attempt_at == before.last_attempt_at {
            self.last_attempt_at = Some(now);
        }
        Ok(())
    }
}
