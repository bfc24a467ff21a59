//! Reads records of files, one at a time and with limits on everything.

mod csv;
mod json;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use self::csv::Csv;
use self::json::Json;
use crate::Broken;

const BUFFER_BYTES: usize = 256 << 10;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Columns with a header, divided by this byte.
    Csv(u8),
    /// One JSON object on each line.
    JsonLines,
}

/// Why a record cannot be used as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// It is larger than a record may be.
    TooLong,
    /// It has another number of fields than the header.
    Ragged {
        /// How many it has.
        fields: usize,
    },
    /// It is no JSON object.
    NotJson(String),
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
    text: Vec<u8>,
    ends: Vec<usize>,
    /// The line as it stands, where it is not made of fields.
    raw: Option<String>,
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
        std::str::from_utf8(bytes).map(|text| Some(text.trim())).map_err(|_| NoText)
    }

    /// How many fields were read.
    pub fn fields(&self) -> usize {
        self.ends.len()
    }

    /// The record as it stood, for a file of rejects: its fields, or the one line.
    pub fn original(&self) -> Vec<String> {
        if let Some(raw) = &self.raw {
            return vec![raw.clone()];
        }
        let mut start = 0;
        let mut fields = Vec::with_capacity(self.ends.len());
        for end in &self.ends {
            fields.push(self.text.get(start..*end).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default());
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
    kind: Kind,
}

enum Kind {
    Csv(Box<Csv>),
    Json(Json),
}

/// Bytes, and where they stand.
struct Source {
    file: BufReader<File>,
    position: u64,
    /// Line breaks before the position.
    breaks: u64,
}

impl Source {
    fn consume(&mut self, count: usize) -> std::io::Result<()> {
        let buffer = self.file.fill_buf()?;
        let taken = buffer.get(..count).unwrap_or(buffer);
        self.breaks += taken.iter().filter(|byte| **byte == b'\n').count() as u64;
        let taken = taken.len();
        self.file.consume(taken);
        self.position += taken as u64;
        Ok(())
    }

    /// Passes line breaks.
    fn skip_breaks(&mut self) -> std::io::Result<()> {
        while let Some(b'\n' | b'\r') = self.file.fill_buf()?.first() {
            self.consume(1)?;
        }
        Ok(())
    }

    fn seek(&mut self, offset: u64, line: u64) -> std::io::Result<()> {
        let by = i64::try_from(offset).unwrap_or(i64::MAX) - i64::try_from(self.position).unwrap_or(i64::MAX);
        self.file.seek_relative(by)?;
        self.position = offset;
        self.breaks = line.saturating_sub(1);
        Ok(())
    }
}

impl Table {
    /// Opens a file of a directory. `columns` are those that are asked for: of lines of JSON they
    /// become the header.
    pub fn open(dir: &Path, name: &str, format: Format, columns: &[String]) -> Result<Self, Broken> {
        let file = File::open(dir.join(name)).map_err(Broken::io(name))?;
        let mut source = Source { file: BufReader::with_capacity(BUFFER_BYTES, file), position: 0, breaks: 0 };
        let marks = source.file.fill_buf().map_err(Broken::io(name))?;
        match marks {
            [0xEF, 0xBB, 0xBF, ..] => source.consume(3).map_err(Broken::io(name))?,
            [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] => return Err(Broken::file(name, "is written in UTF-16; save it as UTF-8")),
            _ => {}
        }
        let mut table = match format {
            Format::Csv(delimiter) => {
                let mut csv = Csv::new(delimiter);
                let header = csv.next(&mut source, usize::MAX).map_err(Broken::io(name))?;
                let header = header.ok_or_else(|| Broken::file(name, "is empty; a header is expected"))?;
                Self { name: name.to_owned(), source, header: names(name, &header)?, kind: Kind::Csv(Box::new(csv)) }
            }
            Format::JsonLines => {
                let json = Json::new(columns);
                Self { name: name.to_owned(), source, header: columns.to_vec(), kind: Kind::Json(json) }
            }
        };
        table.source.file.fill_buf().map_err(Broken::io(name))?;
        Ok(table)
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
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
        let record = match &mut self.kind {
            Kind::Csv(csv) => csv.next(&mut self.source, self.header.len()),
            Kind::Json(json) => json.next(&mut self.source),
        };
        record.map_err(Broken::io(&self.name))
    }

    /// The record that starts at this place.
    pub fn at(&mut self, offset: u64, line: u64) -> Result<Record, Broken> {
        self.source.seek(offset, line).map_err(Broken::io(&self.name))?;
        if let Kind::Csv(csv) = &mut self.kind {
            csv.start_over();
        }
        let record = self.next_record()?;
        record.ok_or_else(|| Broken::file(&self.name, "changed while it was read"))
    }
}

fn names(file: &str, header: &Record) -> Result<Vec<String>, Broken> {
    if header.flaw.is_some() {
        return Err(Broken::file(file, "has a header that is too long"));
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
