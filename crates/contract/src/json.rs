//! Reads JSON strictly: one value, no repeated member, no deeper than needed.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Deepest nesting of a body.
pub const DEPTH_MAX: usize = 24;

/// Reads one JSON value. The error says what is wrong and where.
pub fn parse(bytes: &[u8]) -> Result<Value, String> {
    if std::str::from_utf8(bytes).is_err() {
        return Err("the body is not valid UTF-8".to_owned());
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }.deserialize(&mut reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(value)
}

/// A value below `depth` others.
struct Strict {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
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
        let depth = deeper::<A::Error>(self.depth)?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Strict { depth })? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let depth = deeper::<A::Error>(self.depth)?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(Strict { depth })?;
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the member `{}` is repeated", shorten(&name))));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

fn deeper<E: serde::de::Error>(depth: usize) -> Result<usize, E> {
    if depth >= DEPTH_MAX {
        return Err(E::custom(format_args!("nested deeper than {DEPTH_MAX} levels")));
    }
    Ok(depth + 1)
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
    use super::parse;

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
            let error = parse(body).unwrap_err();
            assert!(error.contains(expected), "{error} for {}", String::from_utf8_lossy(body));
        }
    }
}
