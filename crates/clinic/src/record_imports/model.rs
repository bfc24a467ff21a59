//! The record import, and a batch of it.

use std::borrow::Cow;

use clinicos_contract::wire::{Doc, IntoStatic, ValueWriter};
use clinicos_contract::{AnyId, Category, Currency, Field, Schema, Shape, Timestamp, Wire, record, words};
use clinicos_gate::ClinicId;
use serde::{Deserialize, Serialize};

use crate::ids::{self, RecordBatchId, RecordImportId};
use crate::{document_list, object};

/// Most lines of a batch.
pub const LINES_MAX: usize = 500;
/// Most bytes of a batch.
pub const BODY_BYTES_MAX: usize = 64 << 20;
/// Most characters of its lines.
const LINES_CHARS_MAX: u32 = BODY_BYTES_MAX as u32;

const SYSTEM: Field = Field::of(Category::RecordSystem);

words! {
    /// How far it is.
    RecordImportState {
        /// Under way, or cut off: it goes on when it is begun again.
        Running = "running",
        /// Everything is in.
        Done = "done",
        /// Given up: what was in was taken out again.
        Abandoned = "abandoned",
    }
}

object! {
    /// What of one resource is to come, or is in.
    pub struct RecordFile as "record_file" {
        /// The resource.
        resource: String, Shape::Text, false = SYSTEM.required().max(60);
        /// How many records.
        records: i64, Shape::Int, false = SYSTEM.required().at_least(0);
    }
}
document_list! {
    /// What of each resource.
    RecordFiles of RecordFile, Shape::Object(RecordFile::SCHEMA)
}

record! {
    /// A clinic's exported record on its way in.
    pub struct RecordImport<'a> as "record_import" {
        /// Its identifier.
        id: RecordImportId = SYSTEM,
        /// The clinic that it goes into.
        clinic_id: ClinicId = SYSTEM,
        /// The SHA-256 of the export's manifest: the same export goes on where it was cut off.
        digest: Cow<'a, str> = SYSTEM,
        /// How far it is.
        state: RecordImportState = SYSTEM,
        /// How many records of each resource there are to come.
        files: Doc<'a, RecordFiles> = SYSTEM,
        /// How many records of each resource are in.
        taken: Doc<'a, RecordFiles> = SYSTEM,
        /// The last number that was counted on to for an invoice.
        last_invoice_number: i64 = SYSTEM,
        /// When it began.
        created_at: Timestamp = SYSTEM,
        /// When it last changed.
        updated_at: Timestamp = SYSTEM,
        /// Grows with each change.
        version: i64 = SYSTEM,
    }
}

record! {
    /// Lines that were taken in.
    pub struct RecordBatch<'a> as "record_batch" {
        /// Its identifier.
        id: RecordBatchId = SYSTEM,
        /// The clinic.
        clinic_id: ClinicId = SYSTEM,
        /// What they are.
        resource: Cow<'a, str> = SYSTEM,
        /// How many there were.
        records: Touched = SYSTEM,
        /// When they were taken in.
        created_at: Timestamp = SYSTEM,
        /// Always 1.
        version: i64 = SYSTEM,
    }
}

/// A number of records, each of which the journal names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Touched(Vec<String>);

impl Touched {
    /// Of these.
    pub fn of(records: &[AnyId]) -> Self {
        Self(records.iter().map(AnyId::to_string).collect())
    }
}

impl IntoStatic for Touched {
    type Static = Self;
    fn into_static(self) -> Self {
        self
    }
}

impl Wire for Touched {
    const SHAPE: Shape = Shape::Int;
    type Static = Self;
    fn into_static(self) -> Self {
        self
    }
    fn write(&self, out: &mut ValueWriter<'_>) {
        self.0.iter().filter_map(|id| ids::any(id)).for_each(|id| out.touched(id));
        out.int(i64::try_from(self.0.len()).unwrap_or(i64::MAX));
    }
}

const DIGEST: Field = SYSTEM.required().filled().max(64).named(
    "digest",
    "The SHA-256 of the export's manifest, in hexadecimal.",
    Shape::Text,
    false,
);

/// The schema of a body of `record_imports.begin`.
pub static BEGIN: Schema = Schema {
    name: "record_import_begin",
    doc: "What an export's manifest says.",
    fields: &[
        DIGEST,
        SYSTEM.required().named("currency", "What its amounts are in: the clinic's currency.", Shape::Currency, false),
        SYSTEM.required().at_least(0).named(
            "last_invoice_number",
            "The last number that was counted on to for an invoice.",
            Shape::Int,
            false,
        ),
        SYSTEM.required().max(100).named(
            "files",
            "How many records of each resource there are to come.",
            Shape::List(&Shape::Object(RecordFile::SCHEMA)),
            false,
        ),
    ],
};

/// The schema of a body of `record_imports.add`.
pub static ADD: Schema = Schema {
    name: "record_import_add",
    doc: "Lines of a file of an export.",
    fields: &[
        DIGEST,
        SYSTEM.required().max(60).named("resource", "What they are, such as `clients`.", Shape::Text, false),
        SYSTEM.creatable().max(60).named(
            "after",
            "The id in the line before them; null at the beginning of the file.",
            Shape::Text,
            true,
        ),
        SYSTEM.required().max(LINES_CHARS_MAX).named("lines", "At most 500 lines, as they stand.", Shape::Text, false),
    ],
};

/// The schema of a body of `record_imports.finish`.
pub static FINISH: Schema = Schema { name: "record_import_finish", doc: "Which one is through.", fields: &[DIGEST] };

/// A body of `record_imports.begin`.
#[derive(Debug, Deserialize)]
pub struct Beginning {
    /// Which export.
    pub digest: String,
    /// What its amounts are in.
    pub currency: Currency,
    /// How far invoices are counted.
    pub last_invoice_number: i64,
    /// What is to come.
    pub files: RecordFiles,
}

/// A body of `record_imports.add`.
#[derive(Debug, Deserialize)]
pub struct Lines {
    /// Which export.
    pub digest: String,
    /// What they are.
    pub resource: String,
    /// The id in the line before.
    pub after: Option<String>,
    /// The lines.
    pub lines: String,
}

/// A body of `record_imports.finish`.
#[derive(Debug, Deserialize)]
pub struct Finishing {
    /// Which export.
    pub digest: String,
}
