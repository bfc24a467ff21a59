//! Identifiers of records in other systems: each means one record of its kind in a clinic.
//!
//! The list in a record is what callers see; the table says which record an identifier means.
//! Whoever writes the list writes the table in the same transaction. Deleting a record changes
//! neither: its identifiers stay its own.

pub mod rows;

use clinicos_contract::{AnyId, Id, Kind, Problem};
use clinicos_gate::{ClinicId, OrProblem as _};
use clinicos_store::Conn;

use crate::documents::{ExternalId, ExternalIds};

/// An identifier, and the record that it means from now on.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The clinic.
    pub clinic: ClinicId,
    /// The record.
    pub record: AnyId,
    /// Its identifier elsewhere.
    pub external: ExternalId,
}

/// Makes these identifiers mean a new record.
pub async fn claim<K: Kind>(conn: &mut dyn Conn, clinic: ClinicId, id: Id<K>, given: &ExternalIds) -> Result<(), Problem> {
    replace(conn, clinic, id, &ExternalIds::default(), given).await
}

/// Makes `wanted` mean a record in place of `before`. One that means another record already, or
/// that is given twice, is refused.
pub async fn replace<K: Kind>(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    id: Id<K>,
    before: &ExternalIds,
    wanted: &ExternalIds,
) -> Result<(), Problem> {
    for (at, external) in wanted.0.iter().enumerate() {
        if wanted.0.iter().take(at).any(|other| other == external) {
            return Err(Problem::rule(format!("/external_ids/{at}"), "repeated", "is given a second time"));
        }
        if before.0.contains(external) {
            continue;
        }
        let owner = rows::find(conn, clinic, K::PREFIX, external).await.or_problem()?;
        if owner.is_some_and(|owner| owner != id.to_string()) {
            return Err(taken(at));
        }
    }
    let gone: Vec<&ExternalId> = before.0.iter().filter(|external| !wanted.0.contains(external)).collect();
    let new: Vec<Claim> = wanted
        .0
        .iter()
        .filter(|external| !before.0.contains(external))
        .map(|external| Claim { clinic, record: id.any(), external: external.clone() })
        .collect();
    for external in gone {
        rows::delete(conn, clinic, K::PREFIX, external).await.or_problem()?;
    }
    rows::insert(conn, &new).await.or_problem()
}

/// Makes the identifiers of a duplicate mean the record that stays.
pub async fn turn_over<K: Kind>(conn: &mut dyn Conn, clinic: ClinicId, to: Id<K>, ids: &ExternalIds) -> Result<(), Problem> {
    for external in &ids.0 {
        rows::delete(conn, clinic, K::PREFIX, external).await.or_problem()?;
    }
    let claims: Vec<Claim> =
        ids.0.iter().map(|external| Claim { clinic, record: to.any(), external: external.clone() }).collect();
    rows::insert(conn, &claims).await.or_problem()
}

/// An identifier that means another record.
pub fn taken(at: usize) -> Problem {
    Problem::rule(
        format!("/external_ids/{at}"),
        "already_exists",
        "another record of the clinic has this identifier, or had it when it was deleted",
    )
}
