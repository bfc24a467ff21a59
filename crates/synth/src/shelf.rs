//! Where finished records go: a line for each, kind by kind, given away in runs.
//!
//! Lines are written by the one serializer, exactly as an export writes them. A record is finished long after it
//! was made, such as a reminder when its day has come, so a run is in the order of ids and the runs of a kind
//! are not: who takes them merges them.

use clinicos_clinic::standing::{AnyStanding, LEFT_OUT, Standing};
use clinicos_contract::{CategorySet, Schema, View, Writer};

/// Bytes of lines after which a run is given away.
const RUN_BYTES: usize = 1 << 20;
/// Room for a line, in bytes.
const LINE_BYTES: usize = 2 << 10;

/// A kind of record.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What the kind is called: `clients`.
    pub resource: &'static str,
    /// Its fields.
    pub schema: &'static Schema,
}

/// Every kind, in the order in which records name one another.
pub fn kinds() -> impl Iterator<Item = Kind> {
    clinicos_clinic::record().map(|kind| Kind { resource: kind.name(), schema: kind.schema() })
}

/// The lines of one kind that nobody has taken yet.
#[derive(Debug)]
struct Lines {
    of: Kind,
    view: View,
    bytes: Vec<u8>,
    places: Vec<Line>,
}

/// Where a line is. Lines are in the order of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    id: [u8; 16],
    begin: usize,
    end: usize,
}

impl Lines {
    fn of(kind: &'static dyn AnyStanding) -> Self {
        let of = Kind { resource: kind.name(), schema: kind.schema() };
        let held: Vec<&str> = of.schema.fields.iter().map(|field| field.name).filter(|name| *name != LEFT_OUT).collect();
        let view = View::new(of.schema, CategorySet::ALL, Some(&held));
        Self { of, view, bytes: Vec::new(), places: Vec::new() }
    }

    fn push(&mut self, id: [u8; 16], line: &[u8]) {
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(line);
        self.places.push(Line { id, begin, end: self.bytes.len() });
    }
}

/// The lines of every kind that nobody has taken yet.
#[derive(Debug)]
pub struct Shelf {
    kinds: Vec<Lines>,
}

impl Default for Shelf {
    fn default() -> Self {
        Self { kinds: clinicos_clinic::record().map(Lines::of).collect() }
    }
}

impl Shelf {
    /// Puts a finished record.
    pub fn put<R: Standing>(&mut self, record: &R) {
        let is_its = |lines: &&mut Lines| std::ptr::eq(lines.of.schema, R::SCHEMA) || lines.of.resource == R::LIST.table;
        let Some(lines) = self.kinds.iter_mut().find(is_its) else { return };
        let mut writer = Writer::with_capacity(LINE_BYTES);
        writer.record(record, &lines.view);
        writer.raw("\n");
        lines.push(record.record_id().bytes, &writer.finish().bytes);
    }

    /// Takes the lines of a kind that has enough of them.
    pub fn take_full(&mut self) -> Option<Run> {
        self.take(RUN_BYTES)
    }

    /// Takes the lines of a kind that has any.
    pub fn take_any(&mut self) -> Option<Run> {
        self.take(1)
    }

    fn take(&mut self, bytes: usize) -> Option<Run> {
        let kind = self.kinds.iter().position(|lines| lines.bytes.len() >= bytes)?;
        let lines = self.kinds.get_mut(kind)?;
        let mut places = std::mem::take(&mut lines.places);
        places.sort_unstable();
        Some(Run { kind, bytes: std::mem::take(&mut lines.bytes), places })
    }
}

/// Some lines of one kind, in the order of ids.
#[derive(Debug)]
pub struct Run {
    /// The place of the kind in [`kinds`].
    pub kind: usize,
    bytes: Vec<u8>,
    places: Vec<Line>,
}

impl Run {
    /// They, each with its record's id and its end of line.
    pub fn lines(&self) -> impl Iterator<Item = ([u8; 16], &[u8])> {
        self.places.iter().map(|line| (line.id, &self.bytes[line.begin..line.end]))
    }
}
