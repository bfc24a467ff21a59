//! Comma-separated values (RFC 4180, read leniently), with bounded records.

use std::io;

use csv_core::ReadRecordResult;

use super::quotes::Quotes;
use super::torn::Torn;
use super::{Flaw, Record, Source};
use crate::{COLUMNS_MAX, FIELD_LINES_MAX, RECORD_BYTES_MAX};

const TEXT_BYTES_FIRST: usize = 512;
const ENDS_FIRST: usize = 32;

/// Reads one file.
pub(super) struct Csv {
    core: csv_core::Reader,
    delimiter: u8,
    /// Takes what a record has beyond its limit.
    spill: Vec<u8>,
    spilled_ends: Vec<usize>,
    text_bytes: usize,
    ends: usize,
}

impl Csv {
    pub(super) fn new(delimiter: u8) -> Self {
        let core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        Self {
            core,
            delimiter,
            spill: vec![0; 4_096],
            spilled_ends: vec![0; 256],
            text_bytes: TEXT_BYTES_FIRST,
            ends: ENDS_FIRST,
        }
    }

    /// What divides the columns.
    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Forgets what was read, because something else comes next.
    pub(super) fn start_over(&mut self) {
        self.core.reset();
    }

    /// The next record, which should have so many fields.
    pub(super) fn next(&mut self, source: &mut Source, fields: usize) -> io::Result<Option<Record>> {
        use std::io::BufRead as _;
        source.skip_breaks()?;
        let (line, offset) = (source.breaks + 1, source.position);
        let mut quotes = Quotes::new(self.delimiter);
        let (mut text, mut ends) = (vec![0; self.text_bytes], vec![0; self.ends]);
        let (mut text_used, mut ends_used, mut ends_spilled, mut too_long) = (0, 0, 0, false);
        loop {
            let spills = text_used >= RECORD_BYTES_MAX;
            let spills_ends = ends_used >= COLUMNS_MAX;
            let input = source.file.fill_buf()?;
            let out = if spills { self.spill.as_mut_slice() } else { text.get_mut(text_used..).unwrap_or_default() };
            let out_ends =
                if spills_ends { self.spilled_ends.as_mut_slice() } else { ends.get_mut(ends_used..).unwrap_or_default() };
            let (result, taken, written, ended) = self.core.read_record(input, out, out_ends);
            quotes.pass(input.get(..taken).unwrap_or_default(), source.breaks + 1);
            source.consume(taken)?;
            if spills {
                too_long |= written > 0
            } else {
                text_used += written
            }
            if spills_ends {
                ends_spilled += ended
            } else {
                ends_used += ended
            }
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => grow(&mut text, RECORD_BYTES_MAX),
                ReadRecordResult::OutputEndsFull => grow(&mut ends, COLUMNS_MAX),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
            }
        }
        text.truncate(text_used);
        ends.truncate(ends_used);
        // The next record is likely to be as large.
        self.text_bytes = (text_used + text_used / 4).max(TEXT_BYTES_FIRST);
        self.ends = (ends_used + 1).max(ENDS_FIRST);
        let found = ends_used + ends_spilled;
        let mut record = Record { line, offset, quoted: quotes.longest(), text, ends, ..Record::default() };
        let is_too_long = too_long || ends_spilled > 0;
        let lines = record.quoted.map_or(0, |(first, last)| last - first + 1);
        let field = record.longest_field();
        record.flaw = match quotes.torn().or(record.quoted) {
            // Of a record that is none, the quote is the reason and not what stands behind it.
            Some((line, end)) if quotes.torn().is_some() || is_too_long || lines > FIELD_LINES_MAX => {
                Some(Flaw::OpenQuote { line, end, field })
            }
            _ if quotes.is_open() => Some(Flaw::OpenQuote { line, end: line, field: found.saturating_sub(1) }),
            _ if let Some((line, field)) = quotes.swallowed() => Some(Flaw::OpenQuote { line, end: line, field }),
            _ if fields == usize::MAX && ends_spilled > 0 => Some(Flaw::TooWide { fields: found }),
            _ if is_too_long => Some(Flaw::TooLong),
            _ => {
                let ragged = (fields != usize::MAX && found != fields).then_some(Flaw::Ragged { fields: found });
                record.long_field().or(ragged)
            }
        };
        if let Some(Flaw::OpenQuote { line: opened, .. }) = record.flaw {
            record.torn = Some(Box::new(self.torn(source, offset, (line, opened))?));
        }
        Ok(Some(record))
    }

    /// What a quote took in that opens in line `opened` of the record which began here; the rest of its last record
    /// is taken as well.
    fn torn(&self, source: &mut Source, offset: u64, (line, opened): (u64, u64)) -> io::Result<Torn> {
        let mut torn = Torn::default();
        for _ in 0..2 {
            let Some(bytes) = source.since(offset)? else { return Ok(Torn::default()) };
            torn = Torn::of(&bytes, line, opened, self.delimiter);
            let (ahead, is_all) = source.ahead()?;
            let rest = torn.rest(&ahead, is_all, self.delimiter);
            if rest == 0 {
                break;
            }
            source.pass(rest)?;
        }
        Ok(torn)
    }
}

fn grow<T: Clone + Default>(list: &mut Vec<T>, most: usize) {
    let wanted = list.len().saturating_mul(2).min(most);
    list.resize(wanted, T::default());
}
