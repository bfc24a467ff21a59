//! Importing files of another system.

use askama::Template;

use crate::faults::Faults;
use crate::frame::Frame;
use crate::words::{Choice, When};

/// `/console/import`. The form sends `name`, `mapping`, `own_mapping` and `file` for each file to
/// `/console/import`, as `multipart/form-data`.
#[derive(Debug, Clone, Template)]
#[template(path = "imports.html")]
pub struct Imports {
    /// What surrounds the page.
    pub frame: Frame,
    /// What must be mended.
    pub faults: Faults,
    /// The mappings that come with the program.
    pub mappings: Vec<Choice>,
    /// A mapping of the clinic's own, as typed in last.
    pub own_mapping: String,
    /// Imports so far, the newest first.
    pub imports: Vec<ImportLine>,
    /// The address of the first part, if this is another one.
    pub newest: Option<String>,
    /// The address of the next part.
    pub older: Option<String>,
}

/// An import in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportLine {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// When it last changed.
    pub at: When,
    /// How far it is, in words.
    pub state: String,
    /// What came of it, in words.
    pub outcome: String,
}

/// `/console/import/{id}`
#[derive(Debug, Clone, Template)]
#[template(path = "import.html")]
pub struct Import {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// How far it is.
    pub stage: Stage,
    /// Whether it only told what would happen.
    pub dry_run: bool,
    /// Why it could not go on; empty if it could.
    pub detail: String,
    /// What became of each file.
    pub files: Vec<FileLine>,
    /// The first records of each file, as rows.
    pub preview: Vec<PreviewLine>,
    /// Some of the records that were not imported.
    pub rejects: Vec<RejectLine>,
    /// How many of them there are in all.
    pub rejected: u64,
    /// What is shown of them, if that is not all: `The first 100 of 2,345.`
    pub rejects_words: Option<String>,
    /// The version of the import, so that a form sent twice starts it once.
    pub version: i64,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It waits to be started.
    Waiting,
    /// It is under way.
    Running,
    /// It was checked, and can be started.
    Checked,
    /// It is through.
    Done,
    /// It could not go on.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl Stage {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting to be started",
            Self::Running => "Under way",
            Self::Checked => "Checked; nothing was changed yet",
            Self::Done => "Done",
            Self::Failed => "Stopped by an error",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Whether it can be started.
    pub const fn can_start(self) -> bool {
        matches!(self, Self::Waiting | Self::Checked)
    }

    /// Whether it can be cancelled.
    pub const fn can_cancel(self) -> bool {
        matches!(self, Self::Waiting | Self::Checked | Self::Running)
    }
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLine {
    /// Its name.
    pub name: String,
    /// What its records are.
    pub resource: String,
    /// Read, created, changed, unchanged, rejected and held back.
    pub counts: [u64; 6],
}

/// A record, as the row that it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewLine {
    /// The file.
    pub file: String,
    /// The line.
    pub line: i64,
    /// The row.
    pub row: String,
}

/// A record that was not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectLine {
    /// The file.
    pub file: String,
    /// The line.
    pub line: i64,
    /// The column; may be empty.
    pub column: String,
    /// Why.
    pub reason: String,
    /// Whether it only waits for another one.
    pub held_back: bool,
}
