//! The statements that read what clients decided.

use std::collections::HashMap;

use clinicos_consent::{Decisions, Recorded, Statement};
use clinicos_contract::{AnyId, Timestamp, id::parse_any};
use clinicos_store::{Conn, Row, StoreError, Value};

use super::{Consents, Subject};
use crate::ids::ClinicId;
use crate::rows;

type Result<T> = std::result::Result<T, StoreError>;

/// Only what was decided counts: not what was proposed, rejected, has expired or was entered in error.
macro_rules! decided {
    ($rest:literal) => {
        concat!(
            "SELECT clinic_id, client_id, id, patient_id, category, decision, purposes, data_categories, recipients, valid_from, \
             valid_until, method, evidence_document_id, decided_at, withdrawn_at FROM consents \
             WHERE deleted_at IS NULL AND status IN ('active', 'withdrawn')",
            $rest
        )
    };
}

macro_rules! held {
    ($rest:literal) => {
        concat!(
            "SELECT clinic_id, max(seq) FROM security_changes WHERE kind IN ('client.decided', 'patient.owned', 'clients.came')",
            $rest,
            " GROUP BY clinic_id"
        )
    };
}

const HELD: &str = held!("");
const HELD_IN: &str = held!(" AND clinic_id = $1");
const ALL: &str = decided!(" -- all clinics: loaded at start");
const OF_CLINIC: &str = decided!(" AND clinic_id = $1");
const OF_CLIENT: &str = decided!(" AND clinic_id = $1 AND client_id = $2");

macro_rules! owners {
    ($rest:literal) => {
        concat!(
            "SELECT o.clinic_id, o.patient_id, o.client_id FROM patient_ownerships o WHERE o.to_day IS NULL AND EXISTS \
             (SELECT 1 FROM patient_ownerships p JOIN consents c ON c.clinic_id = p.clinic_id AND c.client_id = p.client_id \
             WHERE p.clinic_id = o.clinic_id AND p.patient_id = o.patient_id AND p.to_day IS NULL AND c.deleted_at IS NULL)",
            $rest
        )
    };
}

const OWNERS: &str = owners!(" -- all clinics: loaded at start");
const OWNERS_IN: &str = owners!(" AND o.clinic_id = $1");
const OWNERS_BESIDE: &str = "SELECT o.clinic_id, o.patient_id, o.client_id FROM patient_ownerships o WHERE o.clinic_id = $1 \
     AND o.to_day IS NULL AND o.patient_id IN (SELECT p.patient_id FROM patient_ownerships p WHERE p.clinic_id = $1 AND p.client_id = $2)";
const PATIENTS_OF: &str = "SELECT DISTINCT patient_id FROM patient_ownerships WHERE clinic_id = $1 AND client_id = $2";
const OWNERS_OF: &str = "SELECT clinic_id, patient_id, client_id FROM patient_ownerships WHERE clinic_id = $1 AND to_day IS NULL \
     AND patient_id = $2";

/// Reads what the clients of one clinic decided, or of all.
pub(crate) async fn load(conn: &mut dyn Conn, only: Option<&str>, seq: i64) -> Result<HashMap<ClinicId, Consents>> {
    let params: Vec<Value<'_>> = only.map(Value::Text).into_iter().collect();
    let mut said: HashMap<(ClinicId, Subject), Vec<Statement>> = HashMap::new();
    for (clinic, client, statement) in conn.all(if only.is_some() { OF_CLINIC } else { ALL }, &params, decision).await? {
        said.entry((clinic, client)).or_default().extend(statement);
    }
    let mut clinics: HashMap<ClinicId, Consents> = HashMap::new();
    for ((clinic, client), statements) in said {
        clinics.entry(clinic).or_default().put(client, Decisions::new(statements));
    }
    let mut owners: HashMap<(ClinicId, Subject), Vec<Subject>> = HashMap::new();
    for (clinic, patient, client) in conn.all(if only.is_some() { OWNERS_IN } else { OWNERS }, &params, ownership).await? {
        owners.entry((clinic, patient)).or_default().push(client);
    }
    for ((clinic, patient), owners) in owners {
        clinics.entry(clinic).or_default().put_owners(patient, owners);
    }
    clinics.values_mut().for_each(|consents| consents.seq = seq);
    // Of the log of changes, so that it is the same on each node and after each start.
    let held = if only.is_some() { HELD_IN } else { HELD };
    for (clinic, held_seq) in conn.all(held, &params, |row| Ok((rows::id(row, 0)?, row.int(1)?))).await? {
        clinics.entry(clinic).or_default().held_seq = held_seq;
    }
    Ok(clinics)
}

