//! The patients of a client: who they are, since when, and until when they come.

use std::borrow::Cow;

use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;
use clinicos_gate::ClinicId;

use super::animals::{Animal, animal};
use super::generate::{DAY_S, END_S, day, mint, time};
use super::random::SplitMix64;
use crate::documents::ExternalIds;
use crate::ids::ClientId;
use crate::patients::model::Patient;
use crate::patients::model::ownership::{OwnerRole, Ownership, Ownerships};
use crate::patients::model::parts::{
    Alert, AlertKind, Alerts, Allergies, BreedCodes, ChipStandard, DeathCause, Insurance, Microchip, Microchips, Policy,
    Precision, Species,
};
use crate::patients::model::status::PatientStatus;
use crate::texts::Decimal;

/// Numbers of pets come from a sequence of their own, so that they change nothing else.
const SEQUENCE: u64 = 0x5045_5453;

/// A client's patients.
#[derive(Debug)]
pub struct Pets {
    random: SplitMix64,
    patients: Vec<Patient<'static>>,
    /// When each stopped coming.
    until_s: Vec<i64>,
}

/// Who the pets' owners are.
#[derive(Debug, Clone, Copy)]
pub struct Owners {
    /// The clinic.
    pub clinic: ClinicId,
    /// Their client.
    pub client: ClientId,
    /// A client who may own some of them, too.
    pub neighbor: Option<ClientId>,
    /// When their client came first, in seconds since the epoch.
    pub came_s: i64,
}

impl Pets {
    /// The pets of the client at this place of a seed.
    pub fn of(seed: u64, place: u64, owners: Owners) -> Self {
        let mut random = SplitMix64::new(seed ^ SEQUENCE, place);
        let count = match random.below(100) {
            0..60 => 1,
            60..88 => 2,
            _ => 3,
        };
        let mut pets = Self { random, patients: Vec::with_capacity(count), until_s: Vec::with_capacity(count) };
        for _ in 0..count {
            let (patient, until_s) = pets.patient(owners);
            pets.patients.push(patient);
            pets.until_s.push(until_s);
        }
        pets
    }

    /// The patients, in the order in which they came.
    pub fn into_patients(self) -> Vec<Patient<'static>> {
        self.patients
    }

    /// Whom a visit at this time is about.
    pub fn visitor(&mut self, at_s: i64) -> Option<usize> {
        let present: Vec<usize> = self.until_s.iter().enumerate().filter(|(_, until)| **until > at_s).map(|(at, _)| at).collect();
        self.random.pick(&present).copied()
    }

    /// The patient that a line is about: the visitor, if the line fits its species.
    pub fn patient_for(&self, visitor: Option<usize>, only: Option<Species>) -> Option<&Patient<'static>> {
        let patient = self.patients.get(visitor?)?;
        only.is_none_or(|species| species == patient.species).then_some(patient)
    }

    fn patient(&mut self, owners: Owners) -> (Patient<'static>, i64) {
        let animal = animal(&mut self.random);
        let born_s = owners.came_s - self.random.between(60, animal.years * 365 * 2 / 3) * DAY_S;
        let (status, until_s) = self.fate(owners.came_s, born_s, animal.years);
        let id = mint(&mut self.random, owners.came_s);
        let born = day(born_s);
        let precision = match self.random.below(10) {
            0..6 => Precision::Exact,
            6..8 => Precision::Month,
            8 => Precision::Year,
            _ => Precision::Estimated,
        };
        let ownerships = self.ownerships(owners, born, status, until_s);
        let ended = until_s < END_S;
        let is_deceased = status == PatientStatus::Deceased;
        let patient = Patient {
            id,
            clinic_id: owners.clinic,
            name: Cow::Borrowed(animal.name),
            species: animal.species,
            breed: Some(Cow::Borrowed(animal.breed)),
            breed_codes: Doc::of(&BreedCodes::default()),
            color: Some(Cow::Borrowed(animal.color)),
            markings: None,
            sex: animal.sex,
            reproductive_status: animal.reproductive_status,
            birth_date: Some(stand_in(born, precision)),
            birth_date_precision: Some(precision),
            microchips: Doc::of(&microchips(&animal)),
            rabies_tag: None,
            tattoo: None,
            status,
            deceased_at: is_deceased.then(|| time(until_s)),
            death_cause: is_deceased.then_some(DeathCause::Euthanasia),
            client_id: ownerships.primary(),
            ownerships: Doc::of(&ownerships),
            weight_kg: Some(Decimal(Cow::Owned(animal.weight_kg))),
            diet: None,
            blood_type: None,
            alerts: Doc::of(&self.alerts()),
            allergies: Doc::of(&Allergies::default()),
            insurance: Doc::of(&self.insurance()),
            external_ids: Doc::of(&ExternalIds::default()),
            created_at: time(owners.came_s),
            updated_at: time(if ended { until_s } else { owners.came_s }),
            version: if ended { 2 } else { 1 },
            deleted_at: None,
            merged_into: None,
        };
        (patient, until_s)
    }

    /// What becomes of it, and when it stops coming.
    fn fate(&mut self, came_s: i64, born_s: i64, years: i64) -> (PatientStatus, i64) {
        let old_age_s = born_s + years * 365 * DAY_S;
        let moment = self.random.between(came_s + DAY_S, (came_s + DAY_S).max(END_S - DAY_S));
        match self.random.below(1_000) {
            _ if old_age_s < END_S => (PatientStatus::Deceased, old_age_s.max(came_s + DAY_S).min(END_S - 1)),
            0..15 if moment < END_S => (PatientStatus::Deceased, moment),
            15..30 if moment < END_S => (PatientStatus::Transferred, moment),
            30..40 if moment < END_S => (PatientStatus::Rehomed, moment),
            _ => (PatientStatus::Active, END_S),
        }
    }

    fn ownerships(&mut self, owners: Owners, born: Date, status: PatientStatus, until_s: i64) -> Ownerships {
        let gone = matches!(status, PatientStatus::Transferred | PatientStatus::Rehomed);
        let to = gone.then(|| day(until_s));
        let mut list = vec![Ownership { client_id: owners.client, role: OwnerRole::Primary, from: Some(born), to }];
        if let Some(neighbor) = owners.neighbor
            && self.random.chance(120)
        {
            list.push(Ownership { client_id: neighbor, role: OwnerRole::CoOwner, from: None, to });
        }
        Ownerships(list)
    }

    fn alerts(&mut self) -> Alerts {
        if !self.random.chance(60) {
            return Alerts::default();
        }
        Alerts(vec![Alert { kind: AlertKind::Caution, severity: None, text: Some("Nervous with strangers.".to_owned()) }])
    }

    fn insurance(&mut self) -> Insurance {
        let number = self.random.below(10_000_000);
        if !self.random.chance(80) {
            return Insurance::default();
        }
        Insurance(vec![Policy {
            carrier: "Example Pet Mutual".to_owned(),
            policy_no: Some(format!("EX{number:07}")),
            valid_to: None,
        }])
    }
}

fn microchips(animal: &Animal) -> Microchips {
    let chip = |number: &String| Microchip {
        number: number.clone(),
        standard: Some(ChipStandard::IsoFdxB),
        implanted_on: None,
        site: None,
    };
    Microchips(animal.microchip.iter().map(chip).collect())
}

/// The day that stands for what is known of a birth date.
fn stand_in(born: Date, precision: Precision) -> Date {
    match precision {
        Precision::Exact => born,
        Precision::Month => born.first_of_month(),
        Precision::Year | Precision::Estimated => born.first_of_year(),
    }
}
