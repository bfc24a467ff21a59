//! The patient: an animal, and whose it is.
//!
//! Names, marks and ownerships are `patient_identity`: an ownership holds ids and days, and tells
//! nothing of who that client is. What is known of its health is `clinical`.

pub mod ownership;
pub mod parts;
pub mod status;

use std::borrow::Cow;

use clinicos_contract::event::EventType;
use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Patch, Problem, Timestamp, record};
use clinicos_gate::{Announcement, ClinicFacts, ClinicId, Cx};
use serde::Deserialize;

use self::ownership::{OWNERSHIPS_MAX, Ownerships};
use self::parts::{
    Alerts, Allergies, BreedCodes, DeathCause, Insurance, Microchips, Precision, ReproductiveStatus, Sex, Species,
};
use self::status::PatientStatus;
use crate::changes::Changes;
use crate::documents::ExternalIds;
use crate::ids::{ClientId, PatientId};
use crate::texts::Decimal;
use crate::{documents, refusals};

/// Most breed codes, microchips or policies of a patient.
const FEW_MAX: u32 = 20;
/// Most alerts or allergies of a patient.
const MANY_MAX: u32 = 50;
/// More than any animal weighs, in kilograms.
const WEIGHT_MAX_KG: i128 = 20_000;

const SYSTEM: Field = Field::of(Category::RecordSystem);
const IDENTITY: Field = Field::of(Category::PatientIdentity);
const CLINICAL: Field = Field::of(Category::Clinical);
const FINANCIAL: Field = Field::of(Category::OwnerFinancial);

record! {
    /// An animal that the clinic cares for.
    pub struct Patient<'a> as "patient" {
        /// Its identifier.
        id: PatientId = SYSTEM,
        /// The clinic whose patient this is.
        clinic_id: ClinicId = SYSTEM,
        /// What it is called.
        name: Cow<'a, str> = IDENTITY.required().updatable().max(100).equal().sortable(),
        /// What kind of animal it is.
        species: Species = IDENTITY.required().updatable().equal(),
        /// Its breed, as entered.
        breed: Option<Cow<'a, str>> = IDENTITY.writable().max(100).equal(),
        /// Its breed in coding systems; at most 20.
        breed_codes: Doc<'a, BreedCodes> = IDENTITY.writable().max(FEW_MAX),
        /// Its color.
        color: Option<Cow<'a, str>> = IDENTITY.writable().max(100),
        /// What else it can be told by.
        markings: Option<Cow<'a, str>> = IDENTITY.writable().max(500),
        /// Its sex; `unknown` unless given.
        sex: Sex = IDENTITY.writable().equal(),
        /// Whether it can have young; `unknown` unless given.
        reproductive_status: ReproductiveStatus = IDENTITY.writable().equal(),
        /// When it was born. What is not known of it is filled in; `birth_date_precision` tells.
        birth_date: Option<Date> = IDENTITY.writable().range(),
        /// How much of the birth date is known; `exact` unless given. Null without a birth date.
        birth_date_precision: Option<Precision> = IDENTITY.writable().equal(),
        /// Its microchips; at most 20.
        microchips: Doc<'a, Microchips> = IDENTITY.writable().max(FEW_MAX),
        /// The number on its rabies tag.
        rabies_tag: Option<Cow<'a, str>> = IDENTITY.writable().max(60).equal(),
        /// What is tattooed on it.
        tattoo: Option<Cow<'a, str>> = IDENTITY.writable().max(60).equal(),
        /// What it is to the clinic; `active` unless given. `deceased` goes together with `deceased_at`.
        status: PatientStatus = IDENTITY.writable().equal(),
        /// When it died.
        deceased_at: Option<Timestamp> = IDENTITY.writable().range(),
        /// How it died. Taken away when a death is taken back.
        death_cause: Option<DeathCause> = CLINICAL.writable(),
        /// Who owns it now, as its primary owner; follows from `ownerships`.
        client_id: Option<ClientId> = IDENTITY.equal(),
        /// Whose it is and was; at most 50. A change replaces the list.
        ownerships: Doc<'a, Ownerships> = IDENTITY.tells_of(Category::PatientIdentity).writable().max(OWNERSHIPS_MAX as u32),
        /// Its last known weight in kilograms (UCUM `kg`).
        weight_kg: Option<Decimal<'a>> = CLINICAL.writable(),
        /// What it is fed.
        diet: Option<Cow<'a, str>> = CLINICAL.writable().max(1_000),
        /// Its blood type, such as `DEA 1.1 negative`.
        blood_type: Option<Cow<'a, str>> = CLINICAL.writable().max(40),
        /// What to know before handling it; at most 50.
        alerts: Doc<'a, Alerts> = CLINICAL.writable().max(MANY_MAX),
        /// What it does not tolerate; at most 50.
        allergies: Doc<'a, Allergies> = CLINICAL.writable().max(MANY_MAX),
        /// Policies that pay for its care; at most 20.
        insurance: Doc<'a, Insurance> = FINANCIAL.writable().max(FEW_MAX),
        /// Identifiers in other systems.
        external_ids: Doc<'a, ExternalIds> = SYSTEM.tells_of(Category::PatientIdentity).writable().max(20),
        /// When it was created.
        created_at: Timestamp = SYSTEM.range(),
        /// When it last changed.
        updated_at: Timestamp = SYSTEM.range().sortable(),
        /// Grows with each change.
        version: i64 = SYSTEM,
        /// When it was deleted, on a tombstone.
        deleted_at: Option<Timestamp> = SYSTEM.sparse(),
        /// The patient that it was merged into, on the tombstone of a duplicate.
        merged_into: Option<PatientId> = SYSTEM.sparse(),
    }
}

