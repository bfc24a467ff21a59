//! The statements that tell whose data is a client's.

use std::collections::HashSet;

use clinicos_contract::id;
use clinicos_contract::time::parse_date;
use clinicos_gate::ClinicId;
use clinicos_store::journal::audit::Bytes16;
use clinicos_store::{Conn, Row, StoreError, Value};

use super::model::{ClientId, Subjects, While};

/// Most animals, and most duplicates, that one question is about: the log is looked through for each of them. Of
/// whoever has more, such as a shelter, the newest count.
pub const SUBJECTS_MAX: i64 = 100;

const EXISTS: &str = "SELECT 1 FROM clients WHERE clinic_id = $1 AND id = $2";
const DUPLICATES: &str = "SELECT id FROM clients WHERE clinic_id = $1 AND merged_into = $2 ORDER BY id DESC LIMIT $3";
const ANIMALS: &str = "SELECT patient_id, from_day, to_day FROM patient_ownerships WHERE clinic_id = $1 AND client_id = $2 \
                       ORDER BY patient_id DESC LIMIT $3";
/// A duplicate's are the client's since they were merged.
const CONSENTS: &str = "SELECT id FROM consents WHERE clinic_id = $1 AND client_id = $2";
/// Duplicates of those animals.
const SAME_ANIMALS: &str = "SELECT d.id, o.from_day, o.to_day FROM patient_ownerships o JOIN patients d ON d.clinic_id = o.clinic_id \
                            AND d.merged_into = o.patient_id WHERE o.clinic_id = $1 AND o.client_id = $2 ORDER BY d.id DESC LIMIT $3";

/// Whose data is this client's; `None` if there is no such client.
pub async fn subjects(conn: &mut dyn Conn, clinic: ClinicId, client: ClientId) -> Result<Option<Subjects>, StoreError> {
    let key = [clinic.into(), client.into()];
    if conn.one(EXISTS, &key, |_| Ok(())).await?.is_none() {
        return Ok(None);
    }
    let params: Vec<Value<'_>> = key.into_iter().chain([Value::Int(SUBJECTS_MAX)]).collect();
    let mut subjects = Subjects::default();
    subjects.0.insert(client.to_bytes(), vec![While::EVER]);
    for duplicate in conn.all(DUPLICATES, &params, |row| bytes(row.text(0)?)).await? {
        subjects.0.insert(duplicate, vec![While::EVER]);
    }
    for statement in [ANIMALS, SAME_ANIMALS] {
        for (animal, time) in conn.all(statement, &params, owned).await? {
            subjects.0.entry(animal).or_default().push(time);
        }
    }
    Ok(Some(subjects))
}

/// What this client decided, whatever came of it.
pub async fn consents(conn: &mut dyn Conn, clinic: ClinicId, client: ClientId) -> Result<HashSet<Bytes16>, StoreError> {
    let found = conn.all(CONSENTS, &[clinic.into(), client.into()], |row| bytes(row.text(0)?)).await?;
    Ok(found.into_iter().collect())
}

fn owned(row: &dyn Row) -> Result<(Bytes16, While), StoreError> {
    let day = |column| row.opt_text(column).map(|text| text.and_then(parse_date));
    Ok((bytes(row.text(0)?)?, While { from: day(1)?, until: day(2)? }))
}

fn bytes(text: &str) -> Result<Bytes16, StoreError> {
    id::parse_any(text).map(|(_, bytes)| bytes).ok_or_else(|| StoreError::Corrupt("an id of a client or patient".to_owned()))
}
