//! From the text of a mapping to its plan, checked against the schemas.

use std::collections::BTreeSet;

use clinicos_contract::admit::{ROW_KEY, own_name, words};
use clinicos_contract::schema::{Field, Presence};
use clinicos_contract::{Currency, Schema, Shape, Verb};
use jiff::tz::TimeZone;

use super::source;
use super::toml::{Node, Table, parse};
use super::{ChildPlan, Fields, FilePlan, Mapping, Member, What, Words};
use crate::decimal::Figures;
use crate::read::{Format, Halt};
use crate::{Broken, FILES_MAX, MAPPING_BYTES_MAX};

/// Most columns that are taken of one file.
const COLUMNS_MAX: usize = 1_000;

const KEYS: &str = "`system`, `currency`, `zone`, `null`, `decimal_mark`, `group_mark`, `todo` and `[[file]]`";

type Schemas<'s> = &'s dyn Fn(&str) -> Option<&'static Schema>;

pub(super) fn mapping(text: &str, schemas: Schemas<'_>) -> Result<Mapping, Broken> {
    if text.len() > MAPPING_BYTES_MAX {
        return Err(Broken::Mapping { line: None, detail: format!("it is larger than {MAPPING_BYTES_MAX} bytes") });
    }
    parse(text, |mut top| {
        let system = top.wanted("system")?;
        let words = words_of(&mut top)?;
        let todo = todo(&mut top)?;
        let list = match top.take("file") {
            Some(list) => list,
            // Nobody said yet what any file holds.
            None if !todo.is_empty() => {
                top.end(KEYS)?;
                return Ok(Mapping { system, files: Vec::new(), todo, halt: Halt::default(), words });
            }
            None => return Err(top.wrong("it names no `[[file]]`")),
        };
        let nodes = list.as_list().ok_or_else(|| list.wrong("", "`file` must be a list: write `[[file]]`"))?;
        if nodes.is_empty() || nodes.len() > FILES_MAX {
            return Err(list.wrong("", format!("there must be 1 to {FILES_MAX} files")));
        }
        top.end(KEYS)?;
        let files = nodes.iter().map(|node| file(*node, schemas)).collect::<Result<Vec<_>, _>>()?;
        named_once(&nodes, &files)?;
        Ok(Mapping { system, files, todo, halt: Halt::default(), words })
    })
}

/// Refuses a file that is read twice for its records: what was refused of it is told by its name and its line, so of
/// two reasons one would be lost.
fn named_once(nodes: &[Node<'_>], files: &[FilePlan]) -> Result<(), Broken> {
    let mut known = BTreeSet::new();
    for (node, file) in nodes.iter().zip(files) {
        for name in std::iter::once(&file.name).chain(file.children.iter().map(|child| &child.name)) {
            if !known.insert(name) {
                let detail = format!(
                    "`{name}` is read twice; give what is read of it for the second time a file of its own, such as a copy"
                );
                return Err(node.wrong("", detail));
            }
        }
    }
    Ok(())
}

/// What is left to be said, as sentences.
fn todo(top: &mut Table<'_>) -> Result<Vec<String>, Broken> {
    let Some(node) = top.take("todo") else { return Ok(Vec::new()) };
    let wrong = || node.wrong("", "`todo` must be a list of sentences");
    node.as_list().ok_or_else(wrong)?.iter().map(|sentence| sentence.as_text().ok_or_else(wrong)).collect()
}

fn words_of(top: &mut Table<'_>) -> Result<Words, Broken> {
    let line = top.line_of("currency");
    let currency = top.text("currency")?.unwrap_or_else(|| "USD".to_owned());
    let currency =
        Currency::parse(&currency).ok_or_else(|| top.wrong_at(line, "`currency` must be a code of ISO 4217, such as `USD`"))?;
    let line = top.line_of("zone");
    let zone = top.text("zone")?.unwrap_or_else(|| "UTC".to_owned());
    let zone =
        TimeZone::get(&zone).map_err(|_| top.wrong_at(line, "`zone` must be an IANA time zone, such as `America/Chicago`"))?;
    let mark = |name: &str, top: &mut Table<'_>| -> Result<Option<char>, Broken> {
        let line = top.line_of(name);
        let Some(text) = top.text(name)? else { return Ok(None) };
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(mark), None) if !mark.is_ascii_digit() && mark != '-' => Ok(Some(mark)),
            _ => Err(top.wrong_at(line, format!("`{name}` must be one sign, such as `,`"))),
        }
    };
    let line = top.line_of("group_mark");
    let (decimal, group) = (mark("decimal_mark", top)?, mark("group_mark", top)?);
    let figures = Figures { mark: decimal.unwrap_or('.'), group, is_said: decimal.is_some() || group.is_some() };
    if figures.group == Some(figures.mark) {
        return Err(top.wrong_at(line, "`decimal_mark` and `group_mark` must differ"));
    }
    let mut null = BTreeSet::new();
    if let Some(node) = top.take("null") {
        let list = node.as_list().ok_or_else(|| node.wrong("", "`null` must be a list of words"))?;
        for word in list {
            null.insert(word.as_text().ok_or_else(|| word.wrong("", "`null` must be a list of words"))?);
        }
    }
    Ok(Words { null, figures, currency, zone })
}

