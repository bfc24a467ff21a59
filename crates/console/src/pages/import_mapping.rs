//! Saying which column of a file becomes what.

use askama::Template;

use crate::faults::Faults;
use crate::frame::Frame;
use crate::words::Choice;

/// `/console/import/{id}/mapping`. The form sends `version`, and `system`, `currency`, `decimal_mark`, for
/// each file its `what-N`, `was-N`, `key-N`, `with-N`, for each of its columns `col-N-M` and `day-N-M`; or
/// `mapping_text`.
#[derive(Debug, Clone, Template)]
#[template(path = "import_mapping.html")]
pub struct ImportMapping {
    /// What surrounds the page.
    pub frame: Frame,
    /// What must be mended.
    pub faults: Faults,
    /// The import.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// How it can be changed.
    pub mode: Mode,
    /// The version of the import, so that nobody starts what they did not see.
    pub version: i64,
    /// The text of the mapping.
    pub text: String,
    /// Whose identifiers the keys are.
    pub system: String,
    /// Of amounts.
    pub currency: String,
    /// Between whole numbers and fractions.
    pub decimal_marks: Vec<Choice>,
    /// The files.
    pub files: Vec<MappedFile>,
}

/// How a mapping can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By choosing, column by column.
    Choices,
    /// As text.
    Text {
        /// Why not by choosing; empty if somebody asked for the text.
        why: &'static str,
    },
    /// Not at all: the import runs or has ended.
    Closed,
}

/// A file, and what it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedFile {
    /// Its place.
    pub at: usize,
    /// Its name.
    pub name: String,
    /// What its records can be.
    pub whats: Vec<Choice>,
    /// What its columns are offered for; empty if it is left out.
    pub was: String,
    /// The columns that can tell records apart; none if its records need none.
    pub keys: Vec<Choice>,
    /// The columns that can do it together with that one.
    pub with: Vec<Choice>,
    /// Its columns; none if it is left out.
    pub columns: Vec<MappedColumn>,
}

/// A column, and what it can become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedColumn {
    /// Its place.
    pub at: usize,
    /// Its name.
    pub name: String,
    /// Its first value; may be empty.
    pub first: String,
    /// What it can become.
    pub targets: Vec<Choice>,
    /// The ways to read its days, if it is one.
    pub days: Vec<Choice>,
    /// Whether its values leave open which of them it is.
    pub is_open: bool,
}
