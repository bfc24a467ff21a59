//! Where finished records go: a line for each, kind by kind, put into the order of ids at the end.
//!
//! Lines are written by the one serializer, exactly as an export writes them.

use clinicos_clinic::standing::{LEFT_OUT, Standing};
use clinicos_contract::{CategorySet, Schema, View, Writer};

/// The lines of one kind.
#[derive(Debug)]
pub struct Lines {
    /// What the kind is called: `clients`.
    pub resource: &'static str,
    /// Its fields.
    pub schema: &'static Schema,
    view: View,
    writer: Writer,
    /// Id, beginning and end of each line.
    places: Vec<([u8; 16], usize, usize)>,
}

impl Lines {
    fn of(kind: &'static dyn clinicos_clinic::standing::AnyStanding) -> Self {
        let schema = kind.schema();
        let held: Vec<&str> = schema.fields.iter().map(|field| field.name).filter(|name| *name != LEFT_OUT).collect();
        let view = View::new(schema, CategorySet::ALL, Some(&held));
        Self { resource: kind.name(), schema, view, writer: Writer::default(), places: Vec::new() }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

/// The lines of every kind.
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
        let Some(lines) =
            self.kinds.iter_mut().find(|lines| std::ptr::eq(lines.schema, R::SCHEMA) || lines.resource == R::LIST.table)
        else {
            return;
        };
        let begin = lines.writer.len();
        lines.writer.record(record, &lines.view);
        lines.writer.raw("\n");
        lines.places.push((record.record_id().bytes, begin, lines.writer.len()));
    }

    /// Every kind in the order in which records name one another, each with its lines in the order of ids.
    pub fn finish(self) -> impl Iterator<Item = Sorted> {
        self.kinds.into_iter().map(|mut lines| {
            lines.places.sort_unstable();
            Sorted { resource: lines.resource, schema: lines.schema, bytes: lines.writer.finish().bytes, places: lines.places }
        })
    }
}

/// The lines of one kind, in the order of ids.
#[derive(Debug)]
pub struct Sorted {
    /// What the kind is called.
    pub resource: &'static str,
    /// Its fields.
    pub schema: &'static Schema,
    bytes: Vec<u8>,
    places: Vec<([u8; 16], usize, usize)>,
}

impl Sorted {
    /// How many.
    pub fn records(&self) -> u64 {
        self.places.len() as u64
    }

    /// They, each with its end of line.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.places.iter().map(|(_, begin, end)| &self.bytes[*begin..*end])
    }
}
