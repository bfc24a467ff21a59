//! Files in which values are looked up.

use std::collections::HashMap;
use std::path::Path;

use super::flaw::open_quote;
use crate::Broken;
use crate::mapping::Lookup;
use crate::read::{Flaw, Halt, Record, Table};

/// Most records of a file in which values are looked up.
const LOOKUP_RECORDS_MAX: u64 = 200_000;
/// Most bytes of what one file of records looks values up in.
pub(super) const BYTES_MAX: usize = 32 << 20;
/// Most records that cannot be read and are named by their lines.
const NAMED_MAX: usize = 3;

/// What such a file says of each key.
#[derive(Default)]
pub(super) struct Looked {
    known: HashMap<String, Known>,
    /// The first and the last line of records that cannot be read, as many as are named.
    unread: Vec<(u64, u64)>,
    /// How many more there are.
    more: usize,
}

/// What stands behind a key.
struct Known {
    value: String,
    line: u64,
    /// A later line with another value.
    other: Option<u64>,
}

impl Looked {
    /// What stands behind a key; an error says why nothing does, or not one thing.
    pub(super) fn find(&self, key: &str, file: &str) -> Result<&str, String> {
        match self.known.get(key) {
            Some(Known { value, other: None, .. }) => Ok(value),
            Some(Known { line, other: Some(other), .. }) => {
                Err(format!("`{file}` says one thing for it in line {line} and another in line {other}"))
            }
            None => Err(format!("`{file}` has nothing for it{}", self.cannot_be_read())),
        }
    }

    /// What is said of records that cannot be read: one of them may be what was looked for.
    fn cannot_be_read(&self) -> String {
        let named = |(first, last): &(u64, u64)| if first == last { first.to_string() } else { format!("{first} to {last}") };
        let lines: Vec<String> = self.unread.iter().map(named).collect();
        match (self.unread.as_slice(), self.more) {
            ([], _) => String::new(),
            ([(first, last)], 0) if first == last => format!("; line {first} of it cannot be read"),
            (_, 0) => format!("; lines {} of it cannot be read", lines.join(", ")),
            (_, more) => format!("; lines {} of it and {more} more records cannot be read", lines.join(", ")),
        }
    }

    fn is_unread(&mut self, record: &Record) {
        // Behind a quote that closes too late there may be others.
        let last = record.quoted.map_or(record.line, |(_, last)| last.max(record.line));
        if self.unread.len() < NAMED_MAX { self.unread.push((record.line, last)) } else { self.more += 1 }
    }
}

/// Reads what stands behind each key.
/// `room` is how many bytes it may have, and how many the next one may.
pub(super) fn load(lookup: &Lookup, dir: &Path, halt: &Halt, room: &mut usize) -> Result<Looked, Broken> {
    let columns = [lookup.key.clone(), lookup.column.clone()];
    let mut table = Table::open(dir, &lookup.file, lookup.format, &columns)?.until(halt);
    let (key, column) = (table.column(&lookup.key)?, table.column(&lookup.column)?);
    let (mut found, mut records) = (Looked::default(), 0);
    while let Some(record) = table.next_record()? {
        records += 1;
        if records > LOOKUP_RECORDS_MAX {
            let detail = format!("has more than {LOOKUP_RECORDS_MAX} records, too many to look up in");
            return Err(Broken::file(&lookup.file, detail));
        }
        if let Some(why) = unbounded(&record) {
            return Err(Broken::file(&lookup.file, why));
        }
        let (Ok(key), Ok(value), None) = (record.field(key), record.field(column), &record.flaw) else {
            found.is_unread(&record);
            continue;
        };
        let (Some(key), Some(value)) = (key, value.filter(|value| !value.is_empty())) else { continue };
        if let Some(known) = found.known.get_mut(key) {
            known.other = known.other.or_else(|| (known.value != value).then_some(record.line));
            continue;
        }
        let too_large = || {
            let detail = format!("with what else is looked up, it holds more than {BYTES_MAX} bytes, too many to look up in");
            Broken::file(&lookup.file, detail)
        };
        *room = room.checked_sub(key.len() + value.len()).ok_or_else(too_large)?;
        found.known.insert(key.to_owned(), Known { value: value.to_owned(), line: record.line, other: None });
    }
    Ok(found)
}

/// What is said of a record that may have taken in any number of others: what they hold would be missing elsewhere,
/// and nobody would know why.
fn unbounded(record: &Record) -> Option<String> {
    let must = "what records look up must be whole";
    match record.flaw.as_ref()? {
        Flaw::OpenQuote { line, end, .. } => {
            Some(format!("{}, and {must}; close it, or write it twice", open_quote(*line, *end)))
        }
        Flaw::TooLong | Flaw::LongField { .. } => {
            Some(format!("the record in line {} is too long, and {must}; is a quote or a line break missing?", record.line))
        }
        Flaw::TooWide { .. } | Flaw::Ragged { .. } | Flaw::NotJson(_) => None,
    }
}
