//! An import, and what became of its files.

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{Category, Field, Id, Kind, Problem, Shape, Timestamp, record, words};
use clinicos_gate::{Caller, ClinicId, conflict};
use serde::{Deserialize, Serialize};

/// Most files of an import.
pub const FILES_MAX: u32 = 50;
/// Most characters of a mapping.
pub const MAPPING_CHARS_MAX: u32 = 256 << 10;

/// An import.
pub enum ImportKind {}
impl Kind for ImportKind {
    const PREFIX: &'static str = "imp";
}
/// An import.
pub type ImportId = Id<ImportKind>;

words! {
    /// How far an import is.
    State {
        /// It waits for its files.
        Uploading = "uploading",
        /// Its rows are being written.
        Running = "running",
        /// A dry run is through: nothing was changed, and it can be started.
        Checked = "checked",
        /// All rows are through.
        Done = "done",
        /// It could not go on.
        Failed = "failed",
        /// Somebody stopped it.
        Cancelled = "cancelled",
    }
}

impl State {
    /// Whether nothing comes after it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

const SYSTEM: Field = Field::of(Category::RecordSystem);
const PRACTICE: Field = Field::of(Category::Practice);
const CONTACT: Field = Field::of(Category::OwnerContact);

/// Most rows of a preview.
pub const PREVIEW_ROWS_MAX: u32 = 200;
/// Most bytes of the files of an import.
pub const FILES_BYTES_MAX: i64 = 64 << 20;
/// Most records that are kept of those that were not imported.
pub const REJECTS_MAX: i64 = 10_000;

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Its name.
    pub name: String,
    /// What its records are, such as `clients`.
    pub resource: String,
    /// Records that were read so far.
    pub read: i64,
    /// Records that it has; 0 in reports that do not say it.
    #[serde(default)]
    pub of: i64,
    /// Records that made something.
    pub created: i64,
    /// Records that changed something.
    pub changed: i64,
    /// Records that said what was so already.
    pub unchanged: i64,
    /// Records that are wrong.
    pub rejected: i64,
    /// Records in which nothing was found to be wrong so far, but which stand or fall with one that is.
    pub held_back: i64,
}

/// The files of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileReports(pub Vec<FileReport>);

const fn count(name: &'static str, doc: &'static str) -> Field {
    PRACTICE.required().at_least(0).named(name, doc, Shape::Int, false)
}

/// The fields of a file's report.
pub static FILE_REPORT: Schema = Schema {
    name: "file_report",
    doc: "What became of a file: its records are counted once each.",
    fields: &[
        PRACTICE.required().max(200).named("name", "Its name.", Shape::Text, false),
        PRACTICE.required().max(60).named("resource", "What its records are, such as `clients`.", Shape::Text, false),
        count("read", "Records that were read so far."),
        PRACTICE.creatable().at_least(0).named("of", "Records that it has.", Shape::Int, false),
        count("created", "Records that made something."),
        count("changed", "Records that changed something."),
        count("unchanged", "Records that said what was so already."),
        count("rejected", "Records that are wrong."),
        count("held_back", "Records in which nothing was found to be wrong so far, but which stand or fall with one that is."),
    ],
};

impl Document for FileReports {
    const SHAPE: Shape = Shape::List(&Shape::Object(&FILE_REPORT));
    const EMPTY: &'static str = "[]";
}

/// A record of a file, as the row that it becomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewRow {
    /// The file.
    pub file: String,
    /// The line.
    pub line: i64,
    /// The row, as JSON; empty if the record becomes none of its own.
    pub row: String,
    /// The record as it stands in its file, as JSON: what divides its fields, and each column with
    /// its text.
    #[serde(default)]
    pub source: String,
}

/// The first records of each file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Preview(pub Vec<PreviewRow>);

/// The fields of a row of a preview.
pub static PREVIEW_ROW: Schema = Schema {
    name: "preview_row",
    doc: "A record of a file, as the row that it becomes.",
    fields: &[
        CONTACT.required().max(200).named("file", "The file.", Shape::Text, false),
        CONTACT.required().at_least(1).named("line", "The line that it starts on.", Shape::Int, false),
        CONTACT.required().max(1 << 20).named(
            "row",
            "The row, as JSON; empty if the record becomes none of its own: a line of an invoice, a file that the mapping does not read.",
            Shape::Text,
            false,
        ),
        CONTACT.creatable().max(1 << 20).named(
            "source",
            "The record as it stands in its file, as JSON: `by` is what divides its fields, `cells` lists each column and its text, both cut short. The first record of a file has what is known of all of it besides: `count` is how many records it has, `facts` what the values of each column have in common.",
            Shape::Text,
            false,
        ),
    ],
};

