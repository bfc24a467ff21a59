//! Patients: what they are, when they were born, what becomes of them.

use std::borrow::Cow;

use clinicos_clinic::patients::model::Patient;
use clinicos_clinic::patients::model::ownership::{OwnerRole, Ownership, Ownerships};
use clinicos_clinic::patients::model::parts::{
    Alert, AlertKind, Alerts, Allergies, Allergy, BreedCodes, ChipStandard, DeathCause, Insurance, Microchip, Microchips, Policy,
    Precision, ReproductiveStatus, Severity, Sex, Species,
};
use clinicos_clinic::patients::model::status::PatientStatus;
use clinicos_clinic::texts::Decimal;
use clinicos_contract::Timestamp;
use clinicos_contract::wire::Doc;

use crate::calendar::{Day, date};
use crate::tables::animals::{ANIMALS, Animal, Breed, weight};
use crate::tables::names::PETS;
use crate::tables::vaccines::VACCINES;
use crate::world::{Course, End, Pet, World, no_external_ids};

impl World {
    /// An animal that came at a time; one that was there `before` is of any age.
    pub fn new_pet(&mut self, owner: usize, at: Timestamp, before: bool) -> usize {
        let today = self.calendar.day(at);
        let animal = self.dice.weighted(ANIMALS.iter().map(|animal| animal.per_mille));
        let kind = &ANIMALS[animal];
        let breed = &kind.breeds[self.dice.weighted(kind.breeds.iter().map(|breed| breed.weight))];
        let life = self.dice.between(kind.years.0 * 365, kind.years.1 * 365);
        let is_young = !before && self.dice.chance(550);
        let age = if is_young { self.dice.between(42, 110) } else { self.dice.between(120, life - 60) };
        let born = today - i32::try_from(age.min(life - 30)).unwrap_or(0);
        let adult = self.dice.between(breed.grams.0, breed.grams.1);
        let end = self.end(born, life, today);
        let record = self.patient(owner, at, born, animal, breed);
        let place = self.pets.len();
        let wellness = today + if before { self.dice.days(1, 365) } else { 365 };
        let pet = Pet {
            record,
            owner,
            animal,
            adult,
            born,
            end,
            gone: false,
            courses: Vec::new(),
            chronic: Vec::new(),
            wellness,
            seen: today,
            reminders: Vec::new(),
        };
        self.pets.push(pet);
        self.pets[place].record.weight_kg = Some(kilograms(self.weight_on(place, today)));
        self.plan_vaccines(place, today, before);
        self.owners[owner].pets.push(place);
        if end.0 <= self.calendar.last {
            self.ends.entry(end.0).or_default().push(place);
        }
        place
    }

    /// When it stops coming, and why. Old age is always an end; something else may come before.
    fn end(&mut self, born: Day, life: i64, today: Day) -> (Day, End) {
        let old = born + i32::try_from(life).unwrap_or(i32::MAX);
        let other = match self.dice.below(1_000) {
            0..70 => Some(End::Transfer),
            70..110 => Some(End::Death),
            110..130 => Some(End::Rehomed),
            130..137 => Some(End::Lost),
            _ => None,
        };
        let when = today + self.dice.days(30, 1_800);
        match other {
            Some(end) if when < old => (when, end),
            _ => (old.max(today + 3), End::Death),
        }
    }

    /// Which vaccines it gets, and when each is due.
    fn plan_vaccines(&mut self, pet: usize, today: Day, before: bool) {
        let (species, born) = (self.pets[pet].record.species, self.pets[pet].born);
        for (place, vaccine) in VACCINES.iter().enumerate().filter(|(_, vaccine)| vaccine.species == species) {
            if !self.dice.chance(vaccine.per_mille) {
                continue;
            }
            let from = born + vaccine.from_weeks * 7;
            let is_grown = from + 180 < today;
            // A grown animal had its series, and comes for the next when it is time.
            let next = match (is_grown, before) {
                (false, _) => from.max(today),
                // It is due with a yearly check, this year or in one of those for which the last one holds.
                (true, true) => {
                    let later = self.dice.days(0, i32::try_from(vaccine.years).unwrap_or(1) - 1) * 365;
                    (self.pets[pet].wellness + later + self.dice.days(-6, 12)).max(today + 1)
                }
                (true, false) => today,
            };
            let doses = if is_grown && before { vaccine.doses } else { 0 };
            self.pets[pet].courses.push(Course { vaccine: place, doses, next });
            if is_grown && before && self.dice.chance(120) {
                self.given_before(pet, place, next);
            }
        }
    }

