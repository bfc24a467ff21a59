//! Keys of records that a quote took in which is not closed. They are not among the records, and what names them or
//! belongs to them must wait: it is not unknown.

use std::collections::HashMap;

use super::{WAITS, was_rejected};
use crate::Fault;
use crate::build::Bound;
use crate::index::hash;
use crate::mapping::Words;
use crate::read::{Flaw, Record};

/// Most keys that are remembered; of what is beyond, nothing is known.
const KEYS_MAX: usize = 1_000_000;

/// What became of the records behind a quote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Behind {
    /// The line and the key of each whose key can be read.
    pub keys: Vec<(u64, String)>,
    /// First and last line, if there may be others.
    pub unknown: Option<(u64, u64)>,
}

impl Behind {
    /// The same of a record that was refused; one of another number of fields may have taken in records, too, if a quote
    /// by chance closed where a field ends.
    pub(super) fn of_refused(record: &Record, bound: &Bound<'_>, key: usize, header: &[String], words: &Words) -> Self {
        match (&record.flaw, record.quoted) {
            (Some(Flaw::Ragged { .. }), Some(lines)) => Self { unknown: Some(lines), ..Self::default() },
            _ => Self::of(record, bound, key, header, words),
        }
    }

    /// What stands in a record whose key is in this column.
    pub(super) fn of(record: &Record, bound: &Bound<'_>, key: usize, header: &[String], words: &Words) -> Self {
        let Some(Flaw::OpenQuote { end, field, .. }) = record.flaw else { return Self::default() };
        let mut found = Self::default();
        let pieces = record.torn().map(|torn| torn.pieces.as_slice()).unwrap_or_default();
        let mut is_known = !pieces.is_empty();
        for (at, piece) in pieces.iter().enumerate() {
            let is_whole = piece.record.fields() == header.len();
            let stands = if at == 0 { bound.stands_before(key, field) } else { is_whole };
            match bound.key(&piece.record, key, words) {
                Ok(Some(key)) if stands => found.keys.push((piece.record.line, key.into_owned())),
                _ => is_known = false,
            }
        }
        found.unknown = (!is_known).then_some((record.line, end));
        found
    }
}

/// The same of a whole file.
#[derive(Default)]
pub(super) struct Lost {
    keys: HashMap<u64, u64>,
    unknown: Option<(u64, u64)>,
}

impl Lost {
    pub(super) fn add(&mut self, behind: Behind) {
        for (line, key) in behind.keys {
            if self.keys.len() >= KEYS_MAX {
                self.unknown = self.unknown.or(Some((line, line)));
                return;
            }
            self.keys.entry(hash(&key)).or_insert(line);
        }
        self.unknown = self.unknown.or(behind.unknown);
    }

    /// Whether a record with this key is known to be among them.
    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.contains_key(&hash(key))
    }

    /// Why what belongs to this key waits, if anything of it stands, or may stand, behind a quote of this file.
    /// With `is_certain`, only if it is known to.
    pub(super) fn waits(&self, key: &str, (file, is_certain): (&str, bool), line: u64) -> Option<Fault> {
        let why = match (self.keys.get(&hash(key)), self.unknown) {
            (Some(lost), _) => was_rejected(file, *lost),
            (None, Some(lines)) if !is_certain => may_be_behind(file, lines),
            (None, _) => return None,
        };
        Some(Fault::new(line, "", WAITS, why))
    }
}

/// Why what names something waits that is in no record which was read.
pub fn may_be_behind(file: &str, (first, last): (u64, u64)) -> String {
    let lines = if first == last { format!("line {first}") } else { format!("lines {first} to {last}") };
    format!("{lines} of `{file}` cannot be read because of a quote that is not closed, and what this names may stand there")
}
