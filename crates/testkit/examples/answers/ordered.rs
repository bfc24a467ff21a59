//! JSON whose members keep the order in which they were sent.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// What fits on a line stays on it.
const LINE_CHARS_MAX: usize = 96;

/// A value.
pub enum Ordered {
    Leaf(Value),
    List(Vec<Ordered>),
    Object(Vec<(String, Ordered)>),
}

impl Ordered {
    /// Puts another text in place of each.
    pub fn each_text(&mut self, change: &mut impl FnMut(&str) -> String) {
        match self {
            Self::Leaf(Value::String(text)) => *text = change(text),
            Self::Leaf(_) => {}
            Self::List(items) => items.iter_mut().for_each(|item| item.each_text(change)),
            Self::Object(members) => {
                for (name, value) in members {
                    match value {
                        // A cursor is sealed: it is another one each time.
                        Self::Leaf(Value::String(text)) if name == "next_cursor" => *text = "…".to_owned(),
                        _ => value.each_text(change),
                    }
                }
            }
        }
    }

    /// As a person reads it.
    pub fn pretty(&self) -> String {
        self.at("")
    }

    fn at(&self, indent: &str) -> String {
        let line = self.line();
        let deeper = format!("{indent}  ");
        let parts: Vec<String> = match self {
            Self::Object(members) if line.len() > LINE_CHARS_MAX || (indent.is_empty() && !members.is_empty()) => {
                members.iter().map(|(name, value)| format!("{}: {}", Value::from(name.as_str()), value.at(&deeper))).collect()
            }
            Self::List(items) if line.len() > LINE_CHARS_MAX => items.iter().map(|item| item.at(&deeper)).collect(),
            Self::Leaf(_) | Self::List(_) | Self::Object(_) => return line,
        };
        let (open, close) = if matches!(self, Self::List(_)) { ('[', ']') } else { ('{', '}') };
        let between = format!(",\n{deeper}");
        format!("{open}\n{deeper}{}\n{indent}{close}", parts.join(&between))
    }

    fn line(&self) -> String {
        match self {
            Self::Leaf(value) => value.to_string(),
            Self::List(items) => format!("[{}]", items.iter().map(Self::line).collect::<Vec<_>>().join(", ")),
            Self::Object(members) => {
                let members = members.iter().map(|(name, value)| format!("{}: {}", Value::from(name.as_str()), value.line()));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Ordered;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Ordered, E> {
        Ok(Ordered::Leaf(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Ordered, E> {
        Ok(Ordered::Leaf(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Ordered, E> {
        Ok(Ordered::Leaf(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Ordered, E> {
        Ok(Ordered::Leaf(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Ordered, E> {
        Ok(Ordered::Leaf(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Ordered, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Ordered::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Ordered, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Ordered::Object(object))
    }
}