    fn patient(&mut self, owner: usize, at: Timestamp, born: Day, animal: usize, breed: &Breed) -> Patient<'static> {
        let kind = &ANIMALS[animal];
        let age = self.calendar.day(at) - born;
        let sex = if self.dice.chance(500) { Sex::Male } else { Sex::Female };
        let is_common = matches!(kind.species, Species::Canine | Species::Feline);
        let neutered = age > 270 && self.dice.chance(if is_common { 880 } else { 200 });
        let precision =
            self.dice.one(&[Precision::Exact, Precision::Exact, Precision::Month, Precision::Year, Precision::Estimated]);
        let birth_date = match precision {
            Precision::Exact => date(born),
            Precision::Month => date(born).first_of_month(),
            Precision::Year | Precision::Estimated => date(born).first_of_year(),
        };
        let client = self.owners[owner].record.id;
        let co_owner = self.co_owner(owner);
        let mut owners =
            vec![Ownership { client_id: client, role: OwnerRole::Primary, from: Some(date(born + 1.min(age))), to: None }];
        owners.extend(co_owner.map(|client_id| Ownership { client_id, role: OwnerRole::CoOwner, from: None, to: None }));
        let alerts = self.alerts();
        Patient {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            name: Cow::Borrowed(self.dice.one(PETS)),
            species: kind.species,
            breed: Some(Cow::Borrowed(breed.name)),
            breed_codes: Doc::of(&BreedCodes::default()),
            color: Some(Cow::Borrowed(self.color(kind, breed, sex))),
            markings: None,
            sex,
            reproductive_status: match sex {
                _ if !neutered => ReproductiveStatus::Intact,
                Sex::Male => ReproductiveStatus::Neutered,
                _ => ReproductiveStatus::Spayed,
            },
            birth_date: Some(birth_date),
            birth_date_precision: Some(precision),
            microchips: Doc::of(&self.microchips(is_common && age > 100, born, age)),
            rabies_tag: None,
            tattoo: None,
            status: PatientStatus::Active,
            deceased_at: None,
            death_cause: None,
            client_id: Some(client),
            ownerships: Doc::of(&Ownerships(owners)),
            weight_kg: None,
            diet: None,
            blood_type: None,
            alerts: Doc::of(&alerts),
            allergies: Doc::of(&self.allergies()),
            insurance: Doc::of(&self.insurance()),
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: at,
            version: 1,
            deleted_at: None,
            merged_into: None,
        }
    }

    /// A color of its breed. Cats of three colors are female.
    fn color(&mut self, kind: &Animal, breed: &Breed, sex: Sex) -> &'static str {
        let colors = if breed.colors.is_empty() { kind.colors } else { breed.colors };
        match self.dice.one(colors) {
            "calico" | "tortoiseshell" if sex == Sex::Male && kind.species == Species::Feline => colors[0],
            color => color,
        }
    }

    /// Somebody else who owns it, too: a client who was there before.
    fn co_owner(&mut self, owner: usize) -> Option<clinicos_clinic::ids::ClientId> {
        let shares = owner > 0 && self.dice.chance(60);
        shares.then(|| self.owners[owner - 1].record.id)
    }

    /// The number range 999 is that of transponders for tests (ICAR).
    fn microchips(&mut self, can: bool, born: Day, age: i32) -> Microchips {
        if !can || !self.dice.chance(680) {
            return Microchips::default();
        }
        let implanted = born + self.dice.days(50, 100).min(age);
        Microchips(vec![Microchip {
            number: format!("999{}", self.dice.digits(12)),
            standard: Some(ChipStandard::IsoFdxB),
            implanted_on: Some(date(implanted)),
            site: Some("between the shoulders".to_owned()),
        }])
    }

    fn alerts(&mut self) -> Alerts {
        let (kind, severity, text) = match self.dice.below(100) {
            0..4 => (AlertKind::Caution, Severity::Mild, "Nervous with strangers."),
            4..6 => (AlertKind::Aggressive, Severity::Severe, "Muzzle before the exam."),
            6 => (AlertKind::AnestheticRisk, Severity::Moderate, "Heart murmur."),
            _ => return Alerts::default(),
        };
        Alerts(vec![Alert { kind, severity: Some(severity), text: Some(text.to_owned()) }])
    }

    fn allergies(&mut self) -> Allergies {
        if !self.dice.chance(35) {
            return Allergies::default();
        }
        let substance = self.dice.one(&["Chicken", "Beef", "Penicillin", "Flea saliva", "Dust mites"]).to_owned();
        Allergies(vec![Allergy { substance, reaction: Some("Itching".to_owned()), severity: Some(Severity::Moderate) }])
    }

    fn insurance(&mut self) -> Insurance {
        if !self.dice.chance(70) {
            return Insurance::default();
        }
        let policy_no = Some(format!("EX{}", self.dice.digits(7)));
        let valid_to = Some(date(self.calendar.last + self.dice.days(-300, 400)));
        Insurance(vec![Policy { carrier: "Example Pet Mutual".to_owned(), policy_no, valid_to }])
    }

    /// What it weighs on a day, in grams.
    pub fn weight_on(&mut self, pet: usize, day: Day) -> i64 {
        let (adult, animal, born) = (self.pets[pet].adult, self.pets[pet].animal, self.pets[pet].born);
        let usual = weight(adult, ANIMALS[animal].grown_weeks, i64::from(day - born));
        (usual * self.dice.between(970, 1_030) / 1_000).max(1)
    }

    /// It stops coming: it died, or went elsewhere.
    pub fn leave(&mut self, place: usize, end: End, at: Timestamp, known: Timestamp, cause: DeathCause) {
        let day = date(self.calendar.day(at));
        let pet = &mut self.pets[place];
        pet.gone = true;
        pet.record.status = match end {
            End::Death => PatientStatus::Deceased,
            End::Transfer => PatientStatus::Transferred,
            End::Rehomed => PatientStatus::Rehomed,
            End::Lost => PatientStatus::Lost,
        };
        if end == End::Death {
            pet.record.deceased_at = Some(at);
            pet.record.death_cause = Some(cause);
        }
        if matches!(end, End::Transfer | End::Rehomed) {
            let mut owners = pet.record.ownerships.value().unwrap_or_default();
            owners.0.iter_mut().for_each(|one| one.to = Some(day));
            pet.record.client_id = owners.primary();
            pet.record.ownerships = Doc::of(&owners);
        }
        pet.record.updated_at = pet.record.updated_at.max(known);
        pet.record.version += 1;
        self.suppress(place, end, known);
    }

    /// Animals that stop coming on this day without a farewell at the clinic.
    pub fn part(&mut self, day: Day) {
        for place in self.ends.remove(&day).unwrap_or_default() {
            let end = self.pets[place].end.1;
            if self.pets[place].gone {
                continue;
            }
            let at = self.calendar.at(day, 19 * 60 + self.dice.between(0, 120));
            let cause = if self.dice.chance(150) { DeathCause::Accident } else { DeathCause::Natural };
            self.leave(place, end, at, at.plus_seconds(3_600), cause);
        }
    }

    /// Writes down so many patients.
    pub fn close_pets(&mut self, first: usize, count: usize) {
        for place in (first..self.pets.len()).take(count) {
            let last = self.calendar.last;
            let pet = &mut self.pets[place];
            if pet.record.status == PatientStatus::Active && pet.seen + 900 < last {
                pet.record.status = PatientStatus::Inactive;
            }
            self.shelf.put(&self.pets[place].record);
            self.close_reminders(place);
        }
    }
}

/// Grams as kilograms: two digits behind the point, three for what is light.
pub fn kilograms(grams: i64) -> Decimal<'static> {
    let grams = if grams >= 1_000 { grams / 10 * 10 } else { grams };
    // A few thousand kilograms at most.
    Decimal::of_ten_thousandths(i128::from(grams) * 10).unwrap_or(Decimal(Cow::Borrowed("1")))
}
