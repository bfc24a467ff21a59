//! Parts of a patient: codes, microchips, alerts, and the words that describe it.

use clinicos_contract::time::Date;
use clinicos_contract::{Category, Field, Shape, words};

use crate::{document_list, object};

words! {
    /// What kind of animal it is.
    Species {
        /// Dogs.
        Canine = "canine",
        /// Cats.
        Feline = "feline",
        /// Horses.
        Equine = "equine",
        /// Cattle.
        Bovine = "bovine",
        /// Sheep.
        Ovine = "ovine",
        /// Goats.
        Caprine = "caprine",
        /// Pigs.
        Porcine = "porcine",
        /// Llamas and alpacas.
        Camelid = "camelid",
        /// Birds.
        Avian = "avian",
        /// Rabbits and hares.
        Lagomorph = "lagomorph",
        /// Rats, mice, hamsters and their like.
        Rodent = "rodent",
        /// Ferrets.
        Ferret = "ferret",
        /// Reptiles.
        Reptile = "reptile",
        /// Amphibians.
        Amphibian = "amphibian",
        /// Fish.
        Fish = "fish",
        /// Primates.
        Primate = "primate",
        /// Any other animal.
        ExoticOther = "exotic_other",
    }
}

words! {
    /// Its sex at birth.
    Sex {
        /// Male.
        Male = "male",
        /// Female.
        Female = "female",
        /// Not known.
        Unknown = "unknown",
    }
}

words! {
    /// Whether it can have young.
    ReproductiveStatus {
        /// It can have young.
        Intact = "intact",
        /// A male that was neutered.
        Neutered = "neutered",
        /// A female that was spayed.
        Spayed = "spayed",
        /// Not known.
        Unknown = "unknown",
    }
}

words! {
    /// How much of a birth date is known.
    Precision {
        /// The day.
        Exact = "exact",
        /// The month; the day is a stand-in.
        Month = "month",
        /// The year; month and day are stand-ins.
        Year = "year",
        /// Somebody's guess.
        Estimated = "estimated",
    }
}

words! {
    /// How it died.
    DeathCause {
        /// Of age or illness.
        Natural = "natural",
        /// Put to sleep.
        Euthanasia = "euthanasia",
        /// By an accident.
        Accident = "accident",
        /// Not known.
        Unknown = "unknown",
    }
}

words! {
    /// How a microchip is read.
    ChipStandard {
        /// ISO 11784 and 11785, FDX-B: 15 digits.
        IsoFdxB = "iso_fdx_b",
        /// AVID, encrypted: 9 digits.
        Avid9 = "avid_9",
        /// FECAVA: 10 characters.
        Fecava10 = "fecava_10",
        /// Any other.
        Other = "other",
    }
}

words! {
    /// What an alert warns of.
    AlertKind {
        /// It bites, kicks or scratches.
        Aggressive = "aggressive",
        /// To be handled with care.
        Caution = "caution",
        /// An allergy.
        Allergy = "allergy",
        /// A risk under anesthesia.
        AnestheticRisk = "anesthetic_risk",
        /// It may infect others.
        Infectious = "infectious",
        /// Do not resuscitate.
        Dnr = "dnr",
        /// It must not be fed.
        Fasting = "fasting",
        /// Something about money.
        Financial = "financial",
    }
}

words! {
    /// How bad something is.
    Severity {
        /// A nuisance.
        Mild = "mild",
        /// Needs attention.
        Moderate = "moderate",
        /// Dangerous.
        Severe = "severe",
        /// A danger to life.
        Critical = "critical",
    }
}

const IDENTITY: Field = Field::of(Category::PatientIdentity);
const CLINICAL: Field = Field::of(Category::Clinical);
const FINANCIAL: Field = Field::of(Category::OwnerFinancial);

object! {
    /// A breed, as a coding system names it.
    pub struct BreedCode as "breed_code" {
        /// The coding system, as a URI.
        system: String, Shape::Text, false = IDENTITY.required().max(200);
        /// The code there.
        code: String, Shape::Text, false = IDENTITY.required().max(60);
        /// What people read.
        display: Option<String>, Shape::Text, true = IDENTITY.creatable().max(200);
    }
}

object! {
    /// A microchip.
    pub struct Microchip as "microchip" {
        /// Its number, as it is read.
        number: String, Shape::Text, false = IDENTITY.required().max(30);
        /// How it is read.
        standard: Option<ChipStandard>, Shape::Enum(ChipStandard::WORDS), true = IDENTITY.creatable();
        /// When it was put in.
        implanted_on: Option<Date>, Shape::Date, true = IDENTITY.creatable();
        /// Where it is.
        site: Option<String>, Shape::Text, true = IDENTITY.creatable().max(100);
    }
}

object! {
    /// What everybody must know who handles the patient.
    pub struct Alert as "alert" {
        /// What it warns of.
        kind: AlertKind, Shape::Enum(AlertKind::WORDS), false = CLINICAL.required();
        /// How bad it is.
        severity: Option<Severity>, Shape::Enum(Severity::WORDS), true = CLINICAL.creatable();
        /// In words.
        text: Option<String>, Shape::Text, true = CLINICAL.creatable().max(500);
    }
}

object! {
    /// What the patient does not tolerate.
    pub struct Allergy as "allergy" {
        /// The drug, food or other substance.
        substance: String, Shape::Text, false = CLINICAL.required().max(200);
        /// What happens.
        reaction: Option<String>, Shape::Text, true = CLINICAL.creatable().max(500);
        /// How bad it is.
        severity: Option<Severity>, Shape::Enum(Severity::WORDS), true = CLINICAL.creatable();
    }
}

object! {
    /// A policy that pays for care.
    pub struct Policy as "policy" {
        /// The insurer.
        carrier: String, Shape::Text, false = FINANCIAL.required().max(120);
        /// The number of the policy.
        policy_no: Option<String>, Shape::Text, true = FINANCIAL.creatable().max(60);
        /// Its last day.
        valid_to: Option<Date>, Shape::Date, true = FINANCIAL.creatable();
    }
}

document_list! {
    /// Its breed in coding systems.
    BreedCodes of BreedCode, Shape::Object(BreedCode::SCHEMA)
}
document_list! {
    /// Its microchips.
    Microchips of Microchip, Shape::Object(Microchip::SCHEMA)
}
document_list! {
    /// What to know before handling it.
    Alerts of Alert, Shape::Object(Alert::SCHEMA)
}
document_list! {
    /// What it does not tolerate.
    Allergies of Allergy, Shape::Object(Allergy::SCHEMA)
}
document_list! {
    /// Policies that pay for its care.
    Insurance of Policy, Shape::Object(Policy::SCHEMA)
}
