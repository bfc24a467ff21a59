//! One JSON object on each line. A column is a member, or the way to one: `owner.name`.

use std::fmt;
use std::io::{self, BufRead as _};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Flaw, Record, Source};
use crate::RECORD_BYTES_MAX;

/// Reads one file.
pub(super) struct Json {
    columns: Vec<Vec<String>>,
}

impl Json {
    pub(super) fn new(columns: &[String]) -> Self {
        Self { columns: columns.iter().map(|name| name.split('.').map(str::to_owned).collect()).collect() }
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
            }
            return Ok(Some(record));
        }
    }

    fn fill(&self, bytes: &[u8], record: &mut Record) -> Result<(), String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
        let members: Members<'_> = serde_json::from_str(text).map_err(|error| format!("is no JSON object: {error}"))?;
        for path in &self.columns {
            if let Some(value) = value_at(&members, path) {
                record.text.extend_from_slice(value.as_bytes());
            }
            record.ends.push(record.text.len());
        }
        Ok(())
    }
}

/// A line without its break; whether it was longer than a record may be.
fn line_of(source: &mut Source) -> io::Result<Option<(Vec<u8>, bool)>> {
    let (mut line, mut too_long, mut any) = (Vec::new(), false, false);
    loop {
        let buffer = source.file.fill_buf()?;
        if buffer.is_empty() {
            return Ok(any.then_some((line, too_long)));
        }
        any = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
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

/// The members of an object as they stand, so that figures keep every digit.
struct Members<'j>(Vec<(String, &'j RawValue)>);

impl<'de: 'j, 'j> Deserialize<'de> for Members<'j> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(String, &'de RawValue)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom("a member is repeated"));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// The text of a value; `None` if it is missing, null, or behind something that is no object.
fn value_at(members: &Members<'_>, path: &[String]) -> Option<String> {
    let (first, rest) = path.split_first()?;
    let value = members.0.iter().find(|(name, _)| name == first)?.1.get();
    if !rest.is_empty() {
        let inner: Members<'_> = serde_json::from_str(value).ok()?;
        return value_at(&inner, rest);
    }
    match value.as_bytes().first() {
        Some(b'"') => serde_json::from_str(value).ok(),
        Some(b'n') => None,
        _ => Some(value.to_owned()),
    }
}
