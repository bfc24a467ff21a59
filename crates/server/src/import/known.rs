//! What later files of an import need to know of earlier ones, by the kind of record: owners and pets
//! may have the same keys.

use std::collections::{HashMap, HashSet};

use clinicos_contract::admit::own_name;
use clinicos_contract::{Schema, Shape};
use clinicos_gate::Catalogue;
use clinicos_intake::index::hash;
use clinicos_intake::{ambiguous, may_be_behind, references, was_rejected};
use serde_json::Value;

use super::way::RowError;

/// Keys of refused records that are remembered, so that what names them is held back.
const REFUSED_KEYS_MAX: usize = 1_000_000;
/// Keys that a dry run remembers as about to be there.
const COMING_KEYS_MAX: usize = 10_000_000;

/// What only one record of its kind has: the kind, the member of the row, and what the clinic says of a
/// second one. A batch of a dry run leaves nothing behind in which the next one could find it.
const UNIQUE: [(&str, &str, &str); 2] = [
    ("prd", "/sku", "another product of the clinic has this SKU"),
    ("inv", "/number", "another invoice of the clinic has this number"),
];

/// Hashes of keys, so that memory does not depend on what the files hold.
#[derive(Default)]
pub struct Known {
    /// Where the records stand that were refused: the place of the file's name, the line, and whether it is held back.
    refused: HashMap<u64, (usize, u64, bool)>,
    /// Keys that another record has as well which says something else, and where that one stands.
    doubled: HashMap<u64, (usize, u64)>,
    /// Where records of a kind may stand that nobody could read: the place of the file's name, first and last line.
    blurred: HashMap<String, (usize, (u64, u64))>,
    /// Names of files.
    names: Vec<String>,
    /// Records that a dry run would make.
    coming: HashSet<u64>,
    /// Values that they would take, and no other record could have.
    claimed: HashSet<u64>,
}

impl Known {
    /// A record was refused.
    pub fn refuse(&mut self, prefix: &str, key: &str, file: &str, (line, is_held): (u64, bool)) {
        if self.refused.len() >= REFUSED_KEYS_MAX {
            return;
        }
        let place = self.place(file);
        // Of records with one key the first one is the one that others name.
        self.refused.entry(of(prefix, key)).or_insert((place, line, is_held));
    }

    /// Why a row waits that names this record: where it stands, and that it was refused.
    pub fn refused(&self, prefix: &str, key: &str) -> Option<String> {
        let (place, line, is_held) = self.refused.get(&of(prefix, key))?;
        let name = self.names.get(*place)?;
        Some(if *is_held { format!("line {line} of `{name}` is held back itself") } else { was_rejected(name, *line) })
    }

    /// Records of this kind may stand in these lines, and cannot be read.
    pub fn blur(&mut self, prefix: &str, file: &str, lines: (u64, u64)) {
        let place = self.place(file);
        self.blurred.entry(prefix.to_owned()).or_insert((place, lines));
    }

    /// Why a row waits that names a record of this kind which nobody knows: it may be one of those.
    pub fn blurred(&self, prefix: &str) -> Option<String> {
        let (place, lines) = self.blurred.get(prefix)?;
        Some(may_be_behind(self.names.get(*place)?, *lines))
    }

    fn place(&mut self, file: &str) -> usize {
        self.names.iter().position(|name| name == file).unwrap_or_else(|| {
            self.names.push(file.to_owned());
            self.names.len() - 1
        })
    }

    /// A record was refused because its key is another one's. There are as many as a file may have.
    pub fn double(&mut self, prefix: &str, key: &str, file: &str, line: u64) {
        let place = self.place(file);
        self.doubled.entry(of(prefix, key)).or_insert((place, line));
    }

    /// Where a row names a record by a key which two have, and why it is held back: nobody knows which of them is meant.
    pub fn ambiguous(&self, schema: &'static Schema, row: &[u8]) -> Option<(String, String)> {
        if self.doubled.is_empty() {
            return None;
        }
        references(row).into_iter().find_map(|(pointer, key)| {
            let (place, line) = self.doubled.get(&of(prefix_at(schema, &pointer)?, &key))?;
            let why = ambiguous(*line, self.names.get(*place)?, &key);
            Some((pointer, why))
        })
    }

    /// A dry run would make a record.
    pub fn comes(&mut self, prefix: &str, key: &str) {
        if self.coming.len() < COMING_KEYS_MAX {
            self.coming.insert(of(prefix, key));
        }
    }

    /// Takes the values of a row that no other record may have; what is wrong with it if an earlier batch
    /// of the dry run would have taken one of them.
    pub fn claim(&mut self, prefix: &str, row: &Value) -> Option<RowError> {
        for (of_kind, pointer, detail) in UNIQUE.iter().filter(|(of_kind, ..)| *of_kind == prefix) {
            let Some(value) = row.pointer(pointer).and_then(Value::as_str) else { continue };
            let has_room = self.claimed.len() < COMING_KEYS_MAX;
            if has_room && !self.claimed.insert(of(of_kind, &format!("{pointer}\n{value}"))) {
                let (code, detail) = ("already_exists".to_owned(), (*detail).to_owned());
                return Some(RowError { pointer: (*pointer).to_owned(), code, detail });
            }
        }
        None
    }

    /// Whether a dry run would make it.
    pub fn is_coming(&self, prefix: &str, key: &str) -> bool {
        self.coming.contains(&of(prefix, key))
    }
}

fn of(prefix: &str, key: &str) -> u64 {
    hash(&format!("{prefix}\n{key}"))
}

/// What rows of a resource may hold.
pub fn schema(catalogue: &Catalogue, resource: &str) -> Option<&'static Schema> {
    let body = catalogue.find(&format!("{resource}.import"))?.spec().body?;
    body.schema.fields.iter().find_map(|field| match field.shape {
        Shape::Rows(schema) => Some(schema),
        _ => None,
    })
}

/// What the ids of its records begin with.
pub fn own_prefix(schema: &'static Schema) -> Option<&'static str> {
    match schema.field("id")?.1.shape {
        Shape::Id(prefix) => Some(prefix),
        _ => None,
    }
}

/// What the ids begin with of the records that the member at this place names.
pub fn prefix_at(schema: &'static Schema, pointer: &str) -> Option<&'static str> {
    let mut schema = schema;
    for part in pointer.split('/').skip(1).filter(|part| part.parse::<usize>().is_err()) {
        match schema.field(&own_name(part))?.1.shape {
            Shape::Id(prefix) => return Some(prefix),
            Shape::Object(inner) | Shape::Record(inner) => schema = inner,
            Shape::List(Shape::Object(inner) | Shape::Record(inner)) => schema = inner,
            _ => return None,
        }
    }
    None
}
