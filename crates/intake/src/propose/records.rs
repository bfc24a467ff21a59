//! The records of the beginning of a file, and why the first one that cannot be used cannot.

use csv_core::ReadRecordResult;

use crate::read::count_breaks;
use crate::read::quotes::Quotes;
use crate::{COLUMNS_MAX, RECORD_BYTES_MAX};

/// Whether these can be names of columns.
pub(super) fn check_header(header: &[String]) -> Result<(), String> {
    let again = header.iter().enumerate().find(|(at, name)| !name.is_empty() && header.iter().take(*at).any(|one| one == *name));
    if let Some((_, name)) = again {
        return Err(format!(
            "No columns can be told apart in it: “{name}” is the name of two. The first line must name the columns, each once."
        ));
    }
    let is_named = header.iter().any(|name| !name.is_empty());
    if is_named { Ok(()) } else { Err("No columns can be told apart in it: the first line must name them.".to_owned()) }
}

/// The records of some bytes; one that is cut short is left out.
pub(super) struct Records<'b> {
    core: csv_core::Reader,
    rest: &'b [u8],
    delimiter: u8,
    is_whole: bool,
    text: Vec<u8>,
    ends: Vec<usize>,
    /// Line breaks so far, and whether a `\r` is the last byte.
    breaks: (u64, bool),
    /// The names of the columns, once they are known.
    pub(super) header: Vec<String>,
    /// Why the first record that cannot be used cannot, as a sentence.
    pub(super) broken: Option<String>,
}

/// Why reading a record ended.
enum Ended {
    /// With its end.
    Record,
    /// With the bytes that are looked at.
    Cut,
    /// It is larger than a record may be.
    Large,
    /// It has more fields than a file may have columns.
    Wide,
}

impl<'b> Records<'b> {
    pub(super) fn new(bytes: &'b [u8], delimiter: u8, is_whole: bool) -> Self {
        let core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        let (text, ends) = (vec![0; 4 << 10], vec![0; COLUMNS_MAX + 1]);
        Self { core, rest: bytes, delimiter, is_whole, text, ends, breaks: (0, false), header: Vec::new(), broken: None }
    }

    /// Reads up to the end of a record; gives how many fields it has, what is known of its quotes, and how it ended.
    /// `None` if there is no further one.
    fn read(&mut self) -> Option<(usize, Quotes, Ended)> {
        let (mut written, mut ended, mut is_last) = (0, 0, false);
        let mut quotes = Quotes::new(self.delimiter);
        let is_nothing = self.rest.is_empty();
        loop {
            let (out, out_ends) =
                (self.text.get_mut(written..).unwrap_or_default(), self.ends.get_mut(ended..).unwrap_or_default());
            let (result, taken, bytes, fields) = self.core.read_record(self.rest, out, out_ends);
            let passed = self.rest.get(..taken).unwrap_or_default();
            quotes.pass(passed, self.breaks.0 + 1);
            self.breaks = count_breaks(passed, self.breaks.0, self.breaks.1);
            self.rest = self.rest.get(taken..).unwrap_or_default();
            (written, ended) = (written + bytes, ended + fields);
            match result {
                ReadRecordResult::Record => return Some((ended, quotes, Ended::Record)),
                // An empty input says that nothing follows.
                ReadRecordResult::InputEmpty if self.is_whole && !is_last => is_last = true,
                ReadRecordResult::OutputFull if self.text.len() < RECORD_BYTES_MAX => {
                    let wanted = self.text.len() * 2;
                    self.text.resize(wanted, 0);
                }
                ReadRecordResult::OutputFull => return Some((ended, quotes, Ended::Large)),
                ReadRecordResult::OutputEndsFull => return Some((ended, quotes, Ended::Wide)),
                ReadRecordResult::InputEmpty if !is_nothing && !self.is_whole => return Some((ended, quotes, Ended::Cut)),
                _ => return None,
            }
        }
    }

    /// Why a record of so many fields cannot be used that begins in this line, if it cannot.
    fn why_broken(&self, line: u64, fields: usize, quotes: &Quotes, ended: &Ended) -> Option<String> {
        let named = |at: usize| match self.header.get(at.min(self.header.len().saturating_sub(1))) {
            Some(name) => format!("in “{name}”"),
            None => format!("in column {}", at + 1),
        };
        if quotes.is_open() {
            let (opened, at) = (quotes.opened(), fields.saturating_sub(usize::from(matches!(ended, Ended::Record))));
            return Some(format!(
                "The quote that opens in line {opened}, {}, is never closed: everything behind it was read as one value. Close it, \
                 or write it twice if it belongs to the value.",
                named(at)
            ));
        }
        match ended {
            Ended::Large => Some(format!(
                "The record in line {line} is too large: the value {} makes it larger than {RECORD_BYTES_MAX} bytes. Is a quote or \
                 a line break missing?",
                named(fields)
            )),
            Ended::Wide => Some(format!("Line {line} has too many columns (limit {COLUMNS_MAX}). Is a line break missing?")),
            Ended::Record if !self.header.is_empty() && fields != self.header.len() => Some(format!(
                "The record in line {line} has {fields} values, and the first line names {} columns.",
                self.header.len()
            )),
            Ended::Record | Ended::Cut => None,
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Vec<String>;

    fn next(&mut self) -> Option<Vec<String>> {
        // Breaks in front of a record belong to none.
        let blank = self.rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.breaks = count_breaks(self.rest.get(..blank).unwrap_or_default(), self.breaks.0, self.breaks.1);
        self.rest = self.rest.get(blank..).unwrap_or_default();
        let line = self.breaks.0 + 1;
        let (fields, quotes, ended) = self.read()?;
        if self.broken.is_none() {
            self.broken = self.why_broken(line, fields, &quotes, &ended);
        }
        if !matches!(ended, Ended::Record) {
            self.rest = &[];
            return None;
        }
        let mut start = 0;
        let texts = self.ends.iter().take(fields).map(|end| {
            let bytes = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            String::from_utf8_lossy(bytes).trim().to_owned()
        });
        Some(texts.collect())
    }
}
