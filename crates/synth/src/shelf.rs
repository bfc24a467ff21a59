//! Where finished records go: a line for each, kind by kind, put into the order of ids at the end.
//!
//! Lines are written by the one serializer, exactly as an export writes them.

use clinicos_clinic::standing::{LEFT_OUT, Standing};
use clinicos_contract::{CategorySet, Schema, View, Writer};

/// The lines of one kind.
#[derive(Debug)]
struct Lines {
    /// What the kind is called: `clients`.
    resource: &'static str,
    schema: &'static Schema,
    view: View,
    pages: Vec<Vec<u8>>,
    places: Vec<Line>,
}

/// Bytes of a page. Pages do not grow: what is large would be copied each time that it does.
const PAGE_BYTES: usize = 1 << 20;
/// Room for a line, in bytes.
const LINE_BYTES: usize = 2 << 10;

/// Where a line is. Lines are in the order of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    id: [u8; 16],
    page: usize,
    begin: usize,
    end: usize,
}

impl Lines {
    fn of(kind: &'static dyn clinicos_clinic::standing::AnyStanding) -> Self {
        let schema = kind.schema();
        let held: Vec<&str> = schema.fields.iter().map(|field| field.name).filter(|name| *name != LEFT_OUT).collect();
        let view = View::new(schema, CategorySet::ALL, Some(&held));
        Self { resource: kind.name(), schema, view, pages: Vec::new(), places: Vec::new() }
    }

    fn push(&mut self, id: [u8; 16], line: &[u8]) {
        let fits = |page: &Vec<u8>| page.len() + line.len() <= page.capacity();
        if !self.pages.last().is_some_and(fits) {
            self.pages.push(Vec::with_capacity(PAGE_BYTES.max(line.len())));
        }
        let page = self.pages.len() - 1;
        let bytes = &mut self.pages[page];
        let begin = bytes.len();
        bytes.extend_from_slice(line);
        self.places.push(Line { id, page, begin, end: bytes.len() });
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
        let mut writer = Writer::with_capacity(LINE_BYTES);
        writer.record(record, &lines.view);
        writer.raw("\n");
        lines.push(record.record_id().bytes, &writer.finish().bytes);
    }

    /// Every kind in the order in which records name one another, each with its lines in the order of ids.
    pub fn finish(self) -> impl Iterator<Item = Sorted> {
        self.kinds.into_iter().map(|mut lines| {
            lines.places.sort_unstable();
            Sorted { resource: lines.resource, schema: lines.schema, pages: lines.pages, places: lines.places }
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
    pages: Vec<Vec<u8>>,
    places: Vec<Line>,
}

impl Sorted {
    /// How many.
    pub fn records(&self) -> u64 {
        self.places.len() as u64
    }

    /// They, each with its end of line.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.places.iter().map(|line| &self.pages[line.page][line.begin..line.end])
    }
}
