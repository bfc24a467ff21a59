//! The appointment: a time that is booked, and how it went.

use std::borrow::Cow;

use clinicos_contract::category::Sensitivity;
use clinicos_contract::event::EventType;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource, Timestamp, Wire as _};
use clinicos_gate::{Announcement, Cx};
use clinicos_store::{Conn, StoreError};
use futures_util::future::BoxFuture;

use super::parts::{BookingChannel, Cancellation, Deposit, PatientIds};
use super::status::AppointmentStatus;
use super::{bookable, events, rows, sample};
use crate::documents::AppointmentCodes;
use crate::ids::{AppointmentId, AppointmentKind, AppointmentTypeId, ClientId, PatientId, StaffId};
use crate::plain::{Declared as _, Moment, Plain, check_step};
use crate::{chart, plain_record};

/// Longest time from start to end: a patient that stays a month.
pub const SECONDS_MAX: i64 = 31 * 24 * 60 * 60;

const CALENDAR: Field = Field::of(Category::Appointments);
const FINANCIAL: Field = Field::of(Category::OwnerFinancial);

plain_record! {
    /// A time that is booked, for one or more patients of a client.
    pub struct Appointment<'a>: AppointmentKind, "appointment" in "appointments";
    words "an appointment", "appointments";
    index "client_id" "provider_id" "starts_at";
    worklist "status";
    through "patient_id" rows::OF_PATIENT;
    {
        /// What it is for.
        type_id: Option<AppointmentTypeId> = CALENDAR.figure().writable().equal(),
        /// Who booked it.
        client_id: Option<ClientId> = CALENDAR.writable().equal(),
        /// Which patients come; at most 20.
        patient_ids: Doc<'a, PatientIds> = CALENDAR.writable().max(20).distinct(),
        /// Who sees them.
        provider_id: Option<StaffId> = CALENDAR.figure().writable().equal(),
        /// In which room, as the clinic names it.
        room: Option<Cow<'a, str>> = CALENDAR.figure().writable().max(60).equal(),
        /// When it starts.
        starts_at: Timestamp = CALENDAR.figure().required().updatable().range().sortable(),
        /// When it ends; at most 31 days later.
        ends_at: Timestamp = CALENDAR.figure().required().updatable().range(),
        /// Where it stands.
        status: AppointmentStatus = CALENDAR.figure().writable().fallback("\"scheduled\"").equal(),
        /// How it was booked.
        channel: Option<BookingChannel> = CALENDAR.figure().writable().equal(),
        /// Why they come, in the client's words.
        reason: Option<Cow<'a, str>> = CALENDAR.writable().max(1_000),
        /// The same in coding systems; at most 20.
        reason_codes: Doc<'a, AppointmentCodes> = CALENDAR.writable().max(20),
        /// What is paid before.
        deposit: Option<Doc<'a, Deposit>> = FINANCIAL.writable(),
        /// Why it does not take place; goes together with the status `cancelled`.
        cancellation: Option<Doc<'a, Cancellation>> = CALENDAR.writable(),
        /// When it repeats: a recurrence rule of RFC 5545, such as `FREQ=WEEKLY;COUNT=4`.
        recurrence: Option<Cow<'a, str>> = CALENDAR.writable().max(200),
        /// The appointment whose place it takes.
        replaces_id: Option<AppointmentId> = CALENDAR.writable().equal(),
        /// Whether it takes place by phone or video.
        is_telehealth: bool = CALENDAR.figure().writable().equal(),
        /// Whether it may stand beside other appointments of its provider and in its room.
        allow_overlap: bool = CALENDAR.figure().writable().equal(),
        /// Notes that no client should read.
        notes_internal: Option<Cow<'a, str>> = CALENDAR.sensitivity(Sensitivity::Internal).writable().max(4_000),
    }
}

impl Plain for Appointment<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const THROUGH: &'static [Field] =
        &[CALENDAR.equal().named("patient_id", "Only appointments to which this patient comes.", PatientId::SHAPE, false)];
    const CREATE_DOC: &'static str = "Provider and room must be free; capital letters and spaces tell no rooms apart. Two appointments \
         may stand beside one another if one of them says `allow_overlap`, or is an `emergency`, left or boarding (`drop_off`, `boarding`), \
         whichever was booked first. A `requested` appointment holds nothing yet. Patients must be of the client: owners, co-owners, agents, fosterers and rescues count.";
    const UPDATE_DOC: &'static str = "`status` goes along allowed steps; a forbidden one is refused with those that are allowed. To move an \
         appointment change its times; to book another one in its place set `rescheduled` here and `replaces_id` there.";
    const DELETE_DOC: &'static str = "For an appointment made by mistake. One that does not take place is cancelled.";
    const VERBS: &'static [&'static EventType] =
        &[Self::UPDATED, &events::CONFIRMED, &events::ARRIVED, &events::NO_SHOW, &events::CANCELLED];

    fn settle(&mut self, before: Option<&Self>, _moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
        }
        let seconds = (self.ends_at.as_micros() - self.starts_at.as_micros()) / 1_000_000;
        if !(1..=SECONDS_MAX).contains(&seconds) {
            return Err(Problem::rule("/ends_at", "range", "must be after `starts_at`, and at most 31 days later"));
        }
        if (self.status == AppointmentStatus::Cancelled) != self.cancellation.is_some() {
            return Err(Problem::rule("/cancellation", "cancelled", "goes together with the status `cancelled`"));
        }
        if self.replaces_id == Some(self.id) {
            return Err(Problem::rule("/replaces_id", "range", "must be another appointment"));
        }
        Ok(())
    }

    fn verb(&self, before: &Self) -> Option<&'static EventType> {
        match self.status {
            status if status == before.status => None,
            AppointmentStatus::Confirmed => Some(&events::CONFIRMED),
            AppointmentStatus::Arrived => Some(&events::ARRIVED),
            AppointmentStatus::NoShow => Some(&events::NO_SHOW),
            AppointmentStatus::Cancelled => Some(&events::CANCELLED),
            _ => None,
        }
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        let announcement = announcement.with("status", self.status.name());
        match self.client_id {
            Some(client) => announcement.with("client_id", client),
            None => announcement,
        }
    }

    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let clinic = cx.clinic()?;
        let entry = |appointment: &Self, patient: PatientId| chart::Entry {
            patient,
            visit: None,
            day: appointment.takes_place().then(|| ("starts_at", appointment.starts_at.day_in(&clinic.zone))),
            after_death: false,
        };
        for patient in after.patients() {
            let known = before.filter(|before| before.patients().contains(&patient));
            chart::check(cx, known.map(|before| entry(before, patient)), entry(after, patient)).await?;
        }
        if after.deleted_at.is_some() {
            return Ok(());
        }
        bookable::check_patients(cx, before, after).await?;
        bookable::check_free(cx, before, after).await
    }

    fn beside<'c>(conn: &'c mut dyn Conn, stored: &'c [Self]) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(rows::come(conn, stored))
    }
}

impl Appointment<'_> {
    /// Which patients come.
    pub fn patients(&self) -> Vec<PatientId> {
        self.patient_ids.value().unwrap_or_default().0
    }

    fn takes_place(&self) -> bool {
        !matches!(self.status, AppointmentStatus::Cancelled | AppointmentStatus::NoShow | AppointmentStatus::Rescheduled)
    }
}
