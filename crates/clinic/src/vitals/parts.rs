//! Parts of vitals: what is judged by looking, and blood pressure.

use clinicos_contract::wire::Document;
use clinicos_contract::{Category, Field, Problem, Shape, Wire as _};

use crate::{column_words, object, refusals};

/// More than any blood pressure, in millimeters of mercury.
const MMHG_MAX: i64 = 500;

const CLINICAL: Field = Field::of(Category::Clinical);

column_words! {
    /// The color of the mucous membranes.
    MembraneColor {
        /// As it should be.
        Pink = "pink",
        /// Paler than it should be.
        Pale = "pale",
        /// White.
        White = "white",
        /// Blue.
        Cyanotic = "cyanotic",
        /// Yellow.
        Icteric = "icteric",
        /// Redder than it should be.
        Injected = "injected",
        /// Dark red.
        BrickRed = "brick_red",
        /// Gray or brown.
        Muddy = "muddy",
    }

    /// How much muscle a patient has lost.
    MuscleCondition {
        /// None.
        Normal = "normal",
        /// A little.
        Mild = "mild",
        /// Clearly.
        Moderate = "moderate",
        /// Very much.
        Severe = "severe",
    }

    /// A scale by which pain is scored.
    PainScale {
        /// That of Colorado State University, from 0 to 4.
        Csu = "csu",
        /// The short form of the Glasgow composite measure, from 0 to 24.
        Cmps = "cmps",
    }

    /// How aware a patient is.
    Mentation {
        /// Awake, and takes part.
        Bright = "bright",
        /// Awake, and takes little part.
        Quiet = "quiet",
        /// Slow to react.
        Dull = "dull",
        /// Hardly reacts.
        Obtunded = "obtunded",
        /// Reacts to pain alone.
        Stuporous = "stuporous",
        /// Does not react.
        Comatose = "comatose",
    }

    /// How blood pressure was measured.
    PressureMethod {
        /// With a cuff and ultrasound.
        Doppler = "doppler",
        /// With a cuff and a machine.
        Oscillometric = "oscillometric",
        /// In the artery.
        Direct = "direct",
    }
}

impl PainScale {
    /// The highest score.
    pub fn most(self) -> i64 {
        match self {
            Self::Csu => 4,
            Self::Cmps => 24,
        }
    }
}

object! {
    /// Blood pressure, in millimeters of mercury.
    pub struct BloodPressure as "blood_pressure" {
        /// Systolic.
        sys: i64, Shape::Int, false = CLINICAL.required().at_least(0);
        /// Diastolic.
        #[serde(default)]
        dia: Option<i64>, Shape::Int, true = CLINICAL.creatable().at_least(0);
        /// Mean.
        #[serde(default)]
        map: Option<i64>, Shape::Int, true = CLINICAL.creatable().at_least(0);
        /// How it was measured.
        #[serde(default)]
        method: Option<PressureMethod>, PressureMethod::SHAPE, true = CLINICAL.creatable();
    }
}

impl Document for BloodPressure {
    const SHAPE: Shape = Shape::Object(Self::SCHEMA);
    const EMPTY: &'static str = "null";
}

impl BloodPressure {
    /// Whether the figures can be those of one measurement.
    pub fn check(&self) -> Result<(), Problem> {
        refusals::check_int("/bp/sys", Some(self.sys), 0, MMHG_MAX)?;
        refusals::check_int("/bp/map", self.map, self.dia.unwrap_or(0), self.sys)?;
        refusals::check_int("/bp/dia", self.dia, 0, self.sys)
    }
}
