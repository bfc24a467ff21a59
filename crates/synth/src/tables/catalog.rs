//! What a general practice charges for, with prices as of 2024 in cents.

use clinicos_clinic::products::model::parts::RevenueCategory as R;
use clinicos_clinic::products::model::parts::{ProductKind as K, Schedule};

/// One entry of the price list.
#[derive(Debug)]
pub struct Item {
    /// How other tables name it, and the end of its SKU.
    pub key: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What sort of thing it is.
    pub kind: K,
    /// Which part of the income it is.
    pub category: R,
    /// What one costs a client.
    pub price: i64,
    /// What one costs the clinic; zero for work.
    pub cost: i64,
    /// The UCUM unit of one.
    pub unit: &'static str,
    /// Whether sales tax is due.
    pub taxed: bool,
    /// How it is controlled.
    pub schedule: Schedule,
    /// How many units come in one delivery; zero if no stock is kept.
    pub delivery: i64,
}

const fn work(key: &'static str, name: &'static str, kind: K, category: R, price: i64) -> Item {
    Item { key, name, kind, category, price, cost: 0, unit: "1", taxed: false, schedule: Schedule::None, delivery: 0 }
}

const fn test(key: &'static str, name: &'static str, category: R, price: i64, cost: i64) -> Item {
    Item { cost, ..work(key, name, K::LabTest, category, price) }
}

const fn vaccine(key: &'static str, name: &'static str, price: i64, cost: i64) -> Item {
    Item { cost, delivery: 100, unit: "{dose}", ..work(key, name, K::Vaccine, R::Vaccines, price) }
}

const fn drug(key: &'static str, name: &'static str, unit: &'static str, price: i64, cost: i64, delivery: i64) -> Item {
    Item { cost, delivery, unit, ..work(key, name, K::Drug, R::Pharmacy, price) }
}

const fn controlled(item: Item, schedule: Schedule) -> Item {
    Item { schedule, ..item }
}

const fn goods(key: &'static str, name: &'static str, kind: K, category: R, price: i64, cost: i64, delivery: i64) -> Item {
    Item { cost, delivery, taxed: true, ..work(key, name, kind, category, price) }
}

