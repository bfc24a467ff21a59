//! How much of a drug an animal gets, by its weight.
//!
//! Ranges are those that formularies give for dogs, cats and rabbits by mouth. They make up animals that a
//! veterinarian finds plausible, and treat none.

/// The dose of a drug.
#[derive(Debug)]
pub struct Dosing {
    /// Its entry of the price list.
    pub item: &'static str,
    /// From so much for each kilogram at a time, in hundredths of a milligram (of a unit, for insulin).
    pub low: i64,
    /// Up to so much.
    pub high: i64,
    /// What one tablet or capsule holds, in hundredths of a milligram; zero for what is measured.
    pub whole: i64,
    /// Into how many parts one can be divided.
    pub parts: i64,
    /// What a milliliter holds where it is measured, in hundredths of a milligram.
    pub per_ml: i64,
}

/// How much is given at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Portion {
    /// So many quarters of tablets or capsules.
    Quarters(i64),
    /// So many hundredths of a milliliter.
    Measured(i64),
}

/// Most quarters that are given at once.
const QUARTERS_MAX: i64 = 16;

const fn dosing(item: &'static str, (low, high): (i64, i64), whole: i64, parts: i64, per_ml: i64) -> Dosing {
    Dosing { item, low, high, whole, parts, per_ml }
}

const DOSES: &[Dosing] = &[
    dosing("RX-CARP", (180, 260), 7_500, 4, 1_000),
    dosing("RX-AMOX", (1_200, 2_000), 25_000, 4, 5_000),
    dosing("RX-METR", (1_000, 1_500), 25_000, 4, 5_000),
    dosing("RX-GABA", (500, 2_000), 10_000, 1, 5_000),
    dosing("RX-CEPH", (2_000, 3_000), 50_000, 1, 5_000),
    dosing("RX-APOQ", (40, 60), 1_600, 4, 200),
    dosing("RX-METH", (25, 70), 500, 4, 500),
    dosing("RX-ENAL", (25, 50), 500, 4, 100),
    dosing("RX-PHEN", (200, 350), 6_480, 4, 400),
    dosing("RX-MELX", (20, 50), 0, 1, 150),
    dosing("RX-INSU", (25, 50), 0, 1, 10_000),
];

/// The dose of a drug, unless it is dropped or spread.
pub fn dosing_of(item: &str) -> Option<&'static Dosing> {
    DOSES.iter().find(|dosing| dosing.item == item)
}

impl Dosing {
    /// What an animal of so many grams gets: whole ones before halves, halves before quarters; what is too much for
    /// it even so is measured.
    pub fn portion(&self, grams: i64) -> Portion {
        let (low, high) = (self.low * grams / 1_000, self.high * grams / 1_000);
        let fits = |quarters: &i64| (low..=high).contains(&(self.whole * quarters / 4));
        for step in [4, 2, 1].into_iter().filter(|step| step * self.parts >= 4) {
            let found = (1..=QUARTERS_MAX / step).map(|count| count * step).find(fits);
            if let Some(quarters) = found.filter(|_| self.whole > 0) {
                return Portion::Quarters(quarters);
            }
        }
        let exact = (low + high) * 50 / self.per_ml;
        // A syringe shows every twentieth of a milliliter.
        Portion::Measured(if exact >= 50 { (exact + 2) / 5 * 5 } else { exact.max(1) })
    }
}

impl Portion {
    /// On a label: `half a tablet`.
    pub fn words(self, one: &str) -> String {
        match self {
            Self::Quarters(1) => format!("a quarter of a {one}"),
            Self::Quarters(2) => format!("half a {one}"),
            Self::Quarters(3) => format!("three quarters of a {one}"),
            Self::Quarters(4) => format!("1 {one}"),
            Self::Quarters(quarters) => {
                let part = ["", "¼", "½", "¾"].get(usize::try_from(quarters % 4).unwrap_or(0)).copied().unwrap_or_default();
                format!("{}{part} {one}s", quarters / 4)
            }
            Self::Measured(hundredths) => format!("{} mL", decimal(hundredths)),
        }
    }
}

/// Hundredths as a decimal number without zeros at its end.
pub fn decimal(hundredths: i64) -> String {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_weight_gets_what_fits_it() {
        for dosing in DOSES {
            for grams in (500..80_000).step_by(137) {
                let given = match dosing.portion(grams) {
                    Portion::Quarters(quarters) => dosing.whole * quarters / 4,
                    Portion::Measured(hundredths) => dosing.per_ml * hundredths / 100,
                };
                let per_kg = given * 1_000 / grams;
                // The smallest that can be measured is a hundredth of a milliliter.
                let least = dosing.per_ml / 100 * 1_000 / grams;
                assert!(
                    per_kg <= dosing.high.max(least) && per_kg + least + 3 >= dosing.low,
                    "{} for {grams} g: {per_kg}",
                    dosing.item
                );
            }
        }
    }

    #[test]
    fn small_animals_get_parts_and_drops() {
        let carprofen = dosing_of("RX-CARP").unwrap();
        assert_eq!(carprofen.portion(34_000), Portion::Quarters(4));
        assert_eq!(carprofen.portion(17_000), Portion::Quarters(2));
        assert_eq!(carprofen.portion(4_000), Portion::Measured(90));
        assert_eq!(Portion::Quarters(6).words("tablet"), "1½ tablets");
        assert_eq!(Portion::Measured(85).words("tablet"), "0.85 mL");
    }
}
