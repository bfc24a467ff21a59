//! Which column fills which field, for people who look at a mapping.

use std::collections::BTreeMap;

use super::{Becomes, Fields, Mapping, Member, Piece, Source, Value, What};

/// A field that columns of a file fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The file.
    pub file: String,
    /// What its records become: a resource, or the name of the list that they are parts of.
    pub resource: String,
    /// The file that it belongs to, if it belongs to one.
    pub parent: Option<String>,
    /// The columns; none if the mapping says the value itself.
    pub columns: Vec<String>,
    /// The way to the field, with points: `address.line1`. Empty for what tells records apart.
    pub field: String,
    /// The same as a JSON pointer into the row, with the first of each list: `/phones/0/number`.
    pub pointer: String,
    /// How days and times are written, if the mapping says it.
    pub format: Option<String>,
    /// Words and what they become, if the mapping says it.
    pub map: Option<BTreeMap<String, String>>,
    /// What any other word becomes.
    pub otherwise: Option<String>,
    /// Everything else that the mapping says of it, in no particular form: it is there to be compared.
    pub how: String,
}

impl Use {
    /// What stands in [`Use::how`] if it is a part of a name.
    const PART: &str = " part";

    /// Whether its words are those of the column itself, and none that are looked up.
    pub fn has_own_words(&self) -> bool {
        self.how.starts_with("column ") && self.how.ends_with(" None")
    }

    /// Whether it takes a part of a name.
    pub(crate) fn is_part(&self) -> bool {
        self.how.starts_with(&format!("column{} ", Self::PART))
    }

    /// Whether another one says the same, and knows each word that this one knows.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        let becomes = |word: &String| other.map.as_ref().and_then(|map| map.get(word)).or(other.otherwise.as_ref());
        let knows = self.map.iter().flatten().all(|(word, becomes_here)| becomes(word) == Some(becomes_here));
        let bare = |one: &Self| Self { map: None, pointer: String::new(), ..one.clone() };
        knows && self.map.is_some() == other.map.is_some() && bare(self) == bare(other)
    }
}

pub(super) fn of(mapping: &Mapping) -> Vec<Use> {
    let mut uses = Vec::new();
    for plan in &mapping.files {
        let at = Walk { file: &plan.name, resource: &plan.resource, parent: None, fields: &plan.fields };
        uses.push(at.one("", "/external_id", &plan.fields.of(plan.key), None));
        at.members(&plan.fields.members, "", "", &mut uses);
        for (number, child) in plan.children.iter().enumerate() {
            let list = plan.fields.members.iter().find(|member| matches!(member.what, What::Children(of) if of == number));
            let list = list.map(|member| member.name.as_str()).unwrap_or_default();
            let at = Walk { file: &child.name, resource: list, parent: Some(&plan.name), fields: &child.fields };
            let how = if child.optional { "optional" } else { "" }.to_owned();
            uses.push(Use { how, ..at.one("", "", &[child.parent], None) });
            at.members(&child.fields.members, "", &format!("/{list}/0"), &mut uses);
        }
    }
    uses
}

struct Walk<'w> {
    file: &'w str,
    resource: &'w str,
    parent: Option<&'w str>,
    fields: &'w Fields,
}

impl Walk<'_> {
    fn members(&self, members: &[Member], field: &str, pointer: &str, uses: &mut Vec<Use>) {
        for member in members {
            let field = if field.is_empty() { member.name.clone() } else { format!("{field}.{}", member.name) };
            self.what(&member.what, &field, &format!("{pointer}/{}", member.name), uses);
        }
    }

    fn what(&self, what: &What, field: &str, pointer: &str, uses: &mut Vec<Use>) {
        match what {
            What::Value(value) => uses.push(self.value(value, field, pointer)),
            What::Split(value, mark) => {
                let value = self.value(value, field, pointer);
                uses.push(Use { how: format!("{} split by {mark}", value.how), ..value });
            }
            What::Object(members) => self.members(members, field, pointer, uses),
            What::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.what(item, field, &format!("{pointer}/{at}"), uses);
                }
            }
            What::Children(_) => {}
        }
    }

    fn value(&self, value: &Value, field: &str, pointer: &str) -> Use {
        let format = match &value.becomes {
            Becomes::Date(format) | Becomes::Time(format) => format.clone(),
            _ => None,
        };
        let columns = match &value.source {
            Source::Constant(_) => Vec::new(),
            source => source.columns(),
        };
        let part = value.part.map(|part| format!("{} {part:?}", Use::PART)).unwrap_or_default();
        let how = format!("{}{part} {:?} {} {:?}", source(&value.source), value.default, value.optional, value.lookup);
        Use {
            format,
            map: value.map.clone(),
            otherwise: value.otherwise.clone(),
            how,
            ..self.one(field, pointer, &columns, None)
        }
    }

    fn one(&self, field: &str, pointer: &str, columns: &[usize], format: Option<String>) -> Use {
        Use {
            file: self.file.to_owned(),
            resource: self.resource.to_owned(),
            parent: self.parent.map(str::to_owned),
            columns: columns.iter().filter_map(|column| self.fields.columns.get(*column)).cloned().collect(),
            field: field.to_owned(),
            pointer: pointer.to_owned(),
            format,
            map: None,
            otherwise: None,
            how: String::new(),
        }
    }
}

/// Where a value is from, without the places of columns.
fn source(source: &Source) -> String {
    match source {
        Source::Column(_) => "column".to_owned(),
        Source::Constant(text) => format!("value {text:?}"),
        Source::Template(pieces) => {
            let piece = |piece: &Piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Column(_) => "{}".to_owned(),
            };
            format!("template {:?}", pieces.iter().map(piece).collect::<String>())
        }
        Source::Expression(expression, _) => format!("expression {:?}", expression.with_percent()),
    }
}
