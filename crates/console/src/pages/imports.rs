//! Importing files of another system.

use askama::Template;

use crate::faults::Faults;
use crate::frame::Frame;
use crate::words::{Choice, Count, When};

/// `/console/import`. The form sends `mapping`, `program`, `own_mapping` and `file` for each file to
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
    /// Which files each of them reads.
    pub reads: Vec<MappingReads>,
    /// The program that the files come from, as typed in last or as used last.
    pub program: String,
    /// A mapping of the clinic's own, as typed in last.
    pub own_mapping: String,
    /// Imports so far, the newest first.
    pub imports: Vec<ImportLine>,
    /// The address of the first part, if this is another one.
    pub newest: Option<String>,
    /// The address of the next part.
    pub older: Option<String>,
}

/// Which files a mapping reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingReads {
    /// What the mapping is called.
    pub name: String,
    /// The names that the files must have.
    pub files: Vec<String>,
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
    /// When its files were sent.
    pub sent: When,
    /// How far it is.
    pub stage: Stage,
    /// What is left to be said before it can be started, as sentences.
    pub todo: Vec<String>,
    /// What to know before it is started, as sentences.
    pub notes: Vec<String>,
    /// The files of which something was not imported.
    pub mends: Vec<String>,
    /// Whether it only told what would happen.
    pub dry_run: bool,
    /// Why it could not go on; empty if it could.
    pub detail: String,
    /// What became of each file.
    pub files: Vec<FileLine>,
    /// What came of it so far, in a few sentences; empty if nothing did.
    pub outcome: String,
    /// Which column of each file fills which field.
    pub mapped: Vec<Mapped>,
    /// Whether its mapping can be made by choosing.
    pub can_map: bool,
    /// The first records of each file, as the mapping reads them.
    pub preview: Vec<PreviewFile>,
    /// Some of the records that are wrong, in the order of files and lines.
    pub rejects: Vec<RejectLine>,
    /// Some of those that only wait for one that is wrong, in the same order.
    pub held_back: Vec<RejectLine>,
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

impl FileLine {
    /// Whether what its records are has a page: parts of others have none.
    pub fn has_page(&self) -> bool {
        !self.resource.is_empty() && !self.resource.contains(' ')
    }

    /// What was counted, each under its heading.
    pub fn told(&self) -> impl Iterator<Item = (&'static str, Count)> {
        let headings = ["Read", "New", "Changed", "Unchanged", "Rejected", "Held back"];
        headings.into_iter().zip(self.counts.map(Count))
    }
}

/// A file that the mapping reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// Its name.
    pub file: String,
    /// What its records become.
    pub resource: String,
    /// What becomes of its columns.
    pub lines: Vec<MappedLine>,
    /// The columns that are left out; may be empty.
    pub left: String,
}

/// A field, and where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedLine {
    /// The columns; empty if the mapping says the value itself.
    pub column: String,
    /// The field, in words.
    pub field: String,
    /// What stands in the first record.
    pub before: String,
    /// What becomes of it.
    pub after: String,
}

/// The first records of a file, as the mapping reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewFile {
    /// Its name.
    pub file: String,
    /// What its records become.
    pub resource: String,
    /// The lines that they begin at.
    pub lines: Vec<i64>,
    /// What they hold, field by field.
    pub fields: Vec<PreviewField>,
    /// The same as JSON, for whoever writes a mapping.
    pub json: String,
}

/// A field, and what each of the records holds in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewField {
    /// In words: `Family name`.
    pub name: String,
    /// One for each record, beside its line; empty where a record holds nothing.
    pub values: Vec<(i64, String)>,
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
