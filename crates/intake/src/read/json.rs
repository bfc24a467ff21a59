//! One JSON object on each line. A column is a member, or the way to one: `owner.name`.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io::{self, BufRead as _};

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Flaw, Kind, Record, Source};
use crate::RECORD_BYTES_MAX;

/// Most members on the way to a value; what lies deeper is not found. Each object on the way is read
/// once for all columns in it.
const DEPTH_MAX: usize = 32;

/// Reads one file.
pub(super) struct Json {
    columns: usize,
    tree: Node,
}

/// The columns below a member.
#[derive(Default)]
struct Node {
    /// The column that it is itself.
    column: Option<usize>,
    members: HashMap<String, Node>,
}

impl Json {
    pub(super) fn new(columns: &[String]) -> Self {
        let mut tree = Node::default();
        for (place, name) in columns.iter().enumerate().filter(|(_, name)| name.split('.').count() <= DEPTH_MAX) {
            let mut node = &mut tree;
            for member in name.split('.') {
                node = node.members.entry(member.to_owned()).or_default();
            }
            node.column = Some(place);
        }
        Self { columns: columns.len(), tree }
    }

    /// The next record.
    pub(super) fn next(&mut self, source: &mut Source) -> io::Result<Option<Record>> {
        loop {
            source.skip_breaks()?;
            let (line, offset) = (source.breaks + 1, source.position);
            let Some((bytes, too_long)) = line_of(source)? else { return Ok(None) };
            if bytes.iter().all(u8::is_ascii_whitespace) && !too_long {
                continue;
            }
            let mut record =
                Record { line, offset, raw: Some(String::from_utf8_lossy(&bytes).into_owned()), ..Record::default() };
            if too_long {
                record.raw = Some(String::new());
                record.flaw = Some(Flaw::TooLong);
            } else if let Err(why) = self.fill(&bytes, &mut record) {
                record.flaw = Some(Flaw::NotJson(why));
            } else {
                record.flaw = record.long_field();
            }
            return Ok(Some(record));
        }
    }

    fn fill(&self, bytes: &[u8], record: &mut Record) -> Result<(), String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
        let mut values = vec![None; self.columns];
        read(text, &self.tree, &mut values).map_err(|error| {
            let (said, column) = (error.to_string(), error.column());
            // Its line is the file's, and told already.
            let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
            format!("is no JSON object: {said}, at its byte {column}")
        })?;
        for value in values {
            let (kind, value) = value.unwrap_or_default();
            record.text.extend_from_slice(value.as_bytes());
            record.ends.push(record.text.len());
            record.kinds.push(kind);
        }
        Ok(())
    }
}

/// A line without its break; whether it was longer than a record may be. No JSON value has a bare
/// line break in it, whichever of the two it is.
fn line_of(source: &mut Source) -> io::Result<Option<(Vec<u8>, bool)>> {
    let (mut line, mut too_long, mut any) = (Vec::new(), false, false);
    loop {
        let buffer = source.file.fill_buf()?;
        if buffer.is_empty() {
            return Ok(any.then_some((line, too_long)));
        }
        any = true;
        let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        if line.len() + part.len() > RECORD_BYTES_MAX {
            too_long = true;
            line.clear();
        } else if !too_long {
            line.extend_from_slice(part);
        }
        let taken = part.len() + usize::from(end.is_some());
        source.consume(taken)?;
        if end.is_some() {
            return Ok(Some((line, too_long)));
        }
    }
}

/// Finds the values of columns in an object; one that is missing, null, or behind something that is no
/// object stays `None`.
fn read(text: &str, node: &Node, values: &mut [Option<(Kind, String)>]) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = Members(node).deserialize(&mut deserializer)?;
    deserializer.end()?;
    for (node, value) in found {
        let value = value.get();
        if let Some(slot) = node.column.and_then(|column| values.get_mut(column)) {
            *slot = text_of(value);
        }
        if !node.members.is_empty() && value.starts_with('{') {
            read(value, node, values)?;
        }
    }
    Ok(())
}

/// What a value is, and its text, so that figures keep every digit.
fn text_of(value: &str) -> Option<(Kind, String)> {
    let as_it_stands = |kind| Some((kind, value.to_owned()));
    match value.as_bytes().first() {
        // What is no text though it is in quotes has half of a character in it: `\ud800`.
        Some(b'"') => Some(serde_json::from_str(value).map_or((Kind::Torn, String::new()), |text| (Kind::Text, text))),
        Some(b'n') => None,
        Some(b't' | b'f') => as_it_stands(Kind::Bool),
        Some(b'[') => as_it_stands(Kind::List),
        Some(b'{') => as_it_stands(Kind::Object),
        _ => as_it_stands(Kind::Number),
    }
}

/// Takes the members of an object that columns ask for, as they stand.
struct Members<'n>(&'n Node);

impl<'de, 'n> DeserializeSeed<'de> for Members<'n> {
    type Value = Vec<(&'n Node, &'de RawValue)>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, 'n> Visitor<'de> for Members<'n> {
    type Value = Vec<(&'n Node, &'de RawValue)>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut found, mut names) = (Vec::new(), HashSet::new());
        while let Some(name) = map.next_key::<String>()? {
            match self.0.members.get(&name) {
                Some(node) => found.push((node, map.next_value()?)),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            if !names.insert(name) {
                return Err(A::Error::custom("a member is repeated"));
            }
        }
        Ok(found)
    }
}
