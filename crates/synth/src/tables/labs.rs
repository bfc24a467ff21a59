//! Laboratory panels: what is measured, and what is usual for a species.

use clinicos_clinic::lab_orders::parts::Specimen;

/// One value of a panel. Numbers are thousandths.
#[derive(Debug)]
pub struct Measured {
    /// What is measured.
    pub name: &'static str,
    /// The same in LOINC.
    pub loinc: &'static str,
    /// Its UCUM unit.
    pub unit: &'static str,
    /// Usual values of dogs.
    pub dogs: (i64, i64),
    /// Usual values of cats and of others.
    pub cats: (i64, i64),
    /// Digits behind the point.
    pub digits: u32,
}

/// A panel.
#[derive(Debug)]
pub struct Panel {
    /// Its entry of the price list.
    pub item: &'static str,
    /// What is examined.
    pub specimen: Specimen,
    /// Whether another laboratory does it.
    pub reference: bool,
    /// Its values, if they are numbers.
    pub numbers: &'static [&'static Measured],
    /// Its values, if they are words: name, usual word, other word, how many of a thousand are other.
    pub words: &'static [(&'static str, &'static str, &'static str, u64)],
}

const fn measured(
    name: &'static str,
    loinc: &'static str,
    unit: &'static str,
    dogs: (i64, i64),
    cats: (i64, i64),
    digits: u32,
) -> Measured {
    Measured { name, loinc, unit, dogs, cats, digits }
}

const BUN: Measured = measured("Urea nitrogen", "3094-0", "mg/dL", (7_000, 27_000), (16_000, 36_000), 0);
const CREA: Measured = measured("Creatinine", "2160-0", "mg/dL", (500, 1_800), (800, 2_400), 1);
const GLU: Measured = measured("Glucose", "2345-7", "mg/dL", (74_000, 143_000), (71_000, 159_000), 0);
const ALT: Measured = measured("ALT", "1742-6", "U/L", (10_000, 125_000), (12_000, 130_000), 0);
const ALP: Measured = measured("Alkaline phosphatase", "6768-6", "U/L", (23_000, 212_000), (14_000, 111_000), 0);
const TP: Measured = measured("Total protein", "2885-2", "g/dL", (5_200, 8_200), (5_700, 8_900), 1);
const ALB: Measured = measured("Albumin", "1751-7", "g/dL", (2_300, 4_000), (2_200, 4_000), 1);
const POT: Measured = measured("Potassium", "2823-3", "mmol/L", (3_500, 5_800), (3_500, 5_800), 1);
const HCT: Measured = measured("Hematocrit", "4544-3", "%", (37_300, 61_700), (30_300, 52_300), 1);
const WBC: Measured = measured("Leukocytes", "6690-2", "10*3/uL", (5_050, 16_760), (2_870, 17_020), 2);
const PLT: Measured = measured("Platelets", "777-3", "10*3/uL", (148_000, 484_000), (151_000, 600_000), 0);
const T4: Measured = measured("Thyroxine, total", "3026-2", "ug/dL", (1_000, 4_000), (800, 4_700), 1);
const USG: Measured = measured("Specific gravity", "2965-2", "1", (1_015, 1_045), (1_020, 1_060), 3);
const PH: Measured = measured("pH", "2756-5", "[pH]", (5_500, 7_500), (5_500, 7_500), 1);

/// They.
pub const PANELS: &[Panel] = &[
    Panel {
        item: "LAB-CBC",
        specimen: Specimen::Blood,
        reference: false,
        numbers: &[&HCT, &WBC, &PLT, &GLU, &BUN, &CREA, &TP, &ALB, &ALT, &ALP, &POT],
        words: &[],
    },
    Panel {
        item: "LAB-SEN",
        specimen: Specimen::Serum,
        reference: true,
        numbers: &[&HCT, &WBC, &PLT, &GLU, &BUN, &CREA, &TP, &ALB, &ALT, &ALP, &POT, &T4],
        words: &[],
    },
    Panel { item: "LAB-T4", specimen: Specimen::Serum, reference: true, numbers: &[&T4], words: &[] },
    Panel {
        item: "LAB-UA",
        specimen: Specimen::Urine,
        reference: false,
        numbers: &[&USG, &PH],
        words: &[
            ("Blood", "negative", "positive", 280),
            ("Protein", "negative", "trace", 240),
            ("Glucose", "negative", "positive", 60),
            ("Bacteria", "none seen", "rods", 220),
        ],
    },
    Panel {
        item: "LAB-FEC",
        specimen: Specimen::Feces,
        reference: false,
        numbers: &[],
        words: &[
            ("Hookworm eggs", "none seen", "seen", 45),
            ("Roundworm eggs", "none seen", "seen", 55),
            ("Whipworm eggs", "none seen", "seen", 20),
            ("Giardia", "negative", "positive", 50),
        ],
    },
    Panel {
        item: "LAB-HW",
        specimen: Specimen::Blood,
        reference: false,
        numbers: &[],
        words: &[
            ("Heartworm antigen", "negative", "positive", 12),
            ("Lyme antibody", "negative", "positive", 60),
            ("Ehrlichia antibody", "negative", "positive", 25),
            ("Anaplasma antibody", "negative", "positive", 30),
        ],
    },
    Panel {
        item: "LAB-FIV",
        specimen: Specimen::Blood,
        reference: false,
        numbers: &[],
        words: &[("FeLV antigen", "negative", "positive", 23), ("FIV antibody", "negative", "positive", 25)],
    },
    Panel {
        item: "LAB-CYT",
        specimen: Specimen::Swab,
        reference: false,
        numbers: &[],
        words: &[("Yeast", "few", "many", 480), ("Cocci", "none seen", "many", 330), ("Rods", "none seen", "seen", 90)],
    },
    Panel {
        item: "LAB-HIST",
        specimen: Specimen::Biopsy,
        reference: true,
        numbers: &[],
        words: &[("Finding", "lipoma, margins clear", "mast cell tumor, low grade, margins narrow", 180)],
    },
];

/// The panel of an entry of the price list.
pub fn panel(item: &str) -> Option<&'static Panel> {
    PANELS.iter().find(|panel| panel.item == item)
}

#[cfg(test)]
mod tests {
    use super::super::catalog::ITEMS;
    use super::super::complaints::COMPLAINTS;
    use super::super::vaccines::VACCINES;
    use super::*;

    #[test]
    fn tables_name_entries_that_there_are() {
        let complaints = COMPLAINTS.iter().flat_map(|one| {
            let home = one.home.iter().map(|home| home.item);
            one.tests.iter().chain(one.done).copied().chain(one.image.iter().map(|image| image.0)).chain(home)
        });
        let vaccines = VACCINES.iter().flat_map(|one| [one.item, one.booster_item]);
        for item in PANELS.iter().map(|panel| panel.item).chain(complaints).chain(vaccines) {
            assert!(ITEMS.iter().any(|known| known.key == item), "{item}");
        }
        for test in COMPLAINTS.iter().flat_map(|one| one.tests) {
            assert!(panel(test).is_some(), "{test}");
        }
    }
}
