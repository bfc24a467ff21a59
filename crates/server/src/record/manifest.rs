//! What is said of the files of an export.

use clinicos_contract::admit::words;
use clinicos_contract::schema::Schema;
use serde::{Deserialize, Serialize};

/// The file that says what the others are.
pub const MANIFEST: &str = "manifest.json";
/// The file that says whose they are.
pub const ORIGIN: &str = "origin.json";
/// What stands in every manifest.
pub const FORMAT: &str = "clinicos-record";
/// The version of the format.
pub const VERSION: u32 = 1;

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// A line of JSON for each record; can be taken in again
    Ndjson,
    /// A table for a spreadsheet; lists and objects are JSON in a cell
    Csv,
}

impl Encoding {
    /// How the names of its files end.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }

    /// The name of a resource's file.
    pub fn file_name(self, resource: &str) -> String {
        format!("{resource}.{}", self.ending())
    }
}

/// `manifest.json`: nothing in it depends on where and when the export was made.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// How records are written.
    pub encoding: Encoding,
    /// What amounts are in.
    pub currency: String,
    /// How far invoices are counted.
    pub last_invoice_number: i64,
    /// The files, in the order in which their records name one another.
    pub files: Vec<File>,
}

/// A file of records.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What its records are.
    pub resource: String,
    /// How many there are.
    pub records: u64,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// The fields of its records.
    pub fields: Vec<FieldOf>,
}

/// A field of a record.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldOf {
    /// Its name.
    pub name: String,
    /// What its values look like, in words.
    pub value: String,
    /// Whether it may be null.
    pub nullable: bool,
    /// The category of data that it belongs to.
    pub category: String,
}

/// `origin.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The clinic.
    pub clinic_id: String,
    /// The point in time that all files show.
    pub as_of: String,
    /// `live` or `sandbox`.
    pub environment: String,
    /// The program that wrote it, and its version.
    pub program: String,
    /// The SHA-256 of `manifest.json`.
    pub manifest_sha256: String,
}

/// The fields that stand in the lines of a schema's records.
pub fn fields(schema: &Schema) -> Vec<FieldOf> {
    let held = schema.fields.iter().filter(|field| field.name != clinicos_clinic::standing::LEFT_OUT);
    held.map(|field| FieldOf {
        name: field.name.to_owned(),
        value: words(&field.shape),
        nullable: field.nullable,
        category: field.category.name().to_owned(),
    })
    .collect()
}

/// Bytes as they stand in manifests.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