/// A body of `patients.create`.
#[derive(Debug, Deserialize)]
pub struct NewPatient {
    name: String,
    species: Species,
    breed: Option<String>,
    #[serde(default)]
    breed_codes: BreedCodes,
    color: Option<String>,
    markings: Option<String>,
    sex: Option<Sex>,
    reproductive_status: Option<ReproductiveStatus>,
    birth_date: Option<Date>,
    birth_date_precision: Option<Precision>,
    #[serde(default)]
    microchips: Microchips,
    rabies_tag: Option<String>,
    tattoo: Option<String>,
    status: Option<PatientStatus>,
    deceased_at: Option<Timestamp>,
    death_cause: Option<DeathCause>,
    #[serde(default)]
    ownerships: Ownerships,
    weight_kg: Option<String>,
    diet: Option<String>,
    blood_type: Option<String>,
    #[serde(default)]
    alerts: Alerts,
    #[serde(default)]
    allergies: Allergies,
    #[serde(default)]
    insurance: Insurance,
    #[serde(default)]
    external_ids: ExternalIds,
}

/// A body of `patients.update`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PatientPatch {
    name: Patch<String>,
    species: Patch<Species>,
    breed: Patch<String>,
    breed_codes: Patch<BreedCodes>,
    color: Patch<String>,
    markings: Patch<String>,
    sex: Patch<Sex>,
    reproductive_status: Patch<ReproductiveStatus>,
    birth_date: Patch<Date>,
    birth_date_precision: Patch<Precision>,
    microchips: Patch<Microchips>,
    rabies_tag: Patch<String>,
    tattoo: Patch<String>,
    status: Patch<PatientStatus>,
    deceased_at: Patch<Timestamp>,
    death_cause: Patch<DeathCause>,
    ownerships: Patch<Ownerships>,
    weight_kg: Patch<String>,
    diet: Patch<String>,
    blood_type: Patch<String>,
    alerts: Patch<Alerts>,
    allergies: Patch<Allergies>,
    insurance: Patch<Insurance>,
    external_ids: Patch<ExternalIds>,
}

impl NewPatient {
    /// The new record, on this day of its clinic. Whether its owners are known is not checked here.
    pub fn record(self, id: PatientId, clinic: &ClinicFacts, today: Date, now: Timestamp) -> Result<Patient<'static>, Problem> {
        let patient = Patient {
            id,
            clinic_id: clinic.id,
            name: Cow::Owned(self.name),
            species: self.species,
            breed: self.breed.map(Cow::Owned),
            breed_codes: Doc::of(&self.breed_codes),
            color: self.color.map(Cow::Owned),
            markings: self.markings.map(Cow::Owned),
            sex: self.sex.unwrap_or(Sex::Unknown),
            reproductive_status: self.reproductive_status.unwrap_or(ReproductiveStatus::Unknown),
            birth_date: self.birth_date,
            birth_date_precision: self.birth_date_precision.or(self.birth_date.map(|_| Precision::Exact)),
            microchips: Doc::of(&self.microchips),
            rabies_tag: self.rabies_tag.map(Cow::Owned),
            tattoo: self.tattoo.map(Cow::Owned),
            status: self.status.unwrap_or(PatientStatus::Active),
            deceased_at: self.deceased_at,
            death_cause: self.death_cause,
            client_id: self.ownerships.primary(),
            ownerships: Doc::of(&self.ownerships),
            weight_kg: self.weight_kg.map(Decimal::from),
            diet: self.diet.map(Cow::Owned),
            blood_type: self.blood_type.map(Cow::Owned),
            alerts: Doc::of(&self.alerts),
            allergies: Doc::of(&self.allergies),
            insurance: Doc::of(&self.insurance),
            external_ids: Doc::of(&self.external_ids),
            created_at: now,
            updated_at: now,
            version: 1,
            deleted_at: None,
            merged_into: None,
        };
        patient.check(clinic, today)?;
        Ok(patient)
    }
}

