//! A record that was not imported.

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{Category, Field, Id, Kind, Shape, Timestamp, record};
use clinicos_gate::ClinicId;
use serde::{Deserialize, Serialize};

use crate::imports::model::ImportId;

/// Most records of one addition.
pub const ADDED_MAX: u32 = 500;
/// Most columns of a record.
const COLUMNS_MAX: u32 = 1_100;
/// Most characters of a field.
const FIELD_CHARS_MAX: u32 = 1 << 20;

/// A record that was not imported.
pub enum ImportRejectKind {}
impl Kind for ImportRejectKind {
    const PREFIX: &'static str = "rej";
}
/// A record that was not imported.
pub type ImportRejectId = Id<ImportRejectKind>;

const SYSTEM: Field = Field::of(Category::RecordSystem);
const PRACTICE: Field = Field::of(Category::Practice);
const CONTACT: Field = Field::of(Category::OwnerContact);

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordFault {
    /// The column; empty if it is the record as a whole.
    pub column: String,
    /// The kind of fault.
    pub code: String,
    /// What is expected.
    pub detail: String,
}

/// All that is wrong with a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordFaults(pub Vec<RecordFault>);

/// The fields of a fault.
pub static FAULT: Schema = Schema {
    name: "record_fault",
    doc: "What is wrong with a record.",
    fields: &[
        PRACTICE.required().max(FIELD_CHARS_MAX).named(
            "column",
            "The column; empty if it is the record as a whole.",
            Shape::Text,
            false,
        ),
        PRACTICE.required().max(60).named("code", "The kind of fault.", Shape::Text, false),
        PRACTICE.required().max(4_000).named("detail", "What is expected.", Shape::Text, false),
    ],
};

impl Document for RecordFaults {
    const SHAPE: Shape = Shape::List(&Shape::Object(&FAULT));
    const EMPTY: &'static str = "[]";
}

/// Texts, in the order of the columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(pub Vec<String>);

impl Document for Fields {
    const SHAPE: Shape = Shape::List(&Shape::Text);
    const EMPTY: &'static str = "[]";
}

record! {
    /// A record of a file that was not imported.
    pub struct ImportReject<'a> as "import_reject" {
        /// Its identifier.
        id: ImportRejectId = SYSTEM,
        /// The clinic.
        clinic_id: ClinicId = SYSTEM,
        /// The import.
        import_id: ImportId = SYSTEM,
        /// The run of the import, from 1.
        run: i64 = PRACTICE,
        /// The file.
        file: Cow<'a, str> = PRACTICE.equal(),
        /// The line that it starts on.
        line: i64 = PRACTICE.sortable(),
        /// Whether it is right itself, and waits for one that is not.
        held_back: bool = PRACTICE.equal(),
        /// What is wrong.
        faults: Doc<'a, RecordFaults> = PRACTICE.max(100),
        /// The columns of the file.
        header: Doc<'a, Fields> = PRACTICE.max(COLUMNS_MAX),
        /// The record as it stood: a text for each field, in the order of `header`. Of what cannot be told apart into
        /// fields, such as a line that is no JSON or what stands behind a quote that is not closed, the text as it stood.
        original: Doc<'a, Fields> = CONTACT.max(COLUMNS_MAX),
        /// When it was refused.
        created_at: Timestamp = SYSTEM,
        /// Always 1.
        version: i64 = SYSTEM,
    }
}

/// The fields of a record that is added.
pub static NEW_REJECT: Schema = Schema {
    name: "new_import_reject",
    doc: "A record that was not imported.",
    fields: &[
        PRACTICE.required().max(200).named("file", "The file.", Shape::Text, false),
        PRACTICE.required().at_least(1).named("line", "The line that it starts on.", Shape::Int, false),
        PRACTICE.required().named(
            "held_back",
            "Whether it waits for another record, and nothing was found to be wrong with it so far.",
            Shape::Bool,
            false,
        ),
        PRACTICE.required().max(100).named("faults", "What is wrong.", Shape::List(&Shape::Object(&FAULT)), false),
        // As JSON in a text, because a record that is wrong can hold what no text may.
        PRACTICE.required().max(4 * FIELD_CHARS_MAX).named("header", "The columns, as a JSON list of texts.", Shape::Text, false),
        CONTACT.required().max(8 * FIELD_CHARS_MAX).named("original", "The record, as a JSON list of texts.", Shape::Text, false),
    ],
};

/// A record that is added.
#[derive(Debug, Deserialize)]
pub struct NewReject {
    /// The file.
    pub file: String,
    /// The line.
    pub line: i64,
    /// Whether it is right itself.
    pub held_back: bool,
    /// What is wrong.
    pub faults: RecordFaults,
    /// The columns, as a JSON list.
    pub header: String,
    /// The record as it stood, as a JSON list.
    pub original: String,
}
