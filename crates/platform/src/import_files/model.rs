//! A part of a file.

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::{Category, Field, Id, Kind, Shape, Timestamp, record};
use clinicos_gate::ClinicId;
use serde::Deserialize;

use crate::imports::model::ImportId;

/// Most bytes of a part.
pub const PART_BYTES_MAX: usize = 6 << 20;
/// Most parts of a file.
pub const PARTS_MAX: i64 = 1_000;

/// A part of a file.
pub enum ImportFileKind {}
impl Kind for ImportFileKind {
    const PREFIX: &'static str = "imf";
}
/// A part of a file.
pub type ImportFileId = Id<ImportFileKind>;

const SYSTEM: Field = Field::of(Category::RecordSystem);
const PRACTICE: Field = Field::of(Category::Practice);

record! {
    /// A part of a file that an import reads. What is in it is not shown.
    pub struct ImportFile<'a> as "import_file" {
        /// Its identifier.
        id: ImportFileId = SYSTEM,
        /// The clinic.
        clinic_id: ClinicId = SYSTEM,
        /// The import.
        import_id: ImportId = SYSTEM,
        /// The file's name.
        name: Cow<'a, str> = PRACTICE,
        /// Which part it is, from 1.
        part: i64 = PRACTICE,
        /// How many bytes it has.
        size: i64 = PRACTICE,
        /// When it came.
        created_at: Timestamp = SYSTEM,
        /// Always 1.
        version: i64 = SYSTEM,
    }
}

/// A body of `import_files.create`.
pub static BODY: Schema = Schema {
    name: "new_import_file",
    doc: "A part of a file.",
    fields: &[
        PRACTICE.required().max(200).named("name", "The file's name, as the mapping has it.", Shape::Text, false),
        PRACTICE.creatable().at_least(1).named(
            "part",
            "Which part it is; 1 unless given. A part replaces an earlier one.",
            Shape::Int,
            false,
        ),
        Field::of(Category::OwnerContact).required().max((PART_BYTES_MAX / 3 * 4 + 4) as u32).named(
            "content",
            "The bytes of the part, in base64.",
            Shape::Text,
            false,
        ),
    ],
};

/// A part that is sent.
#[derive(Debug, Deserialize)]
pub struct NewFile {
    /// The file's name.
    pub name: String,
    /// Which part it is.
    #[serde(default = "first")]
    pub part: i64,
    /// Base64.
    pub content: String,
}

fn first() -> i64 {
    1
}
