//! Species and breeds: how many of each, what a grown one weighs, how old it grows.

use clinicos_clinic::patients::model::parts::Species;

/// A species as a general practice sees it.
#[derive(Debug)]
pub struct Animal {
    /// Which.
    pub species: Species,
    /// How many of a thousand patients.
    pub per_mille: u64,
    /// How old it grows, in years: from, to.
    pub years: (i64, i64),
    /// Until what age it grows, in weeks.
    pub grown_weeks: i64,
    /// Usual body temperature in hundredths of a degree Celsius, heart and respiratory rates: from, to.
    pub temperature: (i64, i64),
    /// Beats in a minute.
    pub heart: (i64, i64),
    /// Breaths in a minute.
    pub breath: (i64, i64),
    /// What colors it comes in.
    pub colors: &'static [&'static str],
    /// Its breeds.
    pub breeds: &'static [Breed],
}

/// A breed.
#[derive(Debug)]
pub struct Breed {
    /// What it is called.
    pub name: &'static str,
    /// How common it is.
    pub weight: u64,
    /// What a grown one weighs, in grams: from, to.
    pub grams: (i64, i64),
    /// What colors it comes in, if not in those of its species.
    pub colors: &'static [&'static str],
}

impl Breed {
    const fn in_colors(self, colors: &'static [&'static str]) -> Self {
        Self { colors, ..self }
    }
}

const fn breed(name: &'static str, weight: u64, from: i64, to: i64) -> Breed {
    Breed { name, weight, grams: (from, to), colors: &[] }
}

