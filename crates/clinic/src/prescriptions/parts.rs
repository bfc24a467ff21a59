//! Parts of a prescription: form, dose, route, how often, and who dispenses it.

use clinicos_contract::wire::Document;
use clinicos_contract::{Category, Field, Shape};

use crate::products::model::parts::Schedule;
use crate::{column_words, object, word_column};

const DRUGS: Field = Field::of(Category::Prescriptions);

word_column! { Schedule }

column_words! {
    /// What a drug comes as.
    DrugForm {
        /// A tablet.
        Tablet = "tablet",
        /// A capsule.
        Capsule = "capsule",
        /// A liquid to swallow.
        Liquid = "liquid",
        /// To be injected.
        Injectable = "injectable",
        /// For the skin.
        Topical = "topical",
        /// For the eyes.
        Ophthalmic = "ophthalmic",
        /// For the ears.
        Otic = "otic",
        /// A chew.
        Chew = "chew",
        /// Goes through the skin.
        Transdermal = "transdermal",
    }

    /// How a drug is given.
    DrugRoute {
        /// By mouth.
        Po = "po",
        /// Under the skin.
        Sc = "sc",
        /// Into a muscle.
        Im = "im",
        /// Into a vein.
        Iv = "iv",
        /// On the skin.
        Topical = "topical",
        /// Into the eyes.
        Ophthalmic = "ophthalmic",
        /// Into the ears.
        Otic = "otic",
        /// Into the rectum.
        Rectal = "rectal",
        /// Onto a mucous membrane, such as that of the mouth.
        Transmucosal = "transmucosal",
        /// By breathing it in.
        Inhaled = "inhaled",
    }

    /// How often a drug is given.
    DoseFrequency {
        /// Once a day.
        Sid = "sid",
        /// Twice a day.
        Bid = "bid",
        /// Three times a day.
        Tid = "tid",
        /// Four times a day.
        Qid = "qid",
        /// Every other day.
        Q48h = "q48h",
        /// Once a week.
        Weekly = "weekly",
        /// When it is needed.
        Prn = "prn",
        /// Once.
        Once = "once",
    }

    /// Who dispenses a drug.
    Fulfillment {
        /// The clinic.
        InHouse = "in_house",
        /// A pharmacy that the client chooses.
        External = "external",
        /// A pharmacy that sends it home.
        HomeDelivery = "home_delivery",
        /// A pharmacy that makes it up.
        Compounded = "compounded",
    }
}

object! {
    /// How much is given at a time.
    pub struct Dose as "dose" {
        /// How much, as a decimal number.
        qty: String, Shape::Decimal, false = DRUGS.required();
        /// Of what, as a UCUM unit such as `mg`, `mL` or `{tablet}`.
        unit: String, Shape::Text, false = DRUGS.required().filled().max(40);
        /// Whether that is for each kilogram of the patient.
        #[serde(default)]
        per_kg: bool, Shape::Bool, false = DRUGS.creatable();
    }
}

impl Document for Dose {
    const SHAPE: Shape = Shape::Object(Self::SCHEMA);
    const EMPTY: &'static str = "null";
}
