//! What became of files.

use clinicos_console::words::Count;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What became of one file; each record is counted once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCount {
    /// Its name.
    pub name: String,
    /// What its records are.
    pub resource: String,
    /// Records that are through so far.
    pub read: u64,
    /// Records that it has.
    #[serde(default)]
    pub of: u64,
    /// Records that made something.
    pub created: u64,
    /// Records that changed something.
    pub changed: u64,
    /// Records that said what was so already.
    pub unchanged: u64,
    /// Records that are wrong.
    pub rejected: u64,
    /// Records in which nothing was found to be wrong so far, but which stand or fall with one that is.
    pub held_back: u64,
}

impl FileCount {
    /// Counts records of a row that became this.
    pub fn count(&mut self, outcome: &str, records: u64) {
        let slot = match outcome {
            "created" => &mut self.created,
            "changed" => &mut self.changed,
            _ => &mut self.unchanged,
        };
        *slot += records;
        self.read += records;
    }

    /// Counts a record that is not imported.
    pub fn refuse(&mut self, is_held: bool) {
        let slot = if is_held { &mut self.held_back } else { &mut self.rejected };
        *slot += 1;
        self.read += 1;
    }
}

/// All of them as JSON.
pub fn json(files: &[FileCount]) -> Value {
    json!(files)
}

/// As lines of a table, with its heading.
pub fn table(files: &[FileCount]) -> (&'static [&'static str], Vec<Vec<String>>) {
    let row = |file: &FileCount| {
        let counts = [file.read, file.created, file.changed, file.unchanged, file.rejected, file.held_back];
        let mut row = vec![file.name.clone(), file.resource.clone()];
        row.extend(counts.map(|count| Count(count).to_string()));
        row
    };
    let heading = &["FILE", "RESOURCE", "READ", "CREATED", "CHANGED", "UNCHANGED", "REJECTED", "HELD BACK"];
    (heading, files.iter().map(row).collect())
}