/// They. Dogs and cats come first.
pub const ANIMALS: &[Animal] = &[
    Animal {
        species: Species::Canine,
        per_mille: 600,
        years: (9, 16),
        grown_weeks: 60,
        temperature: (3_810, 3_920),
        heart: (68, 140),
        breath: (14, 32),
        colors: &[
            "black",
            "black and tan",
            "black and white",
            "brindle",
            "brown",
            "cream",
            "fawn",
            "red",
            "tan",
            "tricolor",
            "white",
        ],
        breeds: &[
            breed("Mixed breed", 30, 7_000, 34_000),
            breed("Labrador Retriever", 14, 25_000, 36_500).in_colors(&["black", "yellow", "chocolate"]),
            breed("Golden Retriever", 8, 25_500, 34_500).in_colors(&["golden", "light golden", "dark golden"]),
            breed("German Shepherd", 7, 22_500, 40_500).in_colors(&["black and tan", "sable", "black"]),
            breed("French Bulldog", 8, 8_500, 13_000).in_colors(&["fawn", "brindle", "cream"]),
            breed("Poodle", 5, 18_500, 30_000).in_colors(&["apricot", "black", "white", "silver"]),
            breed("Miniature Poodle", 4, 4_500, 7_500).in_colors(&["apricot", "black", "white", "silver"]),
            breed("Beagle", 5, 9_000, 13_500).in_colors(&["tricolor", "lemon and white"]),
            breed("Dachshund", 5, 7_000, 14_000).in_colors(&["red", "black and tan", "chocolate and tan"]),
            breed("Yorkshire Terrier", 5, 1_900, 3_300).in_colors(&["blue and tan"]),
            breed("Shih Tzu", 5, 4_000, 7_400).in_colors(&["gold and white", "black and white", "gray and white"]),
            breed("Chihuahua", 6, 1_500, 3_000),
            breed("Boxer", 3, 24_500, 36_000).in_colors(&["fawn", "brindle"]),
            breed("Australian Shepherd", 4, 18_000, 29_500).in_colors(&["blue merle", "red merle", "black tricolor"]),
            breed("Pit Bull", 7, 14_000, 27_500),
            breed("Cocker Spaniel", 3, 9_000, 13_800).in_colors(&["buff", "black", "black and white"]),
            breed("Pug", 3, 6_300, 8_500).in_colors(&["fawn", "black"]),
            breed("Siberian Husky", 3, 16_000, 27_000).in_colors(&["gray and white", "black and white", "red and white"]),
            breed("Great Dane", 1, 50_000, 74_000).in_colors(&["fawn", "harlequin", "blue", "black"]),
        ],
    },
    Animal {
        species: Species::Feline,
        per_mille: 325,
        years: (11, 19),
        grown_weeks: 52,
        temperature: (3_800, 3_920),
        heart: (150, 210),
        breath: (18, 36),
        colors: &[
            "black",
            "black and white",
            "gray",
            "gray tabby",
            "brown tabby",
            "orange tabby",
            "calico",
            "tortoiseshell",
            "white",
            "cream",
        ],
        breeds: &[
            breed("Domestic Shorthair", 60, 3_200, 6_200),
            breed("Domestic Longhair", 15, 3_300, 6_400),
            breed("Maine Coon", 6, 4_800, 8_600).in_colors(&["brown tabby", "red tabby", "black", "silver tabby"]),
            breed("Ragdoll", 5, 4_500, 8_200).in_colors(&["seal point", "blue point", "seal bicolor"]),
            breed("Siamese", 5, 2_800, 5_300).in_colors(&["seal point", "chocolate point", "blue point"]),
            breed("Persian", 4, 3_200, 5_400).in_colors(&["white", "cream", "blue", "tortoiseshell"]),
            breed("Bengal", 3, 3_600, 6_700).in_colors(&["brown spotted", "snow spotted"]),
        ],
    },
    Animal {
        species: Species::Lagomorph,
        per_mille: 30,
        years: (6, 11),
        grown_weeks: 26,
        temperature: (3_830, 3_960),
        heart: (180, 260),
        breath: (30, 60),
        colors: &["agouti", "black", "broken orange", "chinchilla gray", "chocolate", "white", "blue"],
        breeds: &[
            breed("Holland Lop", 10, 1_100, 1_900),
            breed("Netherland Dwarf", 7, 700, 1_200),
            breed("Dutch", 5, 1_800, 2_500).in_colors(&["black and white", "blue and white", "chocolate and white"]),
        ],
    },
    Animal {
        species: Species::Rodent,
        per_mille: 20,
        years: (2, 7),
        grown_weeks: 16,
        temperature: (3_720, 3_900),
        heart: (230, 350),
        breath: (60, 110),
        colors: &["agouti", "black", "black and white", "cream", "golden", "white", "tricolor"],
        breeds: &[
            breed("Guinea pig", 10, 700, 1_200),
            breed("Fancy rat", 6, 270, 520).in_colors(&["agouti", "black hooded", "white", "beige"]),
            breed("Syrian hamster", 5, 110, 170).in_colors(&["golden", "cream", "black banded"]),
        ],
    },
    Animal {
        species: Species::Avian,
        per_mille: 15,
        years: (7, 22),
        grown_weeks: 12,
        temperature: (4_000, 4_220),
        heart: (240, 420),
        breath: (40, 75),
        colors: &["green", "yellow", "blue", "gray", "lutino", "pied"],
        breeds: &[
            breed("Cockatiel", 8, 80, 120).in_colors(&["gray", "lutino", "pied"]),
            breed("Budgerigar", 8, 28, 45).in_colors(&["green", "blue", "yellow"]),
            breed("Green-cheeked Conure", 5, 60, 80).in_colors(&["green", "yellow-sided"]),
        ],
    },
    Animal {
        species: Species::Reptile,
        per_mille: 10,
        years: (9, 20),
        grown_weeks: 90,
        temperature: (2_600, 3_200),
        heart: (30, 60),
        breath: (6, 20),
        colors: &["tan", "yellow", "orange", "brown and black", "albino"],
        breeds: &[
            breed("Bearded Dragon", 9, 320, 540).in_colors(&["tan", "citrus", "red"]),
            breed("Leopard Gecko", 6, 45, 90).in_colors(&["yellow spotted", "tangerine", "albino"]),
            breed("Ball Python", 4, 1_100, 1_900).in_colors(&["brown and black", "pastel", "albino"]),
        ],
    },
];

/// Growth: weeks of age in hundredths of the time it takes to grow, and the weight in thousandths of a grown one.
const GROWTH: &[(i64, i64)] = &[(0, 30), (10, 130), (20, 290), (30, 460), (45, 660), (60, 810), (80, 930), (100, 1_000)];

/// What an animal weighs at an age in days, in grams, if a grown one weighs so much.
pub fn weight(adult: i64, grown_weeks: i64, age_days: i64) -> i64 {
    let part = (age_days.max(0) * 100 / (grown_weeks * 7)).min(100);
    let above = GROWTH.iter().position(|(at, _)| *at >= part).unwrap_or(GROWTH.len() - 1);
    let ((from, low), (to, high)) = (GROWTH[above.saturating_sub(1)], GROWTH[above]);
    let share = if to == from { high } else { low + (high - low) * (part - from) / (to - from) };
    (adult * share / 1_000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_roll_is_some_animal() {
        assert_eq!(ANIMALS.iter().map(|animal| animal.per_mille).sum::<u64>(), 1_000);
    }

    #[test]
    fn animals_grow_and_stay_grown() {
        let dog = |days| weight(30_000, 60, days);
        assert_eq!((dog(0), dog(420), dog(4_000)), (900, 30_000, 30_000));
        assert!((1..420).all(|day| dog(day) >= dog(day - 1)));
    }
}
