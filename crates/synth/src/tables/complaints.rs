//! What animals come in for when something is wrong: what is said, found, prescribed, and how it goes on.

use clinicos_clinic::imaging_studies::parts::Modality;
use clinicos_clinic::prescriptions::parts::{DoseFrequency as F, DrugForm, DrugRoute};

/// A drug that goes home.
#[derive(Debug)]
pub struct Home {
    /// Its entry of the price list.
    pub item: &'static str,
    /// How strong it is.
    pub strength: &'static str,
    /// What it comes as.
    pub form: DrugForm,
    /// How it is given.
    pub route: DrugRoute,
    /// How often.
    pub frequency: F,
    /// For how many days.
    pub days: i64,
    /// How much is dispensed at a time, where one is given each time.
    pub quantity: i64,
    /// How often it may be dispensed again.
    pub refills: i64,
    /// What the label says; `{dose}` stands for how much is given at a time.
    pub label: &'static str,
}

/// Something that is wrong.
#[derive(Debug)]
pub struct Complaint {
    /// What the client says.
    pub says: &'static str,
    /// What is found.
    pub found: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// The same in SNOMED CT; empty if it has no code of its own.
    pub snomed: &'static str,
    /// How common it is: dogs, cats, others.
    pub weights: [u64; 3],
    /// How much more common it is from April to September, in thousandths.
    pub summer: u64,
    /// Only from this age, in years.
    pub from_years: i64,
    /// Whether it stays.
    pub chronic: bool,
    /// What is tested.
    pub tests: &'static [&'static str],
    /// What is imaged: entry, how, what.
    pub image: Option<(&'static str, Modality, &'static str)>,
    /// What is done at once.
    pub done: &'static [&'static str],
    /// What goes home.
    pub home: &'static [Home],
    /// When it is looked at again, in days; zero for never.
    pub again: i32,
}

const fn tablets(
    item: &'static str,
    strength: &'static str,
    frequency: F,
    days: i64,
    quantity: i64,
    label: &'static str,
) -> Home {
    Home { item, strength, form: DrugForm::Tablet, route: DrugRoute::Po, frequency, days, quantity, refills: 0, label }
}

const CARPROFEN: Home = tablets("RX-CARP", "75 mg", F::Bid, 7, 14, "Give {dose} by mouth every 12 hours with food for 7 days.");
const AMOXICLAV: Home =
    tablets("RX-AMOX", "250 mg", F::Bid, 10, 20, "Give {dose} by mouth every 12 hours for 10 days. Finish all.");
const METRONIDAZOLE: Home = tablets("RX-METR", "250 mg", F::Bid, 7, 14, "Give {dose} by mouth every 12 hours for 7 days.");
const GABAPENTIN: Home = Home {
    form: DrugForm::Capsule,
    ..tablets("RX-GABA", "100 mg", F::Tid, 10, 30, "Give {dose} by mouth every 8 hours. May make sleepy.")
};
const CEPHALEXIN: Home = Home {
    form: DrugForm::Capsule,
    ..tablets("RX-CEPH", "500 mg", F::Bid, 14, 28, "Give {dose} by mouth every 12 hours for 14 days.")
};
const OTIC: Home = Home {
    form: DrugForm::Otic,
    route: DrugRoute::Otic,
    ..tablets("RX-OTIC", "15 mL", F::Bid, 10, 1, "Put 5 drops into each affected ear every 12 hours for 10 days.")
};
const EYE: Home = Home {
    form: DrugForm::Ophthalmic,
    route: DrugRoute::Ophthalmic,
    ..tablets("RX-EYE", "3.5 g", F::Tid, 7, 1, "Put a quarter inch into the affected eye every 8 hours for 7 days.")
};
const OCLACITINIB: Home =
    Home { refills: 3, ..tablets("RX-APOQ", "16 mg", F::Sid, 30, 30, "Give {dose} by mouth every 24 hours.") };

const BASIS: Complaint = Complaint {
    says: "",
    found: "",
    name: "",
    snomed: "",
    weights: [10, 10, 10],
    summer: 1_000,
    from_years: 0,
    chronic: false,
    tests: &[],
    image: None,
    done: &[],
    home: &[],
    again: 0,
};