fn file(node: Node<'_>, schemas: Schemas<'_>) -> Result<FilePlan, Broken> {
    let mut table = node.as_table("file".to_owned()).ok_or_else(|| node.wrong("", "`file` must be a table"))?;
    let name = file_name(&mut table, "name")?;
    table.place = format!("file `{name}`");
    let format = format(&mut table, &name)?;
    let line = table.line_of("resource");
    let resource = table.wanted("resource")?;
    let schema =
        schemas(&resource).ok_or_else(|| table.wrong_at(line, format!("`{resource}` is no resource that can be imported")))?;
    let key = key(&mut table)?;
    let mut compiler = Compiler::new(true);
    compiler.wants_parts = resource == "invoices";
    let key = compiler.fields.join(&key);
    let fields = fields_of(&mut table)?;
    compiler.fields.members = compiler.members(fields, schema, true)?;
    bounded(&table, &compiler.fields)?;
    table.end("`name`, `resource`, `key`, `delimiter` and `[file.fields]`")?;
    Ok(FilePlan { name, resource, children: compiler.children, format, key, fields: compiler.fields })
}

/// The column that tells records apart, or several that do it together.
fn key(table: &mut Table<'_>) -> Result<Vec<String>, Broken> {
    const COLUMNS: std::ops::RangeInclusive<usize> = 1..=8;
    let line = table.line_of("key");
    let Some(node) = table.take("key") else { return Err(table.wrong("`key` is missing")) };
    let names: Option<Vec<String>> = match node.as_list() {
        Some(names) => names.iter().map(Node::as_text).collect(),
        None => node.as_text().map(|name| vec![name]),
    };
    let names = names.filter(|names| COLUMNS.contains(&names.len()) && names.iter().all(|name| !name.is_empty()));
    names.ok_or_else(|| table.wrong_at(line, "`key` must be a column, or a list of up to 8 that tell records apart together"))
}

/// Refuses more columns than files have: each is looked up in every record.
fn bounded(table: &Table<'_>, fields: &Fields) -> Result<(), Broken> {
    if fields.columns.len() <= COLUMNS_MAX {
        return Ok(());
    }
    Err(table.wrong(format!("names {} columns; {COLUMNS_MAX} are the most", fields.columns.len())))
}

fn fields_of<'t>(table: &mut Table<'t>) -> Result<Table<'t>, Broken> {
    let place = table.place.clone();
    let node = table.take("fields").ok_or_else(|| table.wrong("`fields` is missing"))?;
    node.as_table(place.clone()).ok_or_else(|| node.wrong(&place, "`fields` must be a table"))
}

