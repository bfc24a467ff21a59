//! Reads records of files, one at a time and with limits on everything.

mod csv;
mod json;
pub(crate) mod quotes;
mod source;
pub mod torn;
mod utf16;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use self::csv::Csv;
use self::json::Json;
use self::source::Source;
pub(crate) use self::source::count_breaks;
use self::torn::Torn;
use crate::{Broken, COLUMNS_MAX, FIELD_BYTES_MAX, formula};

const BUFFER_BYTES: usize = 256 << 10;

/// Columns that a file of rejected records has beside its own: what looks like a formula is escaped in it.
const ESCAPED_BY: [&str; 3] = ["_outcome", "_line", "_reason"];
/// All that it has beside them, in this order, in front or behind.
pub(crate) const ADDED: [&str; 4] = ["_outcome", "_line", "_column", "_reason"];

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Columns with a header, divided by this byte.
    Csv(u8),
    /// One JSON object on each line.
    JsonLines,
}

/// Stops whoever reads files, from another thread.
#[derive(Debug, Clone, Default)]
pub struct Halt(Arc<AtomicBool>);

impl Halt {
    /// From now on nothing more is read.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Why a record cannot be used as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// It is larger than a record may be.
    TooLong,
    /// A field of it is longer than any value.
    LongField {
        /// Which one, from 0.
        field: usize,
    },
    /// A quote opens in it that is not closed where it should be: what stands behind, whole records as
    /// a rule, was read as one field.
    OpenQuote {
        /// The line in which the quote opens.
        line: u64,
        /// The line up to which everything was taken for one field.
        end: u64,
        /// Which field it is, from 0.
        field: usize,
    },
    /// It has more fields than any file may have columns.
    TooWide {
        /// How many it has.
        fields: usize,
    },
    /// It has another number of fields than the header.
    Ragged {
        /// How many it has.
        fields: usize,
    },
    /// It is no JSON object.
    NotJson(String),
}

/// What a value of a line of JSON is. Every field of a CSV file is a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// A text, or nothing.
    #[default]
    Text,
    /// A number, with a point before its fraction whatever other files use.
    Number,
    /// `true` or `false`.
    Bool,
    /// A list.
    List,
    /// An object.
    Object,
    /// A text with half of a character in it.
    Torn,
}

/// One record: the texts of its fields, in the order of the header.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// The line that it starts on, from 1.
    pub line: u64,
    /// Where it starts in the file.
    pub offset: u64,
    /// Why it cannot be used; what can be read of it is there all the same.
    pub flaw: Option<Flaw>,
    /// The first and the last line of its longest field in quotes, if that has several.
    pub quoted: Option<(u64, u64)>,
    text: Vec<u8>,
    ends: Vec<usize>,
    /// What the values of a line of JSON are.
    kinds: Vec<Kind>,
    /// The line as it stands, where it is not made of fields.
    raw: Option<String>,
    /// Whether it comes from a file of rejects: what looks like a formula has a `'` in front there.
    is_escaped: bool,
    /// What a quote took in that is not closed.
    torn: Option<Box<Torn>>,
}

/// A field that is no text.
#[derive(Debug, PartialEq, Eq)]
pub struct NoText;

impl Record {
    /// The text of a field, without blanks around it; `None` if the record ends before it.
    pub fn field(&self, index: usize) -> Result<Option<&str>, NoText> {
        let Some(end) = self.ends.get(index) else { return Ok(None) };
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let bytes = self.text.get(start..*end).ok_or(NoText)?;
        let text = std::str::from_utf8(bytes).map_err(|_| NoText)?;
        Ok(Some(if self.is_escaped { formula::unescaped(text).trim() } else { text.trim() }))
    }

    /// What a field is.
    pub fn kind(&self, index: usize) -> Kind {
        self.kinds.get(index).copied().unwrap_or_default()
    }

    /// Whether it is a line that stands for itself, and not made of fields.
    pub fn is_line(&self) -> bool {
        self.raw.is_some()
    }

    /// Whether it comes from a file of what an earlier import rejected.
    pub(crate) fn is_of_rejects(&self) -> bool {
        self.is_escaped
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> usize {
        self.raw.as_ref().map_or(0, String::len) + self.text.len()
    }

    /// The longest field: the one behind a quote that nobody closed, as far as that can be told.
    fn longest_field(&self) -> usize {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let ends = self.ends.iter().copied().chain([self.text.len()]);
        let lengths = starts.zip(ends).map(|(start, end)| end.saturating_sub(start));
        // Of as long ones, the first.
        lengths.enumerate().max_by_key(|(at, length)| (*length, usize::MAX - at)).map(|(at, _)| at).unwrap_or_default()
    }

    /// The first field that is longer than any value.
    fn long_field(&self) -> Option<Flaw> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let field = starts.zip(&self.ends).position(|(start, end)| end - start > FIELD_BYTES_MAX)?;
        Some(Flaw::LongField { field })
    }

    /// How many fields were read.
    pub fn fields(&self) -> usize {
        self.ends.len()
    }

    /// What a quote took in that is not closed.
    pub(crate) fn torn(&self) -> Option<&Torn> {
        self.torn.as_deref()
    }

    /// The record as it stood, for a file of rejects: its fields, or the one line. Of one in which a quote is not
    /// closed, its lines as they stand; nothing, if they are too many.
    pub fn original(&self) -> Vec<String> {
        if let Some(torn) = &self.torn {
            return torn.original();
        }
        if let Some(raw) = &self.raw {
            return vec![raw.clone()];
        }
        let mut start = 0;
        let mut fields = Vec::with_capacity(self.ends.len());
        for end in &self.ends {
            let text = self.text.get(start..*end).map(String::from_utf8_lossy).unwrap_or_default();
            fields.push(if self.is_escaped { formula::unescaped(&text).to_owned() } else { text.into_owned() });
            start = *end;
        }
        fields
    }
}