/// They.
pub const COMPLAINTS: &[Complaint] = &[
    Complaint {
        says: "Shaking the head and scratching at the ears.",
        found: "Both ear canals red with brown debris; eardrums intact.",
        name: "Otitis externa",
        snomed: "3135009",
        weights: [26, 8, 2],
        summer: 1_500,
        tests: &["LAB-CYT"],
        home: &[OTIC],
        again: 14,
        ..BASIS
    },
    Complaint {
        says: "Vomited four times since last night, will not eat.",
        found: "Mildly dehydrated; abdomen soft, a little tense in front.",
        name: "Gastroenteritis",
        snomed: "25374005",
        weights: [24, 20, 10],
        tests: &["LAB-FEC"],
        done: &["FLUID", "RX-MARO"],
        home: &[METRONIDAZOLE],
        ..BASIS
    },
    Complaint {
        says: "Itches all the time, licks the paws.",
        found: "Red skin between the toes, in the armpits and on the belly.",
        name: "Atopic dermatitis",
        snomed: "24079001",
        weights: [22, 7, 0],
        summer: 1_700,
        chronic: true,
        home: &[OCLACITINIB],
        again: 28,
        ..BASIS
    },
    Complaint {
        says: "Red patches and pimples on the belly.",
        found: "Papules and crusts on the belly and inner thighs.",
        name: "Superficial pyoderma",
        snomed: "70759006",
        weights: [12, 2, 1],
        summer: 1_500,
        tests: &["LAB-CYT"],
        home: &[CEPHALEXIN],
        again: 21,
        ..BASIS
    },
    Complaint {
        says: "Limps on a hind leg since the walk yesterday.",
        found: "Grade 2 of 5 lameness; pain when the stifle is flexed.",
        name: "Soft tissue injury of the hind leg",
        weights: [14, 4, 2],
        summer: 1_200,
        image: Some(("IMG-XR", Modality::Xr, "stifle, left")),
        home: &[CARPROFEN],
        again: 14,
        ..BASIS
    },
    Complaint {
        says: "Stiff in the morning, slow on the stairs.",
        found: "Thickened joints; less motion in both hips.",
        name: "Osteoarthritis",
        snomed: "396275006",
        weights: [13, 7, 1],
        from_years: 7,
        chronic: true,
        image: Some(("IMG-XR", Modality::Xr, "pelvis")),
        home: &[CARPROFEN, GABAPENTIN],
        again: 28,
        ..BASIS
    },
    Complaint {
        says: "In and out of the litter box, blood in the urine.",
        found: "Small, firm bladder; painful when touched.",
        name: "Feline lower urinary tract disease",
        weights: [0, 14, 0],
        tests: &["LAB-UA"],
        done: &["RX-BUPR"],
        home: &[GABAPENTIN],
        again: 10,
        ..BASIS
    },
    Complaint {
        says: "Urinates often, small amounts, accidents in the house.",
        found: "Bladder small; vulva or prepuce licked red.",
        name: "Urinary tract infection",
        snomed: "68566005",
        weights: [9, 4, 1],
        tests: &["LAB-UA"],
        home: &[AMOXICLAV],
        again: 14,
        ..BASIS
    },
    Complaint {
        says: "Squints, the eye waters.",
        found: "Conjunctiva red; no uptake of fluorescein.",
        name: "Conjunctivitis",
        snomed: "9826008",
        weights: [7, 9, 4],
        home: &[EYE],
        again: 7,
        ..BASIS
    },
    Complaint {
        says: "Sneezes, the nose runs, eats less.",
        found: "Clear discharge from nose and eyes; lungs clear.",
        name: "Upper respiratory infection",
        snomed: "54150009",
        weights: [4, 14, 9],
        home: &[AMOXICLAV],
        ..BASIS
    },
    Complaint {
        says: "Bitten in a fight, now there is a swelling.",
        found: "Warm, soft swelling with a puncture.",
        name: "Abscess",
        snomed: "128477000",
        weights: [3, 10, 3],
        summer: 1_300,
        done: &["RX-CEFO"],
        home: &[GABAPENTIN],
        again: 5,
        ..BASIS
    },
    Complaint {
        says: "Cut on a fence.",
        found: "Two-inch wound of the skin; no deeper structures hurt.",
        name: "Laceration",
        snomed: "312608009",
        weights: [6, 3, 1],
        summer: 1_400,
        done: &["SX-LAC", "RX-BUPR"],
        home: &[CEPHALEXIN, CARPROFEN],
        again: 12,
        ..BASIS
    },
    Complaint {
        says: "Drinks and urinates far more than before, loses weight.",
        found: "Thin; kidneys small and uneven.",
        name: "Chronic kidney disease",
        snomed: "709044004",
        weights: [2, 12, 1],
        from_years: 9,
        chronic: true,
        tests: &["LAB-CBC", "LAB-UA"],
        done: &["FLUID", "DIET-R"],
        again: 28,
        ..BASIS
    },
    Complaint {
        says: "Eats a lot and still gets thinner, cries at night.",
        found: "Fast heart; small nodule in the neck.",
        name: "Hyperthyroidism",
        snomed: "34486009",
        weights: [0, 9, 0],
        from_years: 9,
        chronic: true,
        tests: &["LAB-SEN"],
        home: &[Home { refills: 5, ..tablets("RX-METH", "5 mg", F::Bid, 30, 60, "Give {dose} by mouth every 12 hours.") }],
        again: 28,
        ..BASIS
    },
    Complaint {
        says: "Drinks a lot, hungry, accidents at night.",
        found: "Bright; a little fat; ketones not smelled.",
        name: "Diabetes mellitus",
        snomed: "73211009",
        weights: [3, 5, 0],
        from_years: 6,
        chronic: true,
        tests: &["LAB-CBC", "LAB-UA"],
        home: &[Home {
            form: DrugForm::Injectable,
            route: DrugRoute::Sc,
            refills: 4,
            ..tablets("RX-INSU", "100 U/mL", F::Bid, 60, 1, "Inject {dose} under the skin every 12 hours after a meal.")
        }],
        again: 10,
        ..BASIS
    },
    Complaint {
        says: "Coughs at night, tires on walks.",
        found: "Heart murmur grade 4 of 6 on the left; lungs a little harsh.",
        name: "Degenerative mitral valve disease",
        weights: [6, 0, 0],
        from_years: 8,
        chronic: true,
        image: Some(("IMG-XR", Modality::Xr, "thorax")),
        home: &[Home { refills: 5, ..tablets("RX-ENAL", "5 mg", F::Bid, 30, 60, "Give {dose} by mouth every 12 hours.") }],
        again: 14,
        ..BASIS
    },
    Complaint {
        says: "Had a seizure of two minutes this morning.",
        found: "Nothing abnormal now.",
        name: "Epilepsy",
        snomed: "84757009",
        weights: [3, 1, 0],
        from_years: 1,
        chronic: true,
        tests: &["LAB-CBC"],
        home: &[Home {
            refills: 5,
            ..tablets("RX-PHEN", "64.8 mg", F::Bid, 30, 60, "Give {dose} by mouth every 12 hours. Never stop at once.")
        }],
        again: 21,
        ..BASIS
    },
    Complaint {
        says: "Bad breath, drops food.",
        found: "Heavy tartar; gums red and receding around the molars.",
        name: "Periodontal disease",
        snomed: "2556008",
        weights: [10, 10, 0],
        from_years: 3,
        home: &[AMOXICLAV],
        ..BASIS
    },
    Complaint {
        says: "A lump on the side that was not there before.",
        found: "Soft, movable lump of an inch under the skin.",
        name: "Lipoma",
        snomed: "93163002",
        weights: [7, 1, 2],
        from_years: 6,
        tests: &["LAB-CYT"],
        ..BASIS
    },
    Complaint {
        says: "Vomits, hunched up, ate from the trash two days ago.",
        found: "Painful in the front of the abdomen; 7 % dehydrated.",
        name: "Pancreatitis",
        snomed: "75694006",
        weights: [6, 3, 0],
        from_years: 2,
        tests: &["LAB-CBC"],
        image: Some(("IMG-US", Modality::Us, "abdomen")),
        done: &["HOSP", "FLUID", "RX-MARO", "RX-METHA"],
        home: &[GABAPENTIN],
        again: 5,
        ..BASIS
    },
    Complaint {
        says: "Scoots on the floor.",
        found: "Both anal sacs full.",
        name: "Impacted anal sacs",
        weights: [11, 2, 0],
        done: &["GLAND"],
        ..BASIS
    },
    Complaint {
        says: "Stopped eating since yesterday, no droppings.",
        found: "Quiet gut; gas in the stomach.",
        name: "Gastrointestinal stasis",
        weights: [0, 0, 26],
        image: Some(("IMG-XR", Modality::Xr, "abdomen")),
        done: &["FLUID", "RX-BUPR"],
        home: &[Home {
            form: DrugForm::Liquid,
            ..tablets("RX-MELX", "1.5 mg/mL", F::Sid, 5, 1, "Give {dose} by mouth every 24 hours for 5 days.")
        }],
        again: 3,
        ..BASIS
    },
];
