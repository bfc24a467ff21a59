//! Vaccines: for whom, when the series begins, and when the next is due.

use clinicos_clinic::patients::model::parts::Species;
use clinicos_clinic::vaccinations::parts::{Antigen, VaccineCategory, VaccineSite};

/// A vaccine.
#[derive(Debug)]
pub struct Vaccine {
    /// Its entry of the price list.
    pub item: &'static str,
    /// What its later doses are charged as, if another entry.
    pub booster_item: &'static str,
    /// For whom.
    pub species: Species,
    /// Against what.
    pub antigen: Antigen,
    /// Why.
    pub category: VaccineCategory,
    /// How many of a thousand animals get it.
    pub per_mille: u64,
    /// At what age its series begins, in weeks.
    pub from_weeks: i32,
    /// How many doses the series has.
    pub doses: i64,
    /// Weeks between them.
    pub every_weeks: i32,
    /// For how many years the last dose of the series protects.
    pub first_years: i64,
    /// For how many years later doses protect.
    pub years: i64,
    /// Who makes it.
    pub manufacturer: &'static str,
    /// Where it is given.
    pub site: VaccineSite,
}

const RABIES: Vaccine = Vaccine {
    item: "VX-RAB1",
    booster_item: "VX-RAB3",
    species: Species::Canine,
    antigen: Antigen::Rabies,
    category: VaccineCategory::RequiredByLaw,
    per_mille: 990,
    from_weeks: 14,
    doses: 1,
    every_weeks: 0,
    first_years: 1,
    years: 3,
    manufacturer: "Example Biologics",
    site: VaccineSite::Rh,
};

/// They; at most six for one species.
pub const VACCINES: &[Vaccine] = &[
    RABIES,
    Vaccine {
        item: "VX-DHPP",
        booster_item: "VX-DHPP",
        antigen: Antigen::Dhpp,
        category: VaccineCategory::Core,
        per_mille: 970,
        from_weeks: 8,
        doses: 3,
        every_weeks: 4,
        years: 3,
        site: VaccineSite::Rf,
        ..RABIES
    },
    Vaccine {
        item: "VX-LEPT",
        booster_item: "VX-LEPT",
        antigen: Antigen::Lepto,
        category: VaccineCategory::Lifestyle,
        per_mille: 720,
        from_weeks: 12,
        doses: 2,
        every_weeks: 4,
        years: 1,
        site: VaccineSite::Lf,
        ..RABIES
    },
    Vaccine {
        item: "VX-BORD",
        booster_item: "VX-BORD",
        antigen: Antigen::Bordetella,
        category: VaccineCategory::Lifestyle,
        per_mille: 560,
        from_weeks: 10,
        years: 1,
        manufacturer: "Sample Animal Health",
        site: VaccineSite::Nasal,
        ..RABIES
    },
    Vaccine { species: Species::Feline, per_mille: 950, ..RABIES },
    Vaccine {
        item: "VX-FVRC",
        booster_item: "VX-FVRC",
        species: Species::Feline,
        antigen: Antigen::Fvrcp,
        category: VaccineCategory::Core,
        per_mille: 950,
        from_weeks: 8,
        doses: 3,
        every_weeks: 4,
        years: 3,
        site: VaccineSite::Rf,
        ..RABIES
    },
    Vaccine {
        item: "VX-FELV",
        booster_item: "VX-FELV",
        species: Species::Feline,
        antigen: Antigen::Felv,
        category: VaccineCategory::Lifestyle,
        per_mille: 480,
        from_weeks: 9,
        doses: 2,
        every_weeks: 4,
        years: 1,
        manufacturer: "Sample Animal Health",
        site: VaccineSite::Lh,
        ..RABIES
    },
    Vaccine {
        item: "VX-RHDV",
        booster_item: "VX-RHDV",
        species: Species::Lagomorph,
        antigen: Antigen::Rhdv,
        category: VaccineCategory::Lifestyle,
        per_mille: 550,
        from_weeks: 6,
        doses: 2,
        every_weeks: 3,
        years: 1,
        ..RABIES
    },
];
