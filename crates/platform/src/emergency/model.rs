//! Whether a clinic's writes are stopped, and by whom.

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::{Category, Field, Shape, Timestamp, record};
use clinicos_gate::ClinicId;
use serde::Deserialize;

record! {
    /// The clinic's emergency switch.
    pub struct Emergency<'a> as "emergency" {
        /// The clinic.
        id: ClinicId = Field::of(Category::RecordSystem),
        /// When all writes were stopped; null while they are allowed.
        writes_stopped_at: Option<Timestamp> = Field::of(Category::Practice),
        /// Why.
        reason: Option<Cow<'a, str>> = Field::of(Category::Practice),
        /// Who did it: a person, or `operator`.
        stopped_by: Option<Cow<'a, str>> = Field::of(Category::Practice),
        /// The version of the clinic.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

/// Why the switch is turned.
pub static TURN: Schema = Schema {
    name: "emergency_turn",
    doc: "Why the switch is turned.",
    fields: &[Field::of(Category::Practice).required().max(500).filled().named(
        "reason",
        "Why; everybody sees it.",
        Shape::Text,
        false,
    )],
};

/// Why the switch is turned.
#[derive(Debug, Deserialize)]
pub struct Turn {
    /// Why.
    pub reason: String,
}
