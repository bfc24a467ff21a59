//! Parts of a visit: its class, how urgent it is, the notes, how it ended, and what was added later.

use clinicos_contract::wire::Document;
use clinicos_contract::{Category, Field, Shape, Timestamp, Wire as _};

use crate::ids::StaffId;
use crate::{column_words, document_list, object};

/// Most characters of a note.
pub const NOTE_MAX: u32 = 20_000;

const CLINICAL: Field = Field::of(Category::Clinical);

column_words! {
    /// How a patient is seen.
    VisitClass {
        /// It comes and goes.
        Outpatient = "outpatient",
        /// It stays.
        Inpatient = "inpatient",
        /// It cannot wait.
        Emergency = "emergency",
        /// By phone or video.
        Telehealth = "telehealth",
        /// Where it lives.
        Field = "field",
        /// It stays without being ill.
        Boarding = "boarding",
    }

    /// How urgent it is, by a scale of five.
    Triage {
        /// At once.
        Red = "red",
        /// Within minutes.
        Orange = "orange",
        /// Within the hour.
        Yellow = "yellow",
        /// It can wait.
        Green = "green",
        /// Not urgent at all.
        Blue = "blue",
    }

    /// How a visit ended.
    Disposition {
        /// The patient went home.
        Home = "home",
        /// It stays.
        Hospitalized = "hospitalized",
        /// It went to another practice, which looks after it from now on.
        Transferred = "transferred",
        /// It was sent to another practice for some question.
        Referred = "referred",
        /// It was put to sleep.
        Euthanized = "euthanized",
        /// It died.
        Died = "died",
        /// The client took it home against medical advice.
        Ama = "ama",
    }
}

object! {
    /// The notes of a visit, in four parts.
    pub struct Soap as "soap" {
        /// What the client tells.
        #[serde(default)]
        subjective: Option<String>, Shape::Text, true = CLINICAL.creatable().max(NOTE_MAX);
        /// What was found.
        #[serde(default)]
        objective: Option<String>, Shape::Text, true = CLINICAL.creatable().max(NOTE_MAX);
        /// What it means.
        #[serde(default)]
        assessment: Option<String>, Shape::Text, true = CLINICAL.creatable().max(NOTE_MAX);
        /// What is to be done.
        #[serde(default)]
        plan: Option<String>, Shape::Text, true = CLINICAL.creatable().max(NOTE_MAX);
    }
}

impl Document for Soap {
    const SHAPE: Shape = Shape::Object(Self::SCHEMA);
    const EMPTY: &'static str = "null";
}

object! {
    /// What was added to a visit after it was signed.
    pub struct Addendum as "addendum" {
        /// When.
        added_at: Timestamp, Shape::Time, false = CLINICAL;
        /// By whom.
        added_by_id: StaffId, StaffId::SHAPE, false = CLINICAL;
        /// What.
        text: String, Shape::Text, false = CLINICAL.max(NOTE_MAX);
    }
}

document_list! {
    /// What was added after it was signed, oldest first.
    Addenda of Addendum, Shape::Object(Addendum::SCHEMA)
}

document_list! {
    /// Members of staff.
    StaffIds of StaffId, StaffId::SHAPE
}
