//! The text of a mapping as tables that know their line and the way to them.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Broken;

/// Where the lines of a text begin: found once, since every key is asked for its line.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1).collect())
    }

    /// The line that a byte stands on; the first one is 1.
    fn at(&self, byte: usize) -> usize {
        self.0.partition_point(|begin| *begin <= byte) + 1
    }
}

/// A value of the text.
#[derive(Clone, Copy)]
pub(super) struct Node<'t> {
    lines: &'t Lines,
    value: &'t Spanned<DeValue<'t>>,
}

/// A table of the text; every key of it must be taken.
pub(super) struct Table<'t> {
    /// Where it stands, for messages: `file "orders.csv"`.
    pub(super) place: String,
    line: Option<usize>,
    entries: Vec<(String, Node<'t>, usize)>,
}

fn wrong(line: Option<usize>, detail: impl Into<String>) -> Broken {
    Broken::Mapping { line, detail: detail.into() }
}

/// Reads the text; `read` is given the outermost table.
pub(super) fn parse<T>(text: &str, read: impl FnOnce(Table<'_>) -> Result<T, Broken>) -> Result<T, Broken> {
    let lines = Lines::of(text);
    let parsed = DeTable::parse(text).map_err(|error| {
        let line = error.span().map(|span| lines.at(span.start));
        wrong(line, error.message().trim().replace('\n', "; "))
    })?;
    read(Table::of(&lines, String::new(), None, parsed.get_ref()))
}

impl<'t> Table<'t> {
    fn of(lines: &'t Lines, place: String, line: Option<usize>, table: &'t DeTable<'t>) -> Self {
        let entry = |(name, value): (&Spanned<std::borrow::Cow<'t, str>>, &'t Spanned<DeValue<'t>>)| {
            (name.get_ref().clone().into_owned(), Node { lines, value }, lines.at(name.span().start))
        };
        Self { place, line, entries: table.iter().map(entry).collect() }
    }

    /// Says what is wrong with the table as a whole.
    pub(super) fn wrong(&self, detail: impl std::fmt::Display) -> Broken {
        wrong(self.line, self.said(&detail))
    }

    fn said(&self, detail: &dyn std::fmt::Display) -> String {
        if self.place.is_empty() { detail.to_string() } else { format!("{}: {detail}", self.place) }
    }

    /// Takes a key, if it is there.
    pub(super) fn take(&mut self, name: &str) -> Option<Node<'t>> {
        let at = self.entries.iter().position(|(known, _, _)| known == name)?;
        Some(self.entries.remove(at).1)
    }

    /// Takes a text, if it is there.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Broken> {
        let Some(node) = self.take(name) else { return Ok(None) };
        match node.as_text() {
            Some(text) => Ok(Some(text)),
            None => Err(node.wrong(&self.place, format!("`{name}` must be a text"))),
        }
    }

    /// Says what is wrong with a key that was taken, with the line that it stands on.
    pub(super) fn wrong_at(&self, line: Option<usize>, detail: impl std::fmt::Display) -> Broken {
        wrong(line.or(self.line), self.said(&detail))
    }

    /// The line of a key that was not taken yet.
    pub(super) fn line_of(&self, name: &str) -> Option<usize> {
        self.entries.iter().find(|(known, _, _)| known == name).map(|(_, _, line)| *line)
    }

    /// Takes a text that must be there.
    pub(super) fn wanted(&mut self, name: &str) -> Result<String, Broken> {
        let text = self.text(name)?.filter(|text| !text.is_empty());
        text.ok_or_else(|| self.wrong(format!("`{name}` is missing")))
    }

    /// Everything that is left, with the line of each key.
    pub(super) fn rest(self) -> (String, Vec<(String, Node<'t>, usize)>) {
        (self.place, self.entries)
    }

    /// Refuses keys that nobody took.
    pub(super) fn end(&self, known: &str) -> Result<(), Broken> {
        match self.entries.first() {
            None => Ok(()),
            Some((name, _, line)) => Err(wrong(Some(*line), self.said(&format!("there is no key `{name}`; there are {known}")))),
        }
    }

    /// The text that it stands in.
    pub(super) fn line(&self) -> Option<usize> {
        self.line
    }
}

impl<'t> Node<'t> {
    /// Says what is wrong with it.
    pub(super) fn wrong(&self, place: &str, detail: impl std::fmt::Display) -> Broken {
        let detail = if place.is_empty() { detail.to_string() } else { format!("{place}: {detail}") };
        wrong(Some(self.line()), detail)
    }

    pub(super) fn line(&self) -> usize {
        self.lines.at(self.value.span().start)
    }

    /// Its text: of a text, a number or a boolean.
    pub(super) fn as_scalar(&self) -> Option<String> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(text.clone().into_owned()),
            DeValue::Integer(number) => Some(number.as_str().to_owned()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            DeValue::Boolean(yes) => Some(yes.to_string()),
            DeValue::Datetime(time) => Some(time.to_string()),
            DeValue::Array(_) | DeValue::Table(_) => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<String> {
        self.value.get_ref().as_str().map(str::to_owned)
    }

    pub(super) fn as_table(&self, place: String) -> Option<Table<'t>> {
        let table = self.value.get_ref().as_table()?;
        Some(Table::of(self.lines, place, Some(self.line()), table))
    }

    pub(super) fn as_list(&self) -> Option<Vec<Node<'t>>> {
        let list = self.value.get_ref().as_array()?;
        Some(list.iter().map(|value| Node { lines: self.lines, value }).collect())
    }
}
