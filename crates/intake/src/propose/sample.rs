//! The beginning of a file, and what is known of all of it: its columns, its first records, and what
//! the values of each column have in common.

use serde_json::Value;

use super::facts::{FEW_OF, Facts, Gathering};
use super::figures::Figures;
use super::kinds;
use super::records::{Records, check_header};
use crate::COLUMNS_MAX;

/// Bytes of a file that are looked at.
pub const LOOKED_AT_BYTES_MAX: usize = 16 << 20;
/// Records that are kept.
const RECORDS_MAX: usize = 1_000;
/// What can stand between fields.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How deep the members of lines of JSON are taken as columns.
const DEPTH_MAX: usize = 4;
/// Columns that files of rejects have besides their own: they say nothing of the record.
const REASONS: [&str; 5] = ["_file", "_line", "_outcome", "_column", "_reason"];

/// The beginning of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// Its name.
    pub name: String,
    /// What stands between its fields.
    pub delimiter: u8,
    /// The names of its columns.
    pub header: Vec<String>,
    /// Its first records.
    pub records: Vec<Vec<String>>,
    /// How many records it has, as far as they are looked at.
    pub count: u64,
    /// What is known of each column, as far as it is looked at.
    pub facts: Vec<Facts>,
    /// Why its first record that cannot be used cannot, as a sentence.
    pub broken: Option<String>,
}

impl Sample {
    /// Reads a file as far as [`LOOKED_AT_BYTES_MAX`]; an error says in a sentence what it is instead
    /// of a table, and what to do about it.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, String> {
        if let Some(text) = kinds::from_utf16(bytes) {
            return Self::read(name, text.as_bytes());
        }
        if let Some(why) = kinds::no_table(bytes) {
            return Err(why.to_owned());
        }
        let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
        let is_whole = bytes.len() <= LOOKED_AT_BYTES_MAX;
        let head = bytes.get(..LOOKED_AT_BYTES_MAX).unwrap_or(bytes);
        if is_lines_of_json(name) {
            return lines_of_json(name, head);
        }
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |delimiter: &u8| first.iter().filter(|byte| *byte == delimiter).count();
        // Of as many, the first one.
        let delimiter = DELIMITERS.iter().rev().max_by_key(|delimiter| count(delimiter)).copied().unwrap_or(b',');
        let mut records = Records::new(head, delimiter, is_whole);
        let header = records.next();
        if let Some(why) = records.broken.take() {
            return Err(why);
        }
        let header = header.ok_or("It is empty: the first line must name the columns.")?;
        check_header(&header)?;
        records.header.clone_from(&header);
        let sample = Self { name: name.to_owned(), delimiter, header, ..Self::default() };
        let sample = sample.with(&mut records);
        Ok(Self { broken: records.broken, ..sample })
    }

    /// The same from records that were read already.
    pub fn of_records(name: &str, delimiter: u8, header: Vec<String>, records: Vec<Vec<String>>) -> Self {
        Self { name: name.to_owned(), delimiter, header, ..Self::default() }.with(records.into_iter())
    }

    fn with(mut self, records: impl Iterator<Item = Vec<String>>) -> Self {
        let mut gathering = Gathering::new(&self.header);
        for record in records.filter(|record| record.len() == self.header.len()) {
            self.count += 1;
            gathering.add(&record);
            if self.records.len() < RECORDS_MAX {
                self.records.push(record);
            }
        }
        self.facts = gathering.finish();
        self
    }

    /// The values of a column that say something.
    pub fn values(&self, column: &str) -> Vec<&str> {
        let at = self.header.iter().position(|name| name == column).unwrap_or(usize::MAX);
        let values = self.records.iter().filter_map(|record| record.get(at)).map(String::as_str);
        values.filter(|value| !value.is_empty()).collect()
    }

    /// What is known of a column.
    pub fn of(&self, column: &str) -> Facts {
        self.facts.iter().find(|facts| facts.column == column).cloned().unwrap_or_default()
    }

    /// Whether a column says something in every record, and never the same twice.
    pub fn tells_apart(&self, column: &str) -> bool {
        let facts = self.of(column);
        facts.differs && facts.filled == self.count
    }

    /// In how many records a column says what it says in another one, if it tells all but a few of them apart.
    pub fn repeats(&self, column: &str) -> Option<u64> {
        let facts = self.of(column);
        facts.repeats.filter(|repeats| facts.filled == self.count && *repeats > 0 && repeats * FEW_OF < self.count)
    }

    /// Whether it is made of the same columns as another one: their order says nothing, nor do the
    /// reasons that a file of rejects has besides.
    pub fn has_columns_of(&self, header: &[String]) -> bool {
        let own = |header: &[String]| {
            let mut own: Vec<String> = header.iter().filter(|name| !is_reason(name)).cloned().collect();
            own.sort();
            own
        };
        own(&self.header) == own(header)
    }
}

/// Whether a column says why a record was rejected before.
pub fn is_reason(column: &str) -> bool {
    REASONS.contains(&column)
}

/// Whether a file of this name holds a JSON object on each line.
pub fn is_lines_of_json(name: &str) -> bool {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    end == "jsonl" || end == "ndjson"
}

/// Lines of JSON: each member is a column, and those of objects within have a point in front.
fn lines_of_json(name: &str, bytes: &[u8]) -> Result<Sample, String> {
    let lines = || bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let mut header: Vec<String> = Vec::new();
    for line in lines().take(RECORDS_MAX) {
        for (name, _) in members(&line) {
            if !header.contains(&name) && header.len() < COLUMNS_MAX {
                header.push(name);
            }
        }
    }
    if header.is_empty() {
        return Err("No line of it holds a JSON object.".to_owned());
    }
    let record = |line: Value| {
        let members = members(&line);
        let value = |name: &String| members.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        header.iter().map(|name| value(name).unwrap_or_default()).collect()
    };
    let records: Vec<Vec<String>> = lines().map(record).collect();
    let sample = Sample { name: name.to_owned(), delimiter: b',', header, ..Sample::default() };
    let mut sample = sample.with(records.into_iter());
    // A number of JSON has a point before its fraction: it leaves nothing open, and says nothing of texts.
    let pointer = |column: &str| format!("/{}", column.replace('.', "/"));
    let mut texts: Vec<String> = sample.header.clone();
    for line in lines() {
        texts.retain(|column| !line.pointer(&pointer(column)).is_some_and(Value::is_number));
    }
    for facts in sample.facts.iter_mut().filter(|facts| !texts.contains(&facts.column)) {
        facts.figures = Figures::default();
    }
    Ok(sample)
}

fn members(line: &Value) -> Vec<(String, String)> {
    fn walk(at: &str, value: &Value, depth: usize, found: &mut Vec<(String, String)>) {
        for (name, value) in value.as_object().into_iter().flatten().filter(|(name, _)| !name.is_empty() && !name.contains('.')) {
            let name = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            match value {
                Value::Object(_) if depth < DEPTH_MAX => walk(&name, value, depth + 1, found),
                // A list is no value, and a column of it could become nothing.
                Value::Object(_) | Value::Array(_) => {}
                Value::Null => found.push((name, String::new())),
                Value::String(text) => found.push((name, text.trim().to_owned())),
                other => found.push((name, other.to_string())),
            }
        }
    }
    let mut found = Vec::new();
    walk("", line, 0, &mut found);
    found
}
