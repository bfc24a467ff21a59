//! What a general practice charges for, with prices as of 2026 in minor units.

use crate::patients::model::parts::Species;
use crate::products::model::parts::RevenueCategory;
use crate::products::model::parts::RevenueCategory as R;

/// One entry of the price list.
#[derive(Debug)]
pub struct Price {
    /// What it is.
    pub description: &'static str,
    /// What one costs.
    pub amount: i64,
    /// Which part of the income it is.
    pub category: RevenueCategory,
    /// Quantities that are usual.
    pub quantities: &'static [&'static str],
    /// Whether sales tax is due.
    pub taxed: bool,
    /// The only species that it is for.
    pub only: Option<Species>,
}

const ONE: &[&str] = &["1"];
const FEW: &[&str] = &["1", "1", "2", "3"];
const TABLETS: &[&str] = &["7", "10", "14", "20", "28", "30", "60"];
const MILLILITERS: &[&str] = &["0.5", "0.75", "1", "1.25", "2.5", "10"];
const NIGHTS: &[&str] = &["1", "2", "3", "5", "7"];

const fn service(description: &'static str, amount: i64, category: RevenueCategory) -> Price {
    Price { description, amount, category, quantities: ONE, taxed: false, only: None }
}

const fn sold(description: &'static str, amount: i64, category: RevenueCategory, quantities: &'static [&'static str]) -> Price {
    Price { description, amount, category, quantities, taxed: true, only: None }
}

const fn dog(price: Price) -> Price {
    Price { only: Some(Species::Canine), ..price }
}

const fn cat(price: Price) -> Price {
    Price { only: Some(Species::Feline), ..price }
}

/// What may come on any invoice.
pub const PRICES: &[Price] = &[
    service("Wellness exam", 6_800, R::Exams),
    service("Sick exam", 7_900, R::Exams),
    service("Recheck exam", 4_200, R::Exams),
    service("Rabies vaccine, 1 year", 3_200, R::Vaccines),
    service("Rabies vaccine, 3 years", 4_100, R::Vaccines),
    dog(service("DHPP vaccine", 3_900, R::Vaccines)),
    dog(service("Leptospirosis vaccine", 3_600, R::Vaccines)),
    dog(service("Bordetella vaccine, intranasal", 3_400, R::Vaccines)),
    cat(service("FVRCP vaccine", 3_700, R::Vaccines)),
    cat(service("FeLV vaccine", 3_800, R::Vaccines)),
    dog(service("Heartworm antigen test", 4_900, R::LabInHouse)),
    service("Fecal flotation", 3_600, R::LabInHouse),
    service("Urinalysis with sediment", 6_200, R::LabInHouse),
    service("Ear cytology", 4_400, R::LabInHouse),
    cat(service("FeLV/FIV test", 5_700, R::LabInHouse)),
    service("Senior panel with thyroid", 21_500, R::LabReference),
    service("CBC and chemistry", 16_800, R::LabReference),
    service("Biopsy with histopathology", 28_900, R::LabReference),
    service("Radiographs, two views", 22_400, R::Imaging),
    service("Abdominal ultrasound", 42_500, R::Imaging),
    dog(service("Spay, canine", 48_000, R::Surgery)),
    cat(service("Neuter, feline", 19_500, R::Surgery)),
    service("Laceration repair", 36_000, R::Surgery),
    service("General anesthesia, first hour", 18_500, R::Anesthesia),
    service("Dental cleaning with radiographs", 54_900, R::Dentistry),
    Price { quantities: FEW, ..service("Tooth extraction", 12_500, R::Dentistry) },
    Price { quantities: NIGHTS, ..service("Hospitalization, per night", 14_900, R::Hospitalization) },
    service("Emergency triage", 15_500, R::Emergency),
    service("Nail trim", 2_200, R::Grooming),
    service("Anal gland expression", 3_100, R::Grooming),
    Price { quantities: NIGHTS, ..service("Boarding, per night", 4_800, R::Boarding) },
    service("Laser therapy session", 6_500, R::Rehab),
    service("Euthanasia with aftercare", 31_000, R::EuthanasiaAftercare),
    service("Video consult", 5_500, R::Telehealth),
    service("Microchip with registration", 5_200, R::Other),
    Price { quantities: TABLETS, ..service("Carprofen 75 mg, tablet", 165, R::Pharmacy) },
    Price { quantities: TABLETS, ..service("Cephalexin 500 mg, capsule", 98, R::Pharmacy) },
    Price { quantities: TABLETS, ..service("Gabapentin 100 mg, capsule", 74, R::Pharmacy) },
    Price { quantities: MILLILITERS, ..service("Maropitant injection, per mL", 2_675, R::Pharmacy) },
    Price { quantities: MILLILITERS, ..service("Cefovecin injection, per mL", 4_333, R::Pharmacy) },
    sold("Flea and tick chew, monthly", 2_499, R::ParasitePrevention, FEW),
    sold("Heartworm preventive, six months", 7_199, R::ParasitePrevention, ONE),
    sold("Renal diet, 8 lb", 4_299, R::Diet, FEW),
    sold("Gastrointestinal diet, can", 389, R::Diet, TABLETS),
    sold("Dental chews, bag", 2_899, R::Retail, FEW),
    sold("Slow feeder bowl", 1_599, R::Retail, ONE),
];

/// The account of the general ledger that a part of the income goes to.
pub fn account(category: RevenueCategory) -> &'static str {
    match category {
        R::Exams | R::Emergency | R::Specialty | R::Telehealth => "4010",
        R::Vaccines => "4020",
        R::LabInHouse | R::LabReference => "4030",
        R::Imaging => "4040",
        R::Surgery | R::Anesthesia | R::Hospitalization | R::Rehab => "4050",
        R::Dentistry => "4060",
        R::Pharmacy | R::ParasitePrevention => "4310",
        R::Diet | R::Retail => "4320",
        R::Boarding | R::Grooming => "4410",
        R::EuthanasiaAftercare | R::WellnessPlan | R::Other => "4900",
    }
}

/// Sales tax in ten-thousandths: 8.25 %.
pub const TAX_RATE: i64 = 825;

/// Tax on an amount, rounded half up.
pub fn tax_on(net: i64) -> i64 {
    net.saturating_mul(TAX_RATE).saturating_add(5_000).div_euclid(10_000)
}