/// A file, opened.
pub struct Table {
    name: String,
    source: Source,
    header: Vec<String>,
    reader: Reader,
    halt: Halt,
    /// Whether it is a file of rejected records, written by an earlier import.
    is_escaped: bool,
}

enum Reader {
    Csv(Box<Csv>),
    Json(Json),
}

impl Table {
    /// Opens a file of a directory. `columns` are those that are asked for: of lines of JSON they
    /// become the header.
    pub fn open(dir: &Path, name: &str, format: Format, columns: &[String]) -> Result<Self, Broken> {
        let file = utf16::plain(File::open(dir.join(name)).map_err(Broken::io(name))?, name)?;
        let mut source =
            Source { file: BufReader::with_capacity(BUFFER_BYTES, file), position: 0, breaks: 0, after_return: false };
        if source.file.fill_buf().map_err(Broken::io(name))?.starts_with(&[0xEF, 0xBB, 0xBF]) {
            source.consume(3).map_err(Broken::io(name))?;
        }
        let mut table = match format {
            Format::Csv(delimiter) => {
                let mut csv = Csv::new(delimiter);
                let header = csv.next(&mut source, usize::MAX).map_err(Broken::io(name))?;
                let header = header.ok_or_else(|| Broken::file(name, "is empty; a header is expected"))?;
                let reader = Reader::Csv(Box::new(csv));
                Self {
                    name: name.to_owned(),
                    source,
                    header: names(name, &header)?,
                    reader,
                    halt: Halt::default(),
                    is_escaped: false,
                }
            }
            Format::JsonLines => {
                let reader = Reader::Json(Json::new(columns));
                Self { name: name.to_owned(), source, header: columns.to_vec(), reader, halt: Halt::default(), is_escaped: false }
            }
        };
        table.source.file.fill_buf().map_err(Broken::io(name))?;
        table.is_escaped =
            matches!(table.reader, Reader::Csv(_)) && ESCAPED_BY.iter().all(|name| table.header.iter().any(|own| own == name));
        if table.is_escaped {
            // The names of columns are cells, too.
            table.header.iter_mut().for_each(|name| *name = formula::unescaped(name).to_owned());
        }
        Ok(table)
    }

    /// The same, read until somebody stops it.
    #[must_use]
    pub fn until(self, halt: &Halt) -> Self {
        Self { halt: halt.clone(), ..self }
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Whether it holds what an earlier import rejected.
    pub fn is_of_rejects(&self) -> bool {
        self.is_escaped
    }

    /// How many bytes were read.
    pub fn position(&self) -> u64 {
        self.source.position
    }

    /// The place of a column; an error names the columns that there are.
    pub fn column(&self, name: &str) -> Result<usize, Broken> {
        self.header.iter().position(|known| known == name).ok_or_else(|| {
            let known: Vec<String> = self.header.iter().take(40).map(|name| format!("`{name}`")).collect();
            Broken::file(&self.name, format!("has no column `{name}`; it has {}", known.join(", ")))
        })
    }

    /// The next record.
    pub fn next_record(&mut self) -> Result<Option<Record>, Broken> {
        if self.halt.is_stopped() {
            return Err(Broken::Halted);
        }
        let record = match &mut self.reader {
            Reader::Csv(csv) => csv.next(&mut self.source, self.header.len()),
            Reader::Json(json) => json.next(&mut self.source),
        };
        let mut record = record.map_err(Broken::io(&self.name))?;
        if let (Some(record), true) = (&mut record, self.is_escaped) {
            record.is_escaped = true;
            if let (Some(torn), Reader::Csv(csv)) = (record.torn.take(), &self.reader) {
                record.torn = Some(Box::new(torn.without_added(&self.header, csv.delimiter())));
            }
        }
        Ok(record)
    }

    /// The record that starts at this place.
    pub fn at(&mut self, offset: u64, line: u64) -> Result<Record, Broken> {
        self.source.seek(offset, line).map_err(Broken::io(&self.name))?;
        if let Reader::Csv(csv) = &mut self.reader {
            csv.start_over();
        }
        let record = self.next_record()?;
        record.ok_or_else(|| Broken::file(&self.name, "changed while it was read"))
    }
}

fn names(file: &str, header: &Record) -> Result<Vec<String>, Broken> {
    match header.flaw {
        Some(Flaw::OpenQuote { line, end, .. }) => {
            let detail = format!("the quote that opens in line {line}, in the header, is not closed up to line {end}");
            return Err(Broken::file(file, detail));
        }
        Some(Flaw::TooWide { fields }) => {
            return Err(Broken::file(file, format!("has {fields} columns, which are too many: the limit is {COLUMNS_MAX}")));
        }
        Some(_) => return Err(Broken::file(file, "has a header that is too long")),
        None => {}
    }
    let mut names: Vec<String> = Vec::new();
    for index in 0..header.ends.len() {
        let name = header.field(index).map_err(|NoText| Broken::file(file, "has a header that is not UTF-8"))?;
        let name = name.unwrap_or_default();
        if names.iter().any(|known| known == name) && !name.is_empty() {
            return Err(Broken::file(file, format!("has two columns `{name}`")));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

/// Reads a file to its end for what tells it from any other: SHA-256, in hexadecimal.
pub fn digest(dir: &Path, name: &str) -> Result<String, Broken> {
    use sha2::Digest as _;
    let mut file = File::open(dir.join(name)).map_err(Broken::io(name))?;
    let mut sum = sha2::Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = file.read(&mut buffer).map_err(Broken::io(name))?;
        if count == 0 {
            return Ok(sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        sum.update(buffer.get(..count).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests;
