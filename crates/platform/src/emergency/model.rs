//! Whether a clinic's writes are stopped, and by whom.

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{Category, Field, Shape, Timestamp, record};
use clinicos_gate::ClinicId;
use serde::{Deserialize, Serialize};

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
        /// How it was turned lately, the newest first.
        turns: Doc<'a, Turns> = Field::of(Category::Practice),
        /// The version of the clinic.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

/// So many turns are kept; older ones stand in the log without their reasons.
pub const TURNS_MAX: usize = 20;

/// One turn of the switch.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Turned {
    /// When.
    pub at: Timestamp,
    /// Whether writes were stopped by it, or allowed again.
    pub stopped: bool,
    /// Who did it: a person, or `operator`.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// How the switch was turned, the newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Turns(pub Vec<Turned>);

/// The fields of a turn.
pub static TURNED: Schema = Schema {
    name: "emergency_turned",
    doc: "One turn of the switch.",
    fields: &[
        Field::of(Category::Practice).named("at", "When.", Shape::Time, false),
        Field::of(Category::Practice).named(
            "stopped",
            "Whether writes were stopped by it, or allowed again.",
            Shape::Bool,
            false,
        ),
        Field::of(Category::Practice).named("by", "Who did it: a person, or `operator`.", Shape::Text, false),
        Field::of(Category::Practice).max(500).named("reason", "Why.", Shape::Text, false),
    ],
};

impl Document for Turns {
    const SHAPE: Shape = Shape::List(&Shape::Object(&TURNED));
    const EMPTY: &'static str = "[]";
}

impl Emergency<'_> {
    /// Remembers a turn, and forgets the oldest of too many.
    pub fn remember(&mut self, turned: Turned) {
        let mut turns = self.turns.value().unwrap_or_default();
        turns.0.insert(0, turned);
        turns.0.truncate(TURNS_MAX);
        self.turns = Doc::of(&turns);
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
