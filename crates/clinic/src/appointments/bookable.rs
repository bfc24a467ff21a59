//! Whether something can be booked: its patients are of the client, and provider and room are free.
//!
//! What is there already is not looked at again before it is moved: records come in from elsewhere as
//! they stand, and a calendar that was full stays as full as it was.

use clinicos_contract::Problem;
use clinicos_gate::{Cx, OrProblem as _};

use super::model::Appointment;
use super::rows::{self, Wanted};
use super::status::AppointmentStatus;
use crate::appointment_types::model::CareKind;
use crate::patients;
use crate::patients::model::Patient;

/// Refuses patients that the client does not own, nor looks after for an owner.
pub async fn check_patients(cx: &mut Cx<'_>, before: Option<&Appointment<'_>>, after: &Appointment<'_>) -> Result<(), Problem> {
    let Some(client) = after.client_id else { return Ok(()) };
    let clinic = cx.clinic()?;
    let known = before.filter(|before| before.client_id == after.client_id).map(Appointment::patients).unwrap_or_default();
    let day = after.starts_at.day_in(&clinic.zone);
    for (at, id) in after.patients().into_iter().enumerate().filter(|(_, id)| !known.contains(id)) {
        let patient = patients::rows::find(cx.conn(), clinic.id, id).await.or_problem()?;
        let is_of = |patient: &Patient<'_>| {
            let owners = patient.ownerships.value().unwrap_or_default().0;
            let mut current = owners.iter().filter(|one| one.to.is_none_or(|to| day <= to)).peekable();
            // Who found a stray brings it.
            current.peek().is_none() || current.any(|one| one.client_id == client)
        };
        if patient.is_some_and(|patient| !is_of(&patient)) {
            let detail = "must be a patient of `client_id`; who owns it, or looks after it, is in its `ownerships`";
            return Err(Problem::rule(format!("/patient_ids/{at}"), "other_client", detail));
        }
    }
    Ok(())
}

/// Refuses a time at which the provider or the room is taken already.
pub async fn check_free(cx: &mut Cx<'_>, before: Option<&Appointment<'_>>, after: &Appointment<'_>) -> Result<(), Problem> {
    if !holds(after) {
        return Ok(());
    }
    // What takes no more than it did is not looked at again, and who did not show up may still come.
    let kept = before.filter(|before| {
        (holds(before) || before.status == AppointmentStatus::NoShow)
            && before.starts_at <= after.starts_at
            && after.ends_at <= before.ends_at
            && before.type_id == after.type_id
    });
    let provider = after.provider_id.filter(|id| kept.is_none_or(|kept| kept.provider_id != Some(*id)));
    let room = after.room.as_deref().map(room_name);
    let room = room.filter(|room| kept.is_none_or(|kept| kept.room.as_deref().map(room_name).as_ref() != Some(room)));
    if provider.is_none() && room.is_none() {
        return Ok(());
    }
    let clinic = cx.clinic_id()?;
    if let Some(id) = after.type_id {
        let care = rows::care_of(cx.conn(), clinic, id).await.or_problem()?;
        if care.is_some_and(CareKind::may_overlap) {
            return Ok(());
        }
    }
    let wanted = Wanted { starts_at: after.starts_at, ends_at: after.ends_at, by: after.id };
    if let Some(provider) = provider
        && rows::has(cx.conn(), clinic, provider, wanted).await.or_problem()?
    {
        return Err(taken("/provider_id"));
    }
    if let Some(room) = room {
        let others = rows::rooms(cx.conn(), clinic, wanted).await.or_problem()?;
        if others.iter().any(|other| room_name(other) == room) {
            return Err(taken("/room"));
        }
    }
    Ok(())
}

fn taken(pointer: &str) -> Problem {
    let detail = "is booked at that time; choose another time, or say `allow_overlap` if both are meant";
    Problem::rule(pointer, "double_booked", detail)
}

/// A room's name, whoever wrote it: capital letters and spaces tell no rooms apart.
pub fn room_name(room: &str) -> String {
    room.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether it takes its provider and room up, so that they must be free.
fn holds(appointment: &Appointment<'_>) -> bool {
    AppointmentStatus::HOLDING.contains(&appointment.status) && !appointment.allow_overlap
}
