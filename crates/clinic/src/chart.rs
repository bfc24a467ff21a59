//! What must hold between a patient and what stands in its chart: what was done was done within
//! its life, and the visit that it was done on is its own.

use clinicos_contract::time::Date;
use clinicos_contract::{Problem, Timestamp};
use clinicos_gate::{Cx, OrProblem as _};

use crate::ids::{PatientId, VisitId};
use crate::patients::model::Patient;
use crate::patients::model::parts::Precision;
use crate::plain::Moment;
use crate::{patients, visits};

/// How far ahead of ours the clock of a device may be.
const AHEAD_SECONDS_MAX: i64 = 5 * 60;

/// What is looked at of something in a chart.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose chart it is.
    pub patient: PatientId,
    /// The visit that it was done on.
    pub visit: Option<VisitId>,
    /// The day on which it was done, by the clinic's calendar, and the field that says so.
    pub day: Option<(&'static str, Date)>,
    /// Whether it can be done for a dead patient, such as a sample that is taken to learn why.
    pub after_death: bool,
}

/// Refuses what was not done within the patient's life, or on another patient's visit. Nothing is
/// looked at again that is as it was before.
pub async fn check(cx: &mut Cx<'_>, before: Option<Entry>, after: Entry) -> Result<(), Problem> {
    if before.as_ref() == Some(&after) {
        return Ok(());
    }
    let clinic = cx.clinic()?;
    if let Some(id) = after.visit {
        let patient = visits::rows::patient_of(cx.conn(), clinic.id, id).await.or_problem()?;
        if patient.is_some_and(|patient| patient != after.patient) {
            return Err(Problem::rule("/visit_id", "other_patient", "must be a visit of the same patient"));
        }
    }
    let Some((field, day)) = after.day else { return Ok(()) };
    let Some(patient) = patients::rows::find(cx.conn(), clinic.id, after.patient).await.or_problem()? else { return Ok(()) };
    let died = patient.deceased_at.filter(|_| !after.after_death).map(|at| at.day_in(&clinic.zone));
    check_life(&patient, died, field, day)
}

fn check_life(patient: &Patient<'_>, died: Option<Date>, field: &str, day: Date) -> Result<(), Problem> {
    let wrong = |detail: &str| Err(Problem::rule(format!("/{field}"), "lifetime", detail));
    if patient.birth_date.is_some_and(|born| is_before(day, born, patient.birth_date_precision)) {
        return wrong("must not be before the patient's birth");
    }
    // The day itself is not told: who writes need not be one who may read it.
    if died.is_some_and(|died| day > died) {
        return wrong("must not be after the patient's death: what is later is not recorded for it");
    }
    Ok(())
}

/// Whether a day is before a birth, by as much as is known of that.
pub fn is_before(day: Date, born: Date, known: Option<Precision>) -> bool {
    match known {
        Some(Precision::Exact) => day < born,
        Some(Precision::Month) => (day.year(), day.month()) < (born.year(), born.month()),
        Some(Precision::Year) => day.year() < born.year(),
        Some(Precision::Estimated) | None => false,
    }
}

/// Refuses a time that has not come.
pub fn check_past(field: &str, time: Option<Timestamp>, moment: &Moment<'_>) -> Result<(), Problem> {
    match time {
        Some(time) if time > moment.now.plus_seconds(AHEAD_SECONDS_MAX) => {
            Err(Problem::rule(format!("/{field}"), "range", "must not be in the future"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clinicos_contract::time::parse_date;

    use super::*;

    #[test]
    fn what_is_not_known_of_a_birth_refuses_nothing() {
        let day = |text| parse_date(text).unwrap();
        for (known, first_allowed, last_refused) in [
            (Some(Precision::Exact), "2021-04-15", Some("2021-04-14")),
            (Some(Precision::Month), "2021-04-01", Some("2021-03-31")),
            (Some(Precision::Year), "2021-01-01", Some("2020-12-31")),
            (Some(Precision::Estimated), "1990-01-01", None),
        ] {
            assert!(!is_before(day(first_allowed), day("2021-04-15"), known), "{known:?}");
            assert!(last_refused.is_none_or(|last| is_before(day(last), day("2021-04-15"), known)), "{known:?}");
        }
    }
}
