//! Animals that do not exist: names, breeds and microchips of the number range for tests.

use super::random::SplitMix64;
use crate::patients::model::parts::{ReproductiveStatus, Sex, Species};

const NAMES: &[&str] = &[
    "Archie", "Bagheera", "Bella", "Biscuit", "Blue", "Bruno", "Charlie", "Chico", "Cleo", "Coco", "Cookie", "Daisy", "Duke",
    "Ella", "Felix", "Finn", "George", "Ginger", "Gus", "Hazel", "Honey", "Jasper", "Juno", "Kiki", "Kira", "Leo", "Lola",
    "Loki", "Lucy", "Luna", "Maggie", "Max", "Mia", "Milo", "Minou", "Misty", "Mochi", "Moose", "Nala", "Nugget", "Olive",
    "Oreo", "Oscar", "Otis", "Peanut", "Pepper", "Pickles", "Poppy", "Rex", "Rocky", "Rosie", "Ruby", "Salem", "Sasha", "Shadow",
    "Simba", "Sunny", "Teddy", "Tigger", "Toby", "Tofu", "Waffles", "Willow", "Winnie", "Zeus", "Ziggy",
];

const COLORS: &[&str] = &["black", "black and white", "brown", "brindle", "cream", "fawn", "gray", "orange", "tan", "white"];

/// Everything that follows from the species.
struct Kind {
    species: Species,
    /// How many of a thousand patients.
    per_mille: u64,
    breeds: &'static [&'static str],
    /// Usual weights, in hundredths of a kilogram.
    weight: (i64, i64),
    /// How old it grows, in years.
    years: i64,
}

const DOGS: Kind = Kind {
    species: Species::Canine,
    per_mille: 600,
    breeds: &[
        "Australian Shepherd",
        "Beagle",
        "Boxer",
        "Chihuahua",
        "Cocker Spaniel",
        "Dachshund",
        "French Bulldog",
        "German Shepherd",
        "Golden Retriever",
        "Labrador Retriever",
        "Labrador Retriever",
        "Mixed breed",
        "Mixed breed",
        "Mixed breed",
        "Pit Bull",
        "Poodle",
        "Pug",
        "Shih Tzu",
        "Yorkshire Terrier",
    ],
    weight: (300, 4_200),
    years: 14,
};

const KINDS: &[Kind] = &[
    DOGS,
    Kind {
        species: Species::Feline,
        per_mille: 320,
        breeds: &[
            "Domestic Longhair",
            "Domestic Shorthair",
            "Domestic Shorthair",
            "Domestic Shorthair",
            "Maine Coon",
            "Persian",
            "Ragdoll",
            "Siamese",
        ],
        weight: (280, 720),
        years: 17,
    },
    Kind {
        species: Species::Lagomorph,
        per_mille: 30,
        breeds: &["Dutch", "Holland Lop", "Netherland Dwarf"],
        weight: (100, 320),
        years: 9,
    },
    Kind {
        species: Species::Rodent,
        per_mille: 20,
        breeds: &["Guinea pig", "Rat", "Syrian hamster"],
        weight: (12, 120),
        years: 5,
    },
    Kind {
        species: Species::Avian,
        per_mille: 20,
        breeds: &["Budgerigar", "Cockatiel", "Green-cheeked Conure"],
        weight: (4, 45),
        years: 15,
    },
    Kind {
        species: Species::Reptile,
        per_mille: 10,
        breeds: &["Ball Python", "Bearded Dragon", "Leopard Gecko"],
        weight: (5, 180),
        years: 15,
    },
];

/// An animal that does not exist.
#[derive(Debug)]
pub struct Animal {
    /// What it is called.
    pub name: &'static str,
    /// What it is.
    pub species: Species,
    /// Its breed.
    pub breed: &'static str,
    /// Its color.
    pub color: &'static str,
    /// Its sex.
    pub sex: Sex,
    /// Whether it can have young.
    pub reproductive_status: ReproductiveStatus,
    /// In kilograms.
    pub weight_kg: String,
    /// The number of its microchip. 999 stands for transponders that are for tests (ICAR).
    pub microchip: Option<String>,
    /// How old it grows, in years.
    pub years: i64,
}

/// The next animal.
pub fn animal(random: &mut SplitMix64) -> Animal {
    let kind = kind(random.below(1_000));
    let sex = if random.chance(500) { Sex::Male } else { Sex::Female };
    let is_common = matches!(kind.species, Species::Canine | Species::Feline);
    let reproductive_status = match sex {
        _ if !random.chance(if is_common { 860 } else { 250 }) => ReproductiveStatus::Intact,
        Sex::Male => ReproductiveStatus::Neutered,
        Sex::Female => ReproductiveStatus::Spayed,
        Sex::Unknown => ReproductiveStatus::Unknown,
    };
    let hundredths = random.between(kind.weight.0, kind.weight.1);
    let chipped = random.chance(if is_common { 700 } else { 50 });
    let number = random.below(1_000_000_000_000);
    Animal {
        name: random.pick(NAMES).copied().unwrap_or("Max"),
        species: kind.species,
        breed: random.pick(kind.breeds).copied().unwrap_or("Mixed breed"),
        color: random.pick(COLORS).copied().unwrap_or("brown"),
        sex,
        reproductive_status,
        weight_kg: format!("{}.{:02}", hundredths / 100, hundredths % 100),
        microchip: chipped.then(|| format!("999{number:012}")),
        years: kind.years,
    }
}

fn kind(mut roll: u64) -> &'static Kind {
    for kind in KINDS {
        if roll < kind.per_mille {
            return kind;
        }
        roll -= kind.per_mille;
    }
    &DOGS
}

#[cfg(test)]
mod tests {
    use super::KINDS;

    #[test]
    fn every_roll_is_some_kind() {
        assert_eq!(KINDS.iter().map(|kind| kind.per_mille).sum::<u64>(), 1_000);
    }
}
