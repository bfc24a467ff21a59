//! Reads files of another system by a declarative mapping, as rows to import.
//!
//! Nothing here knows HTTP or a database: files and a mapping go in, rows as JSON come out, each
//! with the line that it stands on, and each fault with line, column and reason. Memory does not
//! grow with the files: records are read one at a time, and what must be found again is kept in
//! sorted runs (`index.rs`), on disk where it is much.
//!
//! `mapping/` turns the text of a mapping into a plan, checked against the schemas of the
//! resources; `read/` reads records; `propose/` makes a mapping of the files themselves; `build.rs` makes a row of a record; `take.rs` walks a file
//! with the files that belong to it.

pub mod build;
pub mod decimal;
pub mod expression;
pub mod fault;
pub mod formula;
pub mod index;
pub mod mapping;
pub mod propose;
pub mod read;
pub mod take;

pub use fault::{Broken, Fault};
pub use mapping::{FilePlan, Mapping, Use};
pub use propose::Proposal;
pub use read::Halt;
pub use take::{Behind, Event, Refused, Taken, Taking, WAITS, ambiguous, may_be_behind, references, was_rejected};

/// The mappings that come with the program, by name.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("northwind", include_str!("../../../mappings/northwind.toml")),
    ("petclinic", include_str!("../../../mappings/petclinic.toml")),
];

/// The text of a mapping that comes with the program.
pub fn built_in(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The text of a mapping that is given as its text, or by its name if it comes with the program.
pub fn text_of(given: &str) -> Result<&str, Broken> {
    let is_name = !given.trim().is_empty() && given.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c));
    match built_in(given.trim()) {
        Some(text) => Ok(text),
        None if is_name => {
            let names: Vec<String> = built_in_names().iter().map(|name| format!("`{name}`")).collect();
            let detail =
                format!("it is no mapping, and none of this name comes with the program; there are {}", names.join(", "));
            Err(Broken::Mapping { line: None, detail })
        }
        None => Ok(given),
    }
}

/// The names of the mappings that come with the program.
pub fn built_in_names() -> Vec<&'static str> {
    BUILT_IN.iter().map(|(name, _)| *name).collect()
}

/// Most bytes of one record of a file.
pub const RECORD_BYTES_MAX: usize = 1 << 20;
/// Most bytes of one field: what is longer is no value, but what stands behind a quote that nobody closed.
pub const FIELD_BYTES_MAX: usize = 256 << 10;
/// Most lines of one field in quotes.
pub const FIELD_LINES_MAX: u64 = 1_000;
/// Most columns of a file.
pub const COLUMNS_MAX: usize = 1_024;
/// Most files of a mapping.
pub const FILES_MAX: usize = 50;
/// Most bytes of a mapping.
pub const MAPPING_BYTES_MAX: usize = 256 << 10;