impl Patient<'static> {
    /// Lets what its owners decided hold for it.
    pub fn tell_owners(&self, cx: &mut Cx<'_>) -> Result<(), Problem> {
        let owners = self.ownerships.value().unwrap_or_default();
        let current = owners.0.iter().filter(|owner| owner.to.is_none());
        cx.patient_owned(self.id.any(), self.version == 1, current.map(|owner| owner.client_id.any()))
    }

    /// Applies a patch; tells what is different now. Whether new owners are known is not checked here.
    pub fn apply(&mut self, patch: PatientPatch, clinic: &ClinicFacts, today: Date) -> Result<Changes, Problem> {
        refusals::check_not_deleted(self.deleted_at)?;
        if let Patch::Set(status) = patch.status {
            self.status.check_next(status)?;
        }
        let mut changes = Changes::default();
        self.apply_signalment(&mut changes, &patch);
        changes.text("name", patch.name, &mut self.name);
        changes.optional_text("breed", patch.breed, &mut self.breed);
        changes.document("breed_codes", patch.breed_codes, &mut self.breed_codes);
        changes.optional_text("color", patch.color, &mut self.color);
        changes.optional_text("markings", patch.markings, &mut self.markings);
        changes.document("microchips", patch.microchips, &mut self.microchips);
        changes.optional_text("rabies_tag", patch.rabies_tag, &mut self.rabies_tag);
        changes.optional_text("tattoo", patch.tattoo, &mut self.tattoo);
        changes.document("ownerships", patch.ownerships, &mut self.ownerships);
        changes.optional("weight_kg", patch.weight_kg.map(Decimal::from), &mut self.weight_kg);
        changes.optional_text("diet", patch.diet, &mut self.diet);
        changes.optional_text("blood_type", patch.blood_type, &mut self.blood_type);
        changes.document("alerts", patch.alerts, &mut self.alerts);
        changes.document("allergies", patch.allergies, &mut self.allergies);
        changes.document("insurance", patch.insurance, &mut self.insurance);
        changes.document("external_ids", patch.external_ids, &mut self.external_ids);
        let primary = self.ownerships.value().unwrap_or_default().primary();
        if primary != self.client_id {
            self.client_id = primary;
            changes.note("client_id");
        }
        self.check(clinic, today)?;
        Ok(changes)
    }

    /// What is no text and no list.
    fn apply_signalment(&mut self, changes: &mut Changes, patch: &PatientPatch) {
        changes.value("species", patch.species, &mut self.species);
        changes.value("sex", patch.sex, &mut self.sex);
        changes.value("reproductive_status", patch.reproductive_status, &mut self.reproductive_status);
        let had_precision = self.birth_date_precision;
        changes.optional("birth_date", patch.birth_date, &mut self.birth_date);
        let follows = match (self.birth_date, had_precision) {
            (None, _) => Patch::Clear,
            (Some(_), None) => Patch::Set(Precision::Exact),
            (Some(_), Some(_)) => Patch::Keep,
        };
        let precision = if patch.birth_date_precision == Patch::Keep { follows } else { patch.birth_date_precision };
        changes.optional("birth_date_precision", precision, &mut self.birth_date_precision);
        changes.value("status", patch.status, &mut self.status);
        changes.optional("deceased_at", patch.deceased_at, &mut self.deceased_at);
        let revived = self.deceased_at.is_none() && patch.death_cause == Patch::Keep;
        let cause = if revived { Patch::Clear } else { patch.death_cause };
        changes.optional("death_cause", cause, &mut self.death_cause);
    }

    fn check(&self, clinic: &ClinicFacts, today: Date) -> Result<(), Problem> {
        refusals::check_not_empty("/name", &self.name)?;
        if self.birth_date.is_some() != self.birth_date_precision.is_some() {
            return Err(Problem::rule("/birth_date_precision", "birth_date", "goes together with `birth_date`"));
        }
        if self.birth_date.is_some_and(|born| born > today) {
            return Err(Problem::rule("/birth_date", "range", "must not be in the future"));
        }
        self.check_death(clinic, today)?;
        if let Some(weight) = &self.weight_kg
            && !weight.ten_thousandths().is_some_and(|weight| (1..=WEIGHT_MAX_KG * Decimal::SCALE).contains(&weight))
        {
            let detail = format!("must be more than zero and at most {WEIGHT_MAX_KG} kilograms");
            return Err(Problem::rule("/weight_kg", "range", detail));
        }
        let microchips = self.microchips.value().unwrap_or_default().0;
        for (at, chip) in microchips.iter().enumerate() {
            refusals::check_not_empty(&format!("/microchips/{at}/number"), &chip.number)?;
            if chip.implanted_on.is_some_and(|day| day > today) {
                return Err(Problem::rule(format!("/microchips/{at}/implanted_on"), "range", "must not be in the future"));
            }
            if microchips.iter().take(at).any(|other| other.number == chip.number) {
                return Err(Problem::rule(format!("/microchips/{at}/number"), "repeated", "stands here a second time"));
            }
        }
        self.ownerships.value().unwrap_or_default().check(self.status, today)
    }

    fn check_death(&self, clinic: &ClinicFacts, today: Date) -> Result<(), Problem> {
        let is_deceased = self.status == PatientStatus::Deceased;
        let Some(deceased_at) = self.deceased_at else {
            if is_deceased {
                return Err(Problem::rule("/deceased_at", "required", "must be given for a `deceased` patient"));
            }
            if self.death_cause.is_some() {
                return Err(Problem::rule("/death_cause", "not_deceased", "goes together with `deceased_at`"));
            }
            return Ok(());
        };
        if !is_deceased {
            return Err(Problem::rule("/deceased_at", "not_deceased", "goes together with the status `deceased`"));
        }
        let day = deceased_at.day_in(&clinic.zone);
        if day > today {
            return Err(Problem::rule("/deceased_at", "range", "must not be in the future"));
        }
        if self.birth_date.is_some_and(|born| day < born) {
            return Err(Problem::rule("/deceased_at", "range", "must not be before `birth_date`"));
        }
        Ok(())
    }

    /// Counts a change.
    pub fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
        self.version += 1;
    }

    /// Belongs to another client in place of one.
    pub fn change_owner(&mut self, from: ClientId, to: ClientId, now: Timestamp) {
        let mut ownerships = self.ownerships.value().unwrap_or_default();
        ownerships.turn_over(from, to);
        self.client_id = ownerships.primary();
        self.ownerships = Doc::of(&ownerships);
        self.touch(now);
    }

    /// Takes over what was a duplicate's, which becomes a tombstone: its names in other systems. It weighs
    /// what was measured last of both, or what is known of either. Tells which fields changed.
    pub fn take_over(
        &mut self,
        gone: &mut Self,
        weight: Option<Decimal<'static>>,
        now: Timestamp,
    ) -> Result<Vec<&'static str>, Problem> {
        documents::take_over(&mut self.external_ids, &mut gone.external_ids)?;
        let weight = weight.or_else(|| self.weight_kg.clone()).or_else(|| gone.weight_kg.clone());
        let mut changed = vec!["external_ids"];
        if weight.as_ref().map(|one| &one.0) != self.weight_kg.as_ref().map(|one| &one.0) {
            self.weight_kg = weight;
            changed.push("weight_kg");
        }
        self.touch(now);
        gone.touch(now);
        gone.deleted_at = Some(now);
        gone.merged_into = Some(self.id);
        Ok(changed)
    }

    /// The announcement of something that happened to it.
    pub fn announce(&self, kind: &'static EventType) -> Announcement {
        let about = Announcement::new(kind, self.id.any(), self.version);
        match self.client_id {
            Some(client) => about.with("client_id", client),
            None => about,
        }
    }
}

#[cfg(test)]
mod tests;
