//! Whether two patients can be records of one animal: what is refused before a merge, because it cannot be
//! taken back.

use clinicos_contract::Problem;
use clinicos_contract::time::Date;
use clinicos_gate::{Cx, OrProblem as _};
use clinicos_store::{Row, StoreError};

use super::model::Patient;
use super::model::parts::Species;
use super::rows;
use crate::chart::is_before;
use crate::decode;
use crate::ids::PatientId;

/// What is done to a patient at a time, and the column that tells when.
const AT_TIMES: [(&str, &str); 7] = [
    ("visits", "checked_in_at"),
    ("vitals", "taken_at"),
    ("treatments", "performed_at"),
    ("vaccinations", "given_at"),
    ("lab_orders", "collected_at"),
    ("lab_results", "reported_at"),
    ("imaging_studies", "performed_at"),
];
/// What is done on a day.
const ON_DAYS: [(&str, &str); 2] = [("diagnoses", "diagnosed_on"), ("prescriptions", "prescribed_on")];

/// Refuses two patients that cannot be the same animal, and a merge after which the one that stays was dead
/// in one record and alive in the other, or treated before its birth.
pub async fn check(cx: &mut Cx<'_>, gone: &Patient<'_>, kept: &Patient<'_>) -> Result<(), Problem> {
    // What is no animal of a kind with a name of its own may have been entered before it was known.
    let unknown = [gone.species, kept.species].contains(&Species::ExoticOther);
    if gone.species != kept.species && !unknown {
        let detail = format!("`species` must be the same: {} is no {}", gone.species.name(), kept.species.name());
        return Err(Problem::rule("/into", "species", detail));
    }
    if gone.deceased_at.is_some() && kept.deceased_at.is_none() {
        let detail = "`deceased_at` must be set there first: the patient that would be merged away died";
        return Err(Problem::rule("/into", "deceased_at", detail));
    }
    let Some(born) = kept.birth_date else { return Ok(()) };
    for (table, column, day) in first_days(cx, gone.id).await? {
        if is_before(day, born, kept.birth_date_precision) {
            let detail = format!("its `birth_date` must not be after what was done: {table} have `{column}` on {day}");
            return Err(Problem::rule("/into", "birth_date", detail));
        }
    }
    Ok(())
}

/// The first day of each kind of entry in a patient's chart.
async fn first_days(cx: &mut Cx<'_>, patient: PatientId) -> Result<Vec<(&'static str, &'static str, Date)>, Problem> {
    let clinic = cx.clinic()?;
    let mut found = Vec::new();
    for (table, column) in AT_TIMES {
        let first = first(cx, (table, column), patient, |row| decode::opt_time(row, 0)).await?;
        found.extend(first.map(|at| (table, column, at.day_in(&clinic.zone))));
    }
    for (table, column) in ON_DAYS {
        let first = first(cx, (table, column), patient, |row| decode::opt_date(row, 0)).await?;
        found.extend(first.map(|day| (table, column, day)));
    }
    Ok(found)
}

async fn first<T: Send>(
    cx: &mut Cx<'_>,
    column: (&str, &str),
    patient: PatientId,
    read: fn(&dyn Row) -> Result<Option<T>, StoreError>,
) -> Result<Option<T>, Problem> {
    let clinic = cx.clinic_id()?;
    rows::first(cx.conn(), clinic, patient, column, read).await.or_problem()
}