impl Document for Preview {
    const SHAPE: Shape = Shape::List(&Shape::Object(&PREVIEW_ROW));
    const EMPTY: &'static str = "[]";
}

record! {
    /// Files of another system, imported by a mapping.
    pub struct Import<'a> as "import" {
        /// Its identifier.
        id: ImportId = SYSTEM,
        /// The clinic.
        clinic_id: ClinicId = SYSTEM,
        /// What people call it: the mapping's name, as a rule.
        name: Cow<'a, str> = PRACTICE,
        /// The mapping, if it was sent along.
        mapping: Option<Cow<'a, str>> = PRACTICE.sparse(),
        /// Whether it only tells what would happen.
        dry_run: bool = PRACTICE,
        /// How far it is.
        state: State = PRACTICE.equal(),
        /// How often it was started, dry runs included.
        runs: i64 = PRACTICE,
        /// Why it could not go on.
        detail: Option<Cow<'a, str>> = PRACTICE,
        /// What became of each file so far.
        files: Doc<'a, FileReports> = PRACTICE.max(FILES_MAX),
        /// The first records of each file as rows, after a dry run.
        preview: Doc<'a, Preview> = CONTACT.max(PREVIEW_ROWS_MAX),
        /// Who started it: a key, a person, or `operator`.
        started_by: Cow<'a, str> = PRACTICE,
        /// Whose it is: a connection, a person, or `operator`. No other connection sees it.
        made_by: Cow<'a, str> = PRACTICE,
        /// When it was made.
        created_at: Timestamp = SYSTEM,
        /// When it last changed.
        updated_at: Timestamp = SYSTEM.range().sortable(),
        /// When it ended.
        finished_at: Option<Timestamp> = SYSTEM,
        /// Grows with each change.
        version: i64 = SYSTEM,
    }
}

impl Import<'static> {
    /// The import, unless it is another connection's. The clinic's people see all.
    pub fn seen_by(self, caller: &Caller) -> Option<Self> {
        match caller {
            Caller::Connection { connection, .. } => (self.made_by == connection.to_string()).then_some(self),
            Caller::Operator | Caller::Stranger | Caller::User { .. } => Some(self),
        }
    }

    /// Forgets what was found out about files that are no longer the ones it has.
    pub fn forget_check(&mut self) {
        self.state = State::Uploading;
        self.detail = None;
        self.files = Doc::of(&FileReports::default());
        self.preview = Doc::of(&Preview::default());
    }

    /// Refuses to change what has ended.
    pub fn check_open(&self) -> Result<(), Problem> {
        if self.state.is_final() {
            return Err(conflict(format!("the import is `{}` already", self.state.name())));
        }
        Ok(())
    }

    /// Refuses another state than one in which it waits for its files.
    pub fn check_waits(&self) -> Result<(), Problem> {
        match self.state {
            State::Uploading | State::Checked => Ok(()),
            state => {
                let name = state.name();
                Err(conflict(format!(
                    "the import is `{name}`: its files and its mapping stay as they are, and it is started once"
                )))
            }
        }
    }

    /// Counts a change.
    pub fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
        self.version += 1;
        if self.state.is_final() {
            self.finished_at = Some(now);
        }
    }
}

/// An import that waits for its files.
pub struct New {
    /// Its identifier.
    pub id: ImportId,
    /// The clinic.
    pub clinic: ClinicId,
    /// What people call it.
    pub name: String,
    /// The mapping, if it was sent along.
    pub mapping: Option<String>,
    /// Whether it only tells what would happen.
    pub dry_run: bool,
    /// How far it is.
    pub state: State,
    /// Who started it.
    pub started_by: String,
    /// Whose it is.
    pub made_by: String,
    /// When.
    pub now: Timestamp,
}

impl New {
    /// The record.
    pub fn record(self) -> Import<'static> {
        Import {
            id: self.id,
            clinic_id: self.clinic,
            name: Cow::Owned(self.name),
            mapping: self.mapping.map(Cow::Owned),
            dry_run: self.dry_run,
            state: self.state,
            runs: i64::from(self.state == State::Running),
            detail: None,
            files: Doc::of(&FileReports::default()),
            preview: Doc::of(&Preview::default()),
            started_by: Cow::Owned(self.started_by),
            made_by: Cow::Owned(self.made_by),
            created_at: self.now,
            updated_at: self.now,
            finished_at: None,
            version: 1,
        }
    }
}