/// A name of a file in the directory itself.
pub(super) fn file_name(table: &mut Table<'_>, key: &str) -> Result<String, Broken> {
    let line = table.line_of(key);
    let name = table.wanted(key)?;
    const BYTES_MAX: usize = 200;
    let wrong = |detail: String| Err(table.wrong_at(line, detail));
    if name.starts_with('.') || name.contains(['/', '\\', '\0']) {
        return wrong(format!("`{key}` must be the name of a file, without a path or a point in front"));
    }
    if name.len() > BYTES_MAX {
        return wrong(format!(
            "`{key}` is a name of {} bytes, and a file's has at most {BYTES_MAX}: give the file a shorter one",
            name.len()
        ));
    }
    Ok(name)
}

/// How a file is written, by the end of its name.
pub(super) fn format(table: &mut Table<'_>, name: &str) -> Result<Format, Broken> {
    let line = table.line_of("delimiter");
    let delimiter = table.text("delimiter")?;
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    match (end.as_str(), delimiter.as_deref()) {
        ("jsonl" | "ndjson", None) => Ok(Format::JsonLines),
        ("jsonl" | "ndjson", Some(_)) => Err(table.wrong_at(line, "lines of JSON have no `delimiter`")),
        ("tsv", None) => Ok(Format::Csv(b'\t')),
        (_, None) => Ok(Format::Csv(b',')),
        (_, Some(text)) => match text.as_bytes() {
            [byte] if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(Format::Csv(*byte)),
            _ => Err(table.wrong_at(line, "`delimiter` must be one sign, such as `;`")),
        },
    }
}

struct Compiler {
    fields: Fields,
    children: Vec<ChildPlan>,
    may_have_children: bool,
    /// Whether a record is one of nothing if another file has no parts of it.
    wants_parts: bool,
}

impl Compiler {
    fn new(may_have_children: bool) -> Self {
        Self { fields: Fields::default(), children: Vec::new(), may_have_children, wants_parts: false }
    }

    fn members(&mut self, table: Table<'_>, schema: &'static Schema, is_row: bool) -> Result<Vec<Member>, Broken> {
        let line = table.line();
        let (place, entries) = table.rest();
        let wrong = |line: Option<usize>, detail: String| Broken::Mapping { line, detail: format!("{place}: {detail}") };
        let mut members = Vec::new();
        for (name, node, line) in entries {
            if is_row && name == ROW_KEY {
                return Err(wrong(Some(line), "`external_id` follows from `key`".to_owned()));
            }
            let inner = format!("{place}, field `{name}`");
            let field = target(schema, &name);
            let (nothing, cannot_be_empty, required) = (field.nothing(), field.cannot_be_empty(), field.is_required());
            let what = match field {
                Target::None => return Err(wrong(Some(line), format!("a {} has no field `{name}`", schema.name))),
                Target::ReadOnly => return Err(wrong(Some(line), format!("`{name}` is set by the server"))),
                Target::Reference(_) => What::Value(source::value(node, &inner, &Shape::Text, &mut self.fields)?.0),
                Target::Field(field) => self.what(node, &inner, &field.shape)?,
            };
            let (must, optional) = match &what {
                What::Value(value) => (value.can_be_empty(), value.optional),
                _ => (false, false),
            };
            if optional && required {
                return Err(wrong(Some(line), format!("`{name}` cannot be `optional`: a {} needs it", schema.name)));
            }
            members.push(Member { name, what, nothing, must: must && cannot_be_empty });
        }
        let given = |name: &str| members.iter().any(|member| member.name == name);
        for field in schema.fields.iter().filter(|field| field.presence(Verb::Create) == Presence::Required) {
            let stem = field.name.strip_suffix("_id").filter(|_| matches!(field.shape, Shape::Id(_)));
            let by_reference = stem.map(|stem| format!("{stem}_external_id"));
            if !given(field.name) && !by_reference.as_deref().is_some_and(given) {
                let wanted = by_reference.unwrap_or_else(|| field.name.to_owned());
                return Err(wrong(line, format!("a {} needs `{wanted}`: {}", schema.name, words(&field.shape))));
            }
        }
        Ok(members)
    }

