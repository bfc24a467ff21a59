//! A record in which a quote is not closed: the lines that it took in, as they stand. Behind the line in which the
//! quote opens each of them is a record of its own as a rule, and becomes one again when the quote is closed.

use csv_core::ReadRecordResult;

use super::quotes::Quotes;
use super::{ADDED, Record};
use crate::{COLUMNS_MAX, formula};

/// Most lines of a field in quotes among those that were taken in. Each line is looked at as the first one of such a
/// field, so this bounds the work.
const LINES_MAX: usize = 100;

/// What a quote took in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Torn {
    /// The line in which the quote opens, with what stands of the record before it, and then one record at a time.
    /// Nothing if it is too much to be taken apart.
    pub(crate) pieces: Vec<Piece>,
}

/// A part of it.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// As it stands, with the line breaks behind it.
    pub(crate) text: String,
    /// The record that it would be by itself.
    pub(crate) record: Record,
}

impl Torn {
    /// Takes apart what stands from this line on, with a quote that opens in line `opened`.
    pub(super) fn of(bytes: &[u8], first: u64, opened: u64, delimiter: u8) -> Self {
        let end = bytes.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
        let lines = lines(bytes.get(..end).unwrap_or_default());
        let mut pieces = Vec::new();
        let (mut at, mut line) = (0, first);
        let mut count = usize::try_from(opened.saturating_sub(first)).unwrap_or(usize::MAX).saturating_add(1);
        while at < lines.len() {
            // Blank lines belong to what stands before them.
            let mut end = at.saturating_add(count).min(lines.len());
            while lines.get(end).is_some_and(|line| line.iter().all(|byte| matches!(byte, b'\n' | b'\r'))) {
                end += 1;
            }
            let text = lines.get(at..end).unwrap_or_default().concat();
            pieces.push(Piece { record: record(&text, line, delimiter), text: String::from_utf8_lossy(&text).into_owned() });
            line += (end - at) as u64;
            at = end;
            let Some(next) = extent(lines.get(at..).unwrap_or_default(), delimiter) else { return Self::default() };
            count = next;
        }
        Self { pieces }
    }

    /// How many bytes of what follows are the rest of the last record that the quote took in. Its own quote ended the field
    /// by opening, so that it was cut off where its line ends.
    pub(super) fn rest(&self, ahead: &[u8], is_all: bool, delimiter: u8) -> usize {
        let Some(last) = self.pieces.get(1..).and_then(<[Piece]>::last) else { return 0 };
        let start = format!("{}\n", last.text.trim_end_matches(['\n', '\r']));
        let mut quotes = Quotes::new(delimiter);
        quotes.pass(start.as_bytes(), 1);
        if !quotes.is_open() || quotes.torn().is_some_and(|(first, _)| first > 1) {
            return 0;
        }
        let mut taken = 0;
        let skipped = ahead.iter().take_while(|byte| **byte == b'\n').count().min(1);
        for (at, line) in lines(ahead).into_iter().take(LINES_MAX).enumerate() {
            taken += line.len();
            if taken == skipped {
                continue;
            }
            quotes.pass(line, at as u64 + 2);
            if !quotes.is_open() {
                let is_whole = line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) || is_all;
                return if is_whole && quotes.torn().is_none() { taken } else { 0 };
            }
        }
        0
    }

    /// The same without the cells that a file of rejects has beside a record's own, and as it was before they were
    /// written there.
    pub(super) fn without_added(mut self, header: &[String], delimiter: u8) -> Self {
        let is_added = |names: Option<&[String]>| names.is_some_and(|names| names == ADDED);
        let delimiter = char::from(delimiter);
        let in_front = is_added(header.get(..ADDED.len()));
        let behind = is_added(header.len().checked_sub(ADDED.len()).and_then(|from| header.get(from..)));
        for piece in &mut self.pieces {
            piece.record.is_escaped = true;
            let text = piece.text.trim_end_matches(['\n', '\r']);
            let breaks = piece.text.get(text.len()..).unwrap_or_default();
            let own = if in_front {
                text.splitn(ADDED.len() + 1, delimiter).nth(ADDED.len())
            } else {
                text.rsplitn(ADDED.len() + 1, delimiter).nth(ADDED.len()).filter(|_| behind)
            };
            piece.text = format!("{}{breaks}", formula::unescaped_line(own.unwrap_or(text), delimiter));
        }
        self
    }

    /// The texts as they stand.
    pub(super) fn original(&self) -> Vec<String> {
        self.pieces.iter().map(|piece| piece.text.clone()).collect()
    }
}

/// What a file of rejects has for the lines of a record in which a quote is not closed, which begins in line `first`:
/// the line and the text of each, which no spreadsheet takes for a formula. `None` if something in it could not be
/// told from a formula without being changed.
pub fn mendable(original: &[String], first: u64, delimiter: char) -> Option<Vec<(u64, String)>> {
    let mut line = first;
    let mut found = Vec::new();
    for text in original {
        found.push((line, formula::escaped_line(text.trim_end_matches(['\n', '\r']), delimiter)?));
        line = super::count_breaks(text.as_bytes(), line, false).0;
    }
    (!found.is_empty()).then_some(found)
}

/// A cell beside such a line: whatever is said, no quote is in it that could end the one that is open, and no divider.
pub fn plain_cell(said: &str, delimiter: char) -> String {
    let said = said.replace(['\n', '\r'], " ").replace(['"', '“', '”'], "'");
    formula::escaped(&said.replace(delimiter, if delimiter == ';' { ":" } else { "" })).into_owned()
}

/// Why a line stands in a file of rejects that a quote before it took in.
pub fn behind_quote(first: u64) -> String {
    format!("stands behind the quote of line {first} that is not closed")
}

/// The lines of a text, each with its break.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let end = end.map_or(rest.len(), |at| at + if rest.get(at..at + 2) == Some(b"\r\n") { 2 } else { 1 });
        let (line, behind) = rest.split_at(end);
        lines.push(line);
        rest = behind;
    }
    lines
}

/// How many of these lines are the first record: several, if a field in quotes ends as it should; `None` if that
/// would be too many.
fn extent(lines: &[&[u8]], delimiter: u8) -> Option<usize> {
    let mut quotes = Quotes::new(delimiter);
    for (at, line) in lines.iter().enumerate() {
        if at >= LINES_MAX {
            return None;
        }
        quotes.pass(line, at as u64 + 1);
        if !quotes.is_open() {
            return Some(if quotes.torn().is_some() { 1 } else { at + 1 });
        }
    }
    Some(1)
}

fn record(bytes: &[u8], line: u64, delimiter: u8) -> Record {
    let mut core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let (mut text, mut ends) = (vec![0; bytes.len() + 1], vec![0; COLUMNS_MAX.min(bytes.len() + 1) + 1]);
    let (mut used, mut fields, mut rest) = (0, 0, bytes);
    loop {
        let (out, out_ends) = (text.get_mut(used..).unwrap_or_default(), ends.get_mut(fields..).unwrap_or_default());
        let (result, taken, written, ended) = core.read_record(rest, out, out_ends);
        (used, fields) = (used + written, fields + ended);
        rest = rest.get(taken..).unwrap_or_default();
        if !matches!(result, ReadRecordResult::InputEmpty) {
            break;
        }
    }
    text.truncate(used);
    ends.truncate(fields);
    ends.shrink_to_fit();
    Record { line, text, ends, ..Record::default() }
}
