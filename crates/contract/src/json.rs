//! Reads JSON strictly: one value, no repeated member, no deeper than needed.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::problem::FieldError;

/// Deepest nesting of a body.
pub const DEPTH_MAX: usize = 24;

/// What some editors put in front of a text.
const BOM: &[u8] = &[0xEF, 0xBB, 0xBF];
/// What is no JSON.
const SYNTAX: &str = "syntax";

/// Why a text is not one acceptable JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// What is wrong, with line and column or the byte.
    pub detail: String,
    /// Where it is: the innermost value that could be read up to there.
    pub place: FieldError,
}

impl Broken {
    fn new(at: String, code: &'static str, detail: String) -> Self {
        Self { place: FieldError::new(at, code, detail.clone()), detail }
    }
}

/// Reads one JSON value. The error says what is wrong and where.
pub fn parse(bytes: &[u8]) -> Result<Value, Broken> {
    if let Err(error) = std::str::from_utf8(bytes) {
        let at = error.valid_up_to();
        let line = bytes.iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        return Err(Broken::new(
            String::new(),
            "encoding",
            format!("the body is not valid UTF-8 from its byte {at} on, in line {line}"),
        ));
    }
    if bytes.starts_with(BOM) {
        let detail = "the body begins with a byte order mark (EF BB BF), which is no part of JSON: send it without";
        return Err(Broken::new(String::new(), "byte_order_mark", detail.to_owned()));
    }
    let place = Cell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Strict { at: Place::Top, depth: 0, broken_at: &place }.deserialize(&mut reader);
    let value = read.map_err(|error| match place.take() {
        Some(place) if place.code == SYNTAX => Broken::new(place.pointer, code(&error), said(&error)),
        Some(place) => Broken { detail: error.to_string(), place },
        None => Broken::new(String::new(), code(&error), said(&error)),
    })?;
    reader.end().map_err(|error| Broken::new(String::new(), SYNTAX, error.to_string()))?;
    Ok(value)
}

/// Whether a text holds half of a character. The reader names it so, and has no kind for it.
fn is_half(error: &serde_json::Error) -> bool {
    let text = error.to_string();
    ["lone leading surrogate", "unexpected end of hex escape"].iter().any(|words| text.starts_with(words))
}

fn code(error: &serde_json::Error) -> &'static str {
    if is_half(error) { "half_character" } else { SYNTAX }
}

fn said(error: &serde_json::Error) -> String {
    if !is_half(error) {
        return error.to_string();
    }
    format!(
        "a text has half of a character: an escape from `\\ud800` to `\\udfff` stands only in pairs, a first half and a second one, \
         at line {} column {}",
        error.line(),
        error.column()
    )
}

/// Where a value stands: a chain from it to the top.
#[derive(Clone, Copy)]
enum Place<'p> {
    Top,
    Member(&'p Place<'p>, &'p str),
    Item(&'p Place<'p>, usize),
}

impl Place<'_> {
    /// The JSON pointer (RFC 6901).
    fn pointer(&self) -> String {
        match self {
            Self::Top => String::new(),
            Self::Member(parent, name) => format!("{}/{}", parent.pointer(), escape(name)),
            Self::Item(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }
}

/// A value below `depth` others.
struct Strict<'p> {
    at: Place<'p>,
    depth: usize,
    broken_at: &'p Cell<Option<FieldError>>,
}