    fn what(&mut self, node: Node<'_>, place: &str, shape: &Shape) -> Result<What, Broken> {
        match shape {
            Shape::Object(schema) | Shape::Record(schema) => {
                let table = node.as_table(place.to_owned()).ok_or_else(|| node.wrong(place, "takes a table of fields"))?;
                Ok(What::Object(self.members(table, schema, false)?))
            }
            Shape::List(inner) => self.list(node, place, inner),
            shape => {
                let (value, split) = source::value(node, place, shape, &mut self.fields)?;
                if split.is_some() { Err(node.wrong(place, "`split` is for lists")) } else { Ok(What::Value(value)) }
            }
        }
    }

    fn list(&mut self, node: Node<'_>, place: &str, inner: &Shape) -> Result<What, Broken> {
        if let Some(nodes) = node.as_list() {
            let items = nodes.iter().map(|node| self.what(*node, place, inner)).collect::<Result<Vec<_>, _>>()?;
            return Ok(What::List(items));
        }
        if let Shape::Object(schema) | Shape::Record(schema) = inner {
            let Some(table) = node.as_table(place.to_owned()) else {
                return Err(node.wrong(place, "takes a list of tables, or a table with `file`, `parent` and `fields`"));
            };
            return self.child(table, schema);
        }
        let (value, split) = source::value(node, place, inner, &mut self.fields)?;
        match split {
            Some(mark) if !mark.is_empty() => Ok(What::Split(value, mark)),
            _ => Ok(What::List(vec![What::Value(value)])),
        }
    }

    fn child(&mut self, mut table: Table<'_>, schema: &'static Schema) -> Result<What, Broken> {
        if !self.may_have_children {
            return Err(table.wrong("a file that belongs to another has none that belong to it"));
        }
        let name = file_name(&mut table, "file")?;
        let format = format(&mut table, &name)?;
        let parent = table.wanted("parent")?;
        let optional = source::optional(&mut table)?;
        let mut compiler = Self::new(false);
        let parent = compiler.fields.column(&parent);
        let fields = fields_of(&mut table)?;
        compiler.fields.members = compiler.members(fields, schema, false)?;
        bounded(&table, &compiler.fields)?;
        table.end("`file`, `parent`, `delimiter`, `optional` and `fields`")?;
        let must = self.wants_parts && !optional;
        self.children.push(ChildPlan { name, format, parent, optional, must, fields: compiler.fields });
        Ok(What::Children(self.children.len() - 1))
    }
}

enum Target {
    None,
    ReadOnly,
    Reference(&'static Field),
    Field(&'static Field),
}

impl Target {
    fn nothing(&self) -> Option<&'static str> {
        match self {
            Self::Field(field) if matches!(field.shape, Shape::List(_)) => Some("[]"),
            Self::Field(field) if field.nullable && field.presence(Verb::Create) == Presence::Optional => Some("null"),
            _ => None,
        }
    }

    fn field(&self) -> Option<&'static Field> {
        match self {
            Self::Field(field) | Self::Reference(field) => Some(field),
            Self::None | Self::ReadOnly => None,
        }
    }

    fn is_required(&self) -> bool {
        self.field().is_some_and(|field| field.presence(Verb::Create) == Presence::Required)
    }

    /// Whether the clinic would have to make something up where nothing is given.
    fn cannot_be_empty(&self) -> bool {
        self.is_required() || self.field().is_some_and(|field| !field.nullable)
    }
}

fn target(schema: &'static Schema, name: &str) -> Target {
    let own = own_name(name);
    match schema.field(&own) {
        None => Target::None,
        Some((_, field)) if field.presence(Verb::Create) == Presence::Never => Target::ReadOnly,
        Some((_, field)) if own != name => match field.shape {
            Shape::Id(_) => Target::Reference(field),
            _ => Target::None,
        },
        Some((_, field)) => Target::Field(field),
    }
}