/// They.
pub const ITEMS: &[Item] = &[
    work("EXAM-W", "Wellness exam", K::Service, R::Exams, 6_800),
    work("EXAM-S", "Sick exam", K::Service, R::Exams, 7_900),
    work("EXAM-R", "Recheck exam", K::Service, R::Exams, 4_200),
    work("EXAM-X", "Exotic pet exam", K::Service, R::Exams, 8_900),
    work("EMERG", "Emergency triage", K::Service, R::Emergency, 15_500),
    work("TELE", "Video consult", K::Service, R::Telehealth, 5_500),
    vaccine("VX-RAB1", "Rabies vaccine, 1 year", 3_200, 480),
    vaccine("VX-RAB3", "Rabies vaccine, 3 years", 4_100, 560),
    vaccine("VX-DHPP", "DHPP vaccine", 3_900, 690),
    vaccine("VX-LEPT", "Leptospirosis vaccine", 3_600, 740),
    vaccine("VX-BORD", "Bordetella vaccine, intranasal", 3_400, 820),
    vaccine("VX-FVRC", "FVRCP vaccine", 3_700, 640),
    vaccine("VX-FELV", "FeLV vaccine", 3_800, 790),
    vaccine("VX-RHDV", "RHDV2 vaccine", 5_200, 1_900),
    test("LAB-HW", "Heartworm and tick panel", R::LabInHouse, 5_900, 1_750),
    test("LAB-FEC", "Fecal flotation", R::LabInHouse, 3_600, 450),
    test("LAB-UA", "Urinalysis with sediment", R::LabInHouse, 6_200, 700),
    test("LAB-CYT", "Ear cytology", R::LabInHouse, 4_400, 250),
    test("LAB-FIV", "FeLV/FIV test", R::LabInHouse, 5_700, 1_900),
    test("LAB-CBC", "CBC and chemistry, in house", R::LabInHouse, 16_800, 4_200),
    test("LAB-SEN", "Senior panel with thyroid", R::LabReference, 21_500, 7_900),
    test("LAB-T4", "Total T4", R::LabReference, 7_400, 2_300),
    test("LAB-HIST", "Biopsy with histopathology", R::LabReference, 28_900, 12_800),
    work("IMG-XR", "Radiographs, two views", K::Imaging, R::Imaging, 22_400),
    work("IMG-US", "Abdominal ultrasound", K::Imaging, R::Imaging, 42_500),
    work("SX-SPAY", "Spay", K::Procedure, R::Surgery, 42_000),
    work("SX-NEUT", "Neuter", K::Procedure, R::Surgery, 29_500),
    work("SX-MASS", "Mass removal", K::Procedure, R::Surgery, 58_000),
    work("SX-LAC", "Laceration repair", K::Procedure, R::Surgery, 36_000),
    work("ANES", "General anesthesia, first hour", K::Procedure, R::Anesthesia, 18_500),
    work("DENT", "Dental cleaning with radiographs", K::Procedure, R::Dentistry, 54_900),
    work("EXTR", "Tooth extraction", K::Procedure, R::Dentistry, 12_500),
    work("FLUID", "Fluid therapy, subcutaneous", K::Service, R::Hospitalization, 5_800),
    work("HOSP", "Hospitalization, per day", K::Service, R::Hospitalization, 14_900),
    work("NAIL", "Nail trim", K::Grooming, R::Grooming, 2_200),
    work("GLAND", "Anal gland expression", K::Service, R::Other, 3_100),
    work("BAND", "Bandage change", K::Service, R::Other, 4_600),
    work("LASER", "Laser therapy session", K::Service, R::Rehab, 6_500),
    work("EUTH", "Euthanasia", K::Service, R::EuthanasiaAftercare, 16_500),
    work("CREM", "Private cremation", K::Service, R::EuthanasiaAftercare, 21_000),
    work("CHIP", "Microchip with registration", K::Service, R::Other, 5_200),
    work("BOARD", "Boarding, per night", K::Boarding, R::Boarding, 4_800),
    work("NOSHOW", "Missed appointment fee", K::Fee, R::Other, 3_500),
    drug("RX-CARP", "Carprofen 75 mg, tablet", "{tablet}", 165, 62, 400),
    drug("RX-CEPH", "Cephalexin 500 mg, capsule", "{capsule}", 98, 21, 500),
    drug("RX-AMOX", "Amoxicillin-clavulanate 250 mg, tablet", "{tablet}", 210, 88, 400),
    drug("RX-METR", "Metronidazole 250 mg, tablet", "{tablet}", 88, 16, 500),
    drug("RX-APOQ", "Oclacitinib 16 mg, tablet", "{tablet}", 385, 251, 300),
    drug("RX-OTIC", "Otic suspension, 15 mL", "{bottle}", 4_450, 1_980, 24),
    drug("RX-EYE", "Ophthalmic ointment, 3.5 g", "{tube}", 2_650, 910, 24),
    drug("RX-MELX", "Meloxicam oral suspension, 10 mL", "{bottle}", 3_180, 1_240, 24),
    drug("RX-METH", "Methimazole 5 mg, tablet", "{tablet}", 74, 19, 500),
    drug("RX-ENAL", "Enalapril 5 mg, tablet", "{tablet}", 68, 14, 500),
    drug("RX-INSU", "Insulin glargine, 10 mL", "{vial}", 18_900, 11_200, 6),
    drug("RX-PRED", "Prednisolone 5 mg, tablet", "{tablet}", 52, 11, 500),
    controlled(drug("RX-GABA", "Gabapentin 100 mg, capsule", "{capsule}", 74, 12, 600), Schedule::Five),
    controlled(drug("RX-PHEN", "Phenobarbital 64.8 mg, tablet", "{tablet}", 61, 18, 500), Schedule::Four),
    controlled(drug("RX-BUPR", "Buprenorphine injection", "mL", 3_900, 1_650, 40), Schedule::Three),
    controlled(drug("RX-METHA", "Methadone injection", "mL", 4_150, 1_700, 40), Schedule::Two),
    drug("RX-MARO", "Maropitant injection", "mL", 2_675, 1_020, 60),
    drug("RX-CEFO", "Cefovecin injection", "mL", 4_333, 1_890, 40),
    goods("PP-CHEW", "Flea and tick chew, monthly", K::Drug, R::ParasitePrevention, 2_499, 1_480, 120),
    goods("PP-HW6", "Heartworm preventive, six months", K::Drug, R::ParasitePrevention, 7_199, 4_100, 60),
    goods("PP-CAT", "Topical parasite preventive, cat", K::Drug, R::ParasitePrevention, 2_199, 1_250, 60),
    goods("DIET-R", "Renal diet, 8 lb", K::Food, R::Diet, 4_299, 2_950, 20),
    goods("DIET-G", "Gastrointestinal diet, can", K::Food, R::Diet, 389, 245, 96),
    goods("CHEWS", "Dental chews, bag", K::Retail, R::Retail, 2_899, 1_720, 30),
    goods("CONE", "Recovery cone", K::Retail, R::Retail, 1_899, 640, 20),
];

/// The place of an item in the list. One that is not there is the first: a test looks up all keys that are used.
pub fn place(key: &str) -> usize {
    ITEMS.iter().position(|item| item.key == key).unwrap_or(0)
}

/// The account of the general ledger that a part of the income goes to.
pub fn account(category: R) -> &'static str {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_different_and_nothing_is_sold_below_cost() {
        for (at, item) in ITEMS.iter().enumerate() {
            assert_eq!(place(item.key), at, "{}", item.key);
            assert!(item.price > item.cost, "{}", item.key);
        }
    }
}
