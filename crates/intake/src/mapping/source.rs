//! Where a value comes from: `"column"`, or a table that says more.

use std::collections::BTreeMap;

use clinicos_contract::Shape;
use clinicos_contract::admit::check_text;

use super::toml::{Node, Table};
use super::{Becomes, Fields, Lookup, Part, Piece, Source, Value};
use crate::Broken;
use crate::build::boolean;
use crate::decimal::{Decimal, Figures};
use crate::expression::Expression;

/// Most entries of a `map`.
const MAP_ENTRIES_MAX: usize = 5_000;
const KEYS: &str = "`column`, `value`, `template`, `expression`, `part`, `map`, `otherwise`, `default`, `optional`, `format`, `lookup` and `split`";

/// Reads a value that becomes this shape; and what divides it, if it is to be divided.
pub(super) fn value(node: Node<'_>, place: &str, shape: &Shape, fields: &mut Fields) -> Result<(Value, Option<String>), Broken> {
    let becomes = |format: Option<String>| {
        Ok(match shape {
            Shape::Money => Becomes::Money,
            Shape::Int => Becomes::Int,
            Shape::Bool => Becomes::Bool,
            Shape::Decimal => Becomes::Decimal,
            Shape::Date => Becomes::Date(format),
            Shape::Time => Becomes::Time(format),
            Shape::IntMap(_) | Shape::List(_) | Shape::Object(_) | Shape::Record(_) | Shape::AnyRecord | Shape::Rows(_) => {
                return Err(node.wrong(place, "takes a table of fields, not one value"));
            }
            _ => Becomes::Text,
        })
    };
    if let Some(column) = node.as_text() {
        let source = Source::Column(fields.column(&column));
        let (part, lookup, map, otherwise, default, becomes) = (None, None, None, None, None, becomes(None)?);
        return Ok((Value { source, part, lookup, map, otherwise, default, optional: false, becomes }, None));
    }
    let Some(mut table) = node.as_table(place.to_owned()) else {
        return Err(node.wrong(place, "must be the name of a column, or a table such as `{ value = \"open\" }`"));
    };
    let source = source(&mut table, fields)?;
    let part = part(&mut table, &source)?;
    let map = map(&mut table)?;
    let otherwise = scalar(&mut table, "otherwise")?;
    if otherwise.is_some() && map.is_none() {
        return Err(table.wrong("`otherwise` says what a word becomes that `map` does not have; there is no `map`"));
    }
    let default = scalar(&mut table, "default")?;
    let optional = optional(&mut table)?;
    if optional && (default.is_some() || source.columns().is_empty()) {
        return Err(table.wrong("`optional` is for a column that may be empty, and `default` says the same in other words"));
    }
    let format = table.text("format")?;
    if format.is_some() && !matches!(shape, Shape::Date | Shape::Time) {
        return Err(table.wrong("`format` is for dates and times"));
    }
    let lookup = lookup(&mut table, fields)?;
    let split = table.text("split")?;
    table.end(KEYS)?;
    let value = Value { source, part, lookup, map, otherwise, default, optional, becomes: becomes(format)? };
    check_words(&value, shape).map_err(|why| node.wrong(place, why))?;
    Ok((value, split))
}

/// Refuses what the mapping itself says if no record could ever be right with it.
fn check_words(value: &Value, shape: &Shape) -> Result<(), String> {
    let Value { source, part: _, lookup, map, otherwise, default, becomes, optional: _ } = value;
    let constant = match source {
        Source::Constant(text) if lookup.is_none() && map.is_none() => Some(text),
        _ => None,
    };
    // Figures behind `default` are written as in the file, so they are left to its records.
    let default = default.as_ref().filter(|_| !matches!(becomes, Becomes::Money | Becomes::Decimal));
    let one = |key: &str, text: Option<&String>| match text.map(|text| check_word(text, becomes, shape)) {
        Some(Err(expected)) => Err(format!("`{key}` {expected}")),
        _ => Ok(()),
    };
    one("value", constant)?;
    // A word that becomes an empty text counts as an empty cell.
    one("otherwise", otherwise.as_ref().filter(|text| !text.is_empty()))?;
    one("default", default)?;
    for (word, text) in map.iter().flatten().filter(|(_, text)| !text.is_empty()) {
        check_word(text, becomes, shape).map_err(|expected| format!("`map`: what `{word}` becomes {expected}"))?;
    }
    Ok(())
}

/// Says what is expected, if a text cannot become what it must.
fn check_word(text: &str, becomes: &Becomes, shape: &Shape) -> Result<(), String> {
    let (fits, expected) = match becomes {
        Becomes::Money | Becomes::Decimal => {
            (Decimal::parse(text, Figures::default()).is_some(), "must be a number in plain figures")
        }
        Becomes::Int => (text.parse::<i64>().is_ok(), "must be a whole number"),
        Becomes::Bool => (boolean(text).is_some(), "must be `true` or `false`"),
        // Whatever the format allows.
        Becomes::Date(Some(_)) | Becomes::Time(_) => (true, ""),
        Becomes::Date(None) | Becomes::Text => return check_text(shape, text).map_err(|(_, expected)| expected),
    };
    if fits { Ok(()) } else { Err(expected.to_owned()) }
}