/// Reads anew what one client decided, and who owns the animals of that client.
pub(crate) async fn reload_client(conn: &mut dyn Conn, clinic: &str, id: &str, consents: &mut Consents) -> Result<()> {
    let Some(client) = subject(id) else { return Ok(()) };
    let params = [Value::Text(clinic), Value::Text(id)];
    let said = conn.all(OF_CLIENT, &params, decision).await?;
    consents.put(client, Decisions::new(said.into_iter().filter_map(|(_, _, statement)| statement).collect()));
    let patients = conn.all(PATIENTS_OF, &params, |row| self::subject_in(row, 0)).await?;
    let mut owners: HashMap<Subject, Vec<Subject>> = patients.into_iter().map(|patient| (patient, Vec::new())).collect();
    for (_, patient, owner) in conn.all(OWNERS_BESIDE, &params, ownership).await? {
        owners.entry(patient).or_default().push(owner);
    }
    owners.into_iter().for_each(|(patient, owners)| consents.put_owners(patient, owners));
    Ok(())
}

/// Reads anew who owns a patient.
pub(crate) async fn reload_patient(conn: &mut dyn Conn, clinic: &str, id: &str, consents: &mut Consents) -> Result<()> {
    let Some(patient) = subject(id) else { return Ok(()) };
    let owners = conn.all(OWNERS_OF, &[Value::Text(clinic), Value::Text(id)], ownership).await?;
    consents.put_owners(patient, owners.into_iter().map(|(_, _, owner)| owner).collect());
    Ok(())
}

fn decision(row: &dyn Row) -> Result<(ClinicId, Subject, Option<Statement>)> {
    let time = |column| row.opt_int(column).map(|at| at.map(Timestamp::from_micros));
    let decided_at = time(13)?.unwrap_or_default();
    let recorded = Recorded {
        id: row.text(2)?,
        patient_id: row.opt_text(3)?,
        category: row.text(4)?,
        decision: row.text(5)?,
        purposes: row.text(6)?,
        data_categories: row.text(7)?,
        recipients: row.text(8)?,
        valid_from: time(9)?,
        valid_until: time(10)?,
        method: row.text(11)?,
        has_evidence: row.opt_text(12)?.is_some(),
        decided_at,
        withdrawn_at: time(14)?,
    };
    let statement = Statement::read(&recorded).unwrap_or_else(|cause| {
        tracing::error!(consent = recorded.id, %cause, "a consent counts as a refusal of everything");
        let bytes = subject(recorded.id).unwrap_or_default();
        Some(Statement::unreadable(AnyId { prefix: "cns", bytes }, decided_at))
    });
    Ok((rows::id(row, 0)?, subject_in(row, 1)?, statement))
}

fn ownership(row: &dyn Row) -> Result<(ClinicId, Subject, Subject)> {
    Ok((rows::id(row, 0)?, subject_in(row, 1)?, subject_in(row, 2)?))
}

fn subject_in(row: &dyn Row, column: usize) -> Result<Subject> {
    subject(row.text(column)?).ok_or_else(|| StoreError::Corrupt("whose data it is cannot be read".to_owned()))
}

fn subject(id: &str) -> Option<Subject> {
    parse_any(id).map(|(_, bytes)| bytes)
}
