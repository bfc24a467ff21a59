//! What must hold of a patient, at its birth, its death and in between.

use clinicos_contract::Currency;
use clinicos_contract::time::{parse_date, zone};
use clinicos_gate::OrganizationId;
use serde_json::{Value, json};

use super::*;

fn clinic() -> ClinicFacts {
    ClinicFacts {
        id: ClinicId::from_bytes([1; 16]),
        organization: OrganizationId::from_bytes([1; 16]),
        zone: zone("America/Chicago").unwrap(),
        currency: Currency::USD,
        takes_calls: true,
        writes_stopped: false,
        record_comes_in: false,
    }
}

fn today() -> Date {
    parse_date("2026-11-22").unwrap()
}

fn owner() -> Value {
    json!([{"client_id": ClientId::from_bytes([1; 16]).to_string(), "role": "primary"}])
}

fn made(changes: Value) -> Result<Patient<'static>, Problem> {
    let mut body = json!({"name": "Biscuit", "species": "canine", "ownerships": owner()});
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let new: NewPatient = serde_json::from_value(body).unwrap();
    new.record(PatientId::from_bytes([2; 16]), &clinic(), today(), Timestamp::from_micros(0))
}

fn changed(patient: &mut Patient<'static>, patch: Value) -> Result<Vec<&'static str>, Problem> {
    let patch: PatientPatch = serde_json::from_value(patch).unwrap();
    Ok(patient.apply(patch, &clinic(), today())?.names().collect())
}

fn refused<T: std::fmt::Debug>(result: Result<T, Problem>) -> (String, &'static str) {
    let error = result.unwrap_err().errors.remove(0);
    (error.pointer, error.code)
}

#[test]
fn days_and_numbers_are_sane() {
    for (changes, pointer, code) in [
        (json!({"name": ""}), "/name", "empty"),
        (json!({"birth_date": "2026-11-23"}), "/birth_date", "range"),
        (json!({"birth_date_precision": "year"}), "/birth_date_precision", "birth_date"),
        (json!({"weight_kg": "0"}), "/weight_kg", "range"),
        (json!({"weight_kg": "-4.5"}), "/weight_kg", "range"),
        (json!({"weight_kg": "20000.0001"}), "/weight_kg", "range"),
        (json!({"microchips": [{"number": "9"}, {"number": "9"}]}), "/microchips/1/number", "repeated"),
        (json!({"microchips": [{"number": "9", "implanted_on": "2027-01-01"}]}), "/microchips/0/implanted_on", "range"),
        (json!({"ownerships": []}), "/ownerships", "no_primary"),
    ] {
        assert_eq!(refused(made(changes.clone())), (pointer.to_owned(), code), "{changes}");
    }
    let patient = made(json!({"birth_date": "2026-11-22", "weight_kg": "0.0001"})).unwrap();
    assert_eq!(patient.birth_date_precision, Some(Precision::Exact));
    assert_eq!(patient.client_id, Some(ClientId::from_bytes([1; 16])));
}

#[test]
fn a_death_has_a_status_and_a_moment() {
    for (changes, pointer, code) in [
        (json!({"status": "deceased"}), "/deceased_at", "required"),
        (json!({"deceased_at": "2026-11-01T12:00:00Z"}), "/deceased_at", "not_deceased"),
        (json!({"death_cause": "natural"}), "/death_cause", "not_deceased"),
        // In Chicago it is still the day before.
        (json!({"status": "deceased", "deceased_at": "2026-11-23T06:00:00Z"}), "/deceased_at", "range"),
        (
            json!({"status": "deceased", "deceased_at": "2026-11-01T04:00:00Z", "birth_date": "2026-11-01"}),
            "/deceased_at",
            "range",
        ),
    ] {
        assert_eq!(refused(made(changes.clone())), (pointer.to_owned(), code), "{changes}");
    }
    made(json!({"status": "deceased", "deceased_at": "2026-11-23T05:59:59Z", "birth_date": "2026-11-22"})).unwrap();
    made(json!({"status": "deceased", "deceased_at": "2026-11-01T12:00:00Z", "ownerships": []})).unwrap();
}

#[test]
fn a_death_by_mistake_is_taken_back() {
    let dead = json!({"status": "deceased", "deceased_at": "2026-11-01T12:00:00Z", "death_cause": "accident"});
    let mut patient = made(dead).unwrap();
    assert_eq!(refused(changed(&mut patient.clone(), json!({"status": "active"}))), ("/deceased_at".to_owned(), "not_deceased"));
    assert_eq!(refused(changed(&mut patient.clone(), json!({"status": "lost"}))), ("/status".to_owned(), "transition"));
    let found = changed(&mut patient, json!({"status": "active", "deceased_at": null})).unwrap();
    assert_eq!(found, ["status", "deceased_at", "death_cause"]);
    assert_eq!(patient.death_cause, None);
}

#[test]
fn the_owner_follows_from_the_ownerships() {
    let mut patient = made(json!({})).unwrap();
    let (old, new) = (ClientId::from_bytes([1; 16]).to_string(), ClientId::from_bytes([3; 16]).to_string());
    let ownerships = json!([
        {"client_id": old, "role": "primary", "to": "2026-11-20"},
        {"client_id": new, "role": "primary", "from": "2026-11-20"},
    ]);
    assert_eq!(changed(&mut patient, json!({"ownerships": ownerships})).unwrap(), ["ownerships", "client_id"]);
    assert_eq!(patient.client_id.unwrap().to_string(), new);
    assert_eq!(refused(changed(&mut patient.clone(), json!({"ownerships": []}))), ("/ownerships".to_owned(), "no_primary"));
    let found = changed(&mut patient, json!({"status": "rehomed", "ownerships": []})).unwrap();
    assert_eq!((found, patient.client_id), (vec!["status", "ownerships", "client_id"], None));
}

#[test]
fn the_precision_goes_with_the_birth_date() {
    let mut patient = made(json!({})).unwrap();
    let found = changed(&mut patient, json!({"birth_date": "2020-01-01"})).unwrap();
    assert_eq!(found, ["birth_date", "birth_date_precision"]);
    assert_eq!(changed(&mut patient, json!({"birth_date_precision": "year"})).unwrap(), ["birth_date_precision"]);
    assert_eq!(changed(&mut patient, json!({"birth_date": "2019-01-01"})).unwrap(), ["birth_date"]);
    assert_eq!(patient.birth_date_precision, Some(Precision::Year));
    let found = changed(&mut patient, json!({"birth_date": null})).unwrap();
    assert_eq!(found, ["birth_date", "birth_date_precision"]);
}