fn source(table: &mut Table<'_>, fields: &mut Fields) -> Result<Source, Broken> {
    let mut found = Vec::new();
    if let Some(column) = table.text("column")? {
        found.push(Source::Column(fields.column(&column)));
    }
    if let Some(constant) = scalar(table, "value")? {
        found.push(Source::Constant(constant));
    }
    if let Some(template) = table.text("template")? {
        found.push(Source::Template(pieces(&template, fields).map_err(|why| table.wrong(format!("`template` {why}")))?));
    }
    if let Some(text) = table.text("expression")? {
        let mut columns = Vec::new();
        let parsed = Expression::parse(&text, &mut |name| {
            let column = fields.column(name);
            if !columns.contains(&column) {
                columns.push(column);
            }
            column
        });
        let expression = parsed.map_err(|why| table.wrong(format!("`expression`: {why}")))?;
        found.push(Source::Expression(expression, columns));
    }
    match (found.pop(), found.is_empty()) {
        (Some(source), true) => Ok(source),
        _ => Err(table.wrong("give one of `column`, `value`, `template` and `expression`")),
    }
}

/// Which part of a name is meant, where a column has names of people.
fn part(table: &mut Table<'_>, source: &Source) -> Result<Option<Part>, Broken> {
    let line = table.line_of("part");
    let Some(text) = table.text("part")? else { return Ok(None) };
    let part = match text.as_str() {
        "given" => Part::Given,
        "family" => Part::Family,
        _ => return Err(table.wrong_at(line, "`part` of a name is `given` or `family`")),
    };
    match source {
        Source::Column(_) | Source::Template(_) => Ok(Some(part)),
        Source::Constant(_) | Source::Expression(..) => {
            Err(table.wrong_at(line, "`part` is for a column that has names of people"))
        }
    }
}

pub(super) fn optional(table: &mut Table<'_>) -> Result<bool, Broken> {
    let Some(node) = table.take("optional") else { return Ok(false) };
    match node.as_scalar().as_deref() {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        _ => Err(node.wrong(&table.place, "`optional` must be `true` or `false`")),
    }
}

fn scalar(table: &mut Table<'_>, name: &str) -> Result<Option<String>, Broken> {
    let Some(node) = table.take(name) else { return Ok(None) };
    match node.as_scalar() {
        Some(text) => Ok(Some(text)),
        None => Err(node.wrong(&table.place, format!("`{name}` must be one value"))),
    }
}

fn map(table: &mut Table<'_>) -> Result<Option<BTreeMap<String, String>>, Broken> {
    let Some(node) = table.take("map") else { return Ok(None) };
    let place = format!("{} `map`", table.place);
    let Some(map) = node.as_table(place.clone()) else { return Err(node.wrong(&place, "must be a table of words")) };
    let (_, entries) = map.rest();
    if entries.len() > MAP_ENTRIES_MAX {
        return Err(node.wrong(&place, format!("has more than {MAP_ENTRIES_MAX} words")));
    }
    let mut words = BTreeMap::new();
    for (word, becomes, _) in entries {
        let becomes = becomes.as_scalar().ok_or_else(|| becomes.wrong(&place, format!("`{word}` must become one word")))?;
        words.insert(word, becomes);
    }
    Ok(Some(words))
}

fn lookup(table: &mut Table<'_>, fields: &mut Fields) -> Result<Option<usize>, Broken> {
    let Some(node) = table.take("lookup") else { return Ok(None) };
    let place = format!("{} `lookup`", table.place);
    let Some(mut inner) = node.as_table(place.clone()) else { return Err(node.wrong(&place, "must be a table")) };
    let file = super::compile::file_name(&mut inner, "file")?;
    let format = super::compile::format(&mut inner, &file)?;
    let lookup = Lookup { file, format, key: inner.wanted("key")?, column: inner.wanted("column")? };
    inner.end("`file`, `key`, `column` and `delimiter`")?;
    Ok(Some(fields.lookups.iter().position(|known| *known == lookup).unwrap_or_else(|| {
        fields.lookups.push(lookup);
        fields.lookups.len() - 1
    })))
}

/// `NW-{order_id}`: text and columns.
fn pieces(template: &str, fields: &mut Fields) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('{') {
        let (column, next) = after.split_once('}').ok_or("has a `{` that is not closed")?;
        if !text.is_empty() {
            pieces.push(Piece::Text(text.to_owned()));
        }
        pieces.push(Piece::Column(fields.column(column)));
        rest = next;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    if pieces.iter().any(|piece| matches!(piece, Piece::Column(_))) { Ok(pieces) } else { Err("names no `{column}`".to_owned()) }
}
