//! Parts of a vaccination: against what, why, where, and what happened.

use clinicos_contract::Wire as _;

use crate::{column_words, document_list};

column_words! {
    /// What a vaccine protects from.
    Antigen {
        /// Rabies.
        Rabies = "rabies",
        /// Dogs: distemper, hepatitis, parvovirus, parainfluenza.
        Dhpp = "dhpp",
        /// Dogs: distemper, adenovirus, parvovirus, parainfluenza.
        Dapp = "dapp",
        /// Leptospirosis.
        Lepto = "lepto",
        /// Bordetella: kennel cough.
        Bordetella = "bordetella",
        /// Lyme disease.
        Lyme = "lyme",
        /// Dogs: influenza.
        Civ = "civ",
        /// Dogs: coronavirus.
        Ccov = "ccov",
        /// Leishmaniosis.
        Leishmania = "leishmania",
        /// Distemper alone, such as for ferrets.
        Distemper = "distemper",
        /// Parvovirus alone.
        Parvo = "parvo",
        /// Cats: rhinotracheitis, calicivirus, panleukopenia.
        Fvrcp = "fvrcp",
        /// Cats: leukemia.
        Felv = "felv",
        /// Cats: immunodeficiency.
        Fiv = "fiv",
        /// Chlamydia.
        Chlamydia = "chlamydia",
        /// Horses: eastern and western encephalomyelitis, tetanus.
        Ewt = "ewt",
        /// West Nile virus.
        Wnv = "wnv",
        /// Tetanus alone.
        Tetanus = "tetanus",
        /// Horses: influenza.
        Eiv = "eiv",
        /// Horses: herpesvirus, rhinopneumonitis.
        Ehv = "ehv",
        /// Horses: strangles.
        Strangles = "strangles",
        /// Potomac horse fever.
        Phf = "phf",
        /// Botulism.
        Botulism = "botulism",
        /// Clostridial diseases.
        Clostridium = "clostridium",
        /// Rabbits: hemorrhagic disease.
        Rhdv = "rhdv",
        /// Rabbits: myxomatosis.
        Myxomatosis = "myxomatosis",
        /// Any other.
        Other = "other",
    }

    /// Why a vaccine is given.
    VaccineCategory {
        /// Every animal of its kind should have it.
        Core = "core",
        /// It fits how the animal lives.
        Lifestyle = "lifestyle",
        /// The law asks for it.
        RequiredByLaw = "required_by_law",
    }

    /// Where a vaccine was given.
    VaccineSite {
        /// Right front leg.
        Rf = "rf",
        /// Left front leg.
        Lf = "lf",
        /// Right hind leg.
        Rh = "rh",
        /// Left hind leg.
        Lh = "lh",
        /// Into the nose.
        Nasal = "nasal",
        /// Into the mouth.
        Oral = "oral",
        /// Into the neck.
        Neck = "neck",
    }

    /// What happened afterwards.
    VaccineReaction {
        /// Nothing that anybody knows of.
        None = "none",
        /// Something at the place where it was given.
        Local = "local",
        /// Something in the whole body, such as fever.
        Systemic = "systemic",
        /// A severe allergy at once.
        Anaphylaxis = "anaphylaxis",
    }
}

document_list! {
    /// What a vaccine protects from.
    Antigens of Antigen, Antigen::SHAPE
}