impl Strict<'_> {
    /// What is wrong at this place. The reader's own error has no room for a pointer.
    fn broken<E: serde::de::Error>(&self, at: &Place<'_>, code: &'static str, detail: &str) -> E {
        self.broken_at.set(Some(FieldError::new(at.pointer(), code, detail)));
        E::custom(detail)
    }

    fn deeper<E: serde::de::Error>(&self) -> Result<usize, E> {
        if self.depth >= DEPTH_MAX {
            return Err(self.broken(&self.at, "too_deep", &format!("nested deeper than {DEPTH_MAX} levels")));
        }
        Ok(self.depth + 1)
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let (at, broken_at) = (self.at, self.broken_at);
        deserializer.deserialize_any(self).inspect_err(|_| {
            // The innermost one comes first.
            let known = broken_at.take().unwrap_or_else(|| FieldError::new(at.pointer(), SYNTAX, ""));
            broken_at.set(Some(known));
        })
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is out of range"))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut list = Vec::new();
        loop {
            let at = Place::Item(&self.at, list.len());
            let Some(item) = items.next_element_seed(Strict { at, depth, broken_at: self.broken_at })? else {
                return Ok(Value::Array(list));
            };
            list.push(item);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let at = Place::Member(&self.at, &name);
            if object.contains_key(&name) {
                return Err(self.broken(&at, "repeated", &format!("the member `{}` is repeated", shorten(&name))));
            }
            let value = members.next_value_seed(Strict { at, depth, broken_at: self.broken_at })?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

/// Escapes a member's name for a JSON pointer (RFC 6901), and shortens it.
pub(crate) fn escape(name: &str) -> String {
    shorten(name).replace('~', "~0").replace('/', "~1")
}

/// At most 60 characters of a caller's text, without control characters, for a message.
pub fn shorten(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::{DEPTH_MAX, parse};

    #[test]
    fn reads_what_is_json() {
        let value = parse(br#" {"a":[1,-2,3.5,true,null,"\u00e9"],"b":{}} "#).unwrap();
        assert_eq!(value, serde_json::json!({"a": [1, -2, 3.5, true, null, "é"], "b": {}}));
    }

    #[test]
    fn says_what_is_wrong() {
        let deep = "[".repeat(25) + &"]".repeat(25);
        let cases: [(&[u8], &str); 7] = [
            (br#"{"a":1,"a":2}"#, "`a` is repeated"),
            (b"{\"a\":\xff}", "UTF-8"),
            (b"", "EOF"),
            (b"{} {}", "trailing"),
            (b"{\"a\":1e999}", "out of range"),
            (b"{'a':1}", "line 1 column 2"),
            (deep.as_bytes(), "nested deeper"),
        ];
        for (body, expected) in cases {
            let error = parse(body).unwrap_err().detail;
            assert!(error.contains(expected), "{error} for {}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn points_at_what_is_repeated_or_too_deep() {
        let pointer = |body: &str| {
            let place = parse(body.as_bytes()).unwrap_err().place;
            (place.pointer, place.code)
        };
        assert_eq!(pointer(r#"{"a":1,"a":2}"#), ("/a".to_owned(), "repeated"));
        assert_eq!(pointer(r#"{"a":[{},{"b/c":{"d~":1,"d~":{}}}]}"#), ("/a/1/b~1c/d~0".to_owned(), "repeated"));
        assert_eq!(pointer(r#"{"a":1,"\u0061":2}"#), ("/a".to_owned(), "repeated"));
        let deep = "[".repeat(10_000);
        assert_eq!(pointer(&deep), ("/0".repeat(DEPTH_MAX), "too_deep"));
        assert_eq!(pointer("{\"a\":1e400}"), ("/a".to_owned(), "syntax"));
    }

    /// Whatever is wrong, it is told where.
    #[test]
    fn what_is_no_json_has_a_place() {
        for (body, pointer, code, says) in [
            (&b"{\"a\":[1,{\"b\":}]}"[..], "/a/1/b", "syntax", "line 1 column 14"),
            (b"{\"a\":[1,\n{\"b\" 2}]}", "/a/1", "syntax", "line 2 column 6"),
            (b"{\"a\":\"\\ud800\"}", "/a", "half_character", "half of a character"),
            (b"{\"a\":\"x\\udc00\"}", "/a", "half_character", "line 1 column"),
            (b"{\"a\":\"\\ud800\\u0041\"}", "/a", "half_character", "stands only in pairs"),
            (b"\xef\xbb\xbf{}", "", "byte_order_mark", "begins with a byte order mark"),
            (b"", "", "syntax", "line 1 column 0"),
            (b"{} {}", "", "syntax", "line 1 column 4"),
            (b"{\"a\":\n\"x\xff\"}", "", "encoding", "from its byte 8 on, in line 2"),
        ] {
            let broken = parse(body).unwrap_err();
            assert_eq!((broken.place.pointer.as_str(), broken.place.code), (pointer, code), "{broken:?}");
            assert!(broken.place.detail.contains(says) && broken.detail == broken.place.detail, "{broken:?}");
        }
    }
}
