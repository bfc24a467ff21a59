//! Makes the JSON of a row from a record, as its plan says.

mod cell;
mod figures;
mod flaw;
mod key;
mod lookup;
mod missing;
mod name;
mod when;
mod words;

use std::borrow::Cow;
use std::path::Path;

use clinicos_contract::money::AMOUNT_MAX;

pub(crate) use self::words::boolean;
use self::words::unknown_word;
use crate::decimal::Decimal;
use crate::expression::{NoResult, Reads};
use crate::mapping::{Becomes, Fields, Member, Piece, Source, Value, What, Words};
use crate::read::{Halt, Record, Table};
use crate::{Broken, Fault};

/// Most parts that one value is divided into.
const PARTS_MAX: usize = 1_000;

/// Fields of a plan, bound to the columns of a file.
pub(crate) struct Bound<'p> {
    fields: &'p Fields,
    places: Vec<usize>,
    lookups: Vec<lookup::Looked>,
}

impl<'p> Bound<'p> {
    pub(crate) fn new(fields: &'p Fields, table: &Table, dir: &Path, halt: &Halt) -> Result<Self, Broken> {
        let places = fields.columns.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?;
        // All of them stay in memory, so all of them share one bound.
        let (mut lookups, mut room) = (Vec::new(), lookup::BYTES_MAX);
        for lookup in &fields.lookups {
            lookups.push(lookup::load(lookup, dir, halt, &mut room)?);
        }
        Ok(Self { fields, places, lookups })
    }

    /// The name of a column.
    pub(crate) fn name(&self, column: usize) -> &str {
        if let Some(joined) = self.fields.joined(column) {
            return &joined.name;
        }
        self.fields.columns.get(column).map(String::as_str).unwrap_or_default()
    }
}

/// Where a value of a row came from.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) pointer: String,
    pub(crate) columns: Vec<String>,
}

/// Whether anything was written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Given {
    /// Only what the mapping itself says.
    Constant,
    /// Nothing: the columns say nothing.
    Absent,
    /// Nothing: what the columns say is wrong, and told.
    Wrong,
    /// What a column says.
    Column,
}

/// Makes one row.
pub(crate) struct Row<'b> {
    pub(crate) words: &'b Words,
    pub(crate) bound: &'b Bound<'b>,
    pub(crate) record: &'b Record,
    /// Rows of other files that become parts of it, by number of the file.
    pub(crate) children: &'b [Vec<Vec<u8>>],
    pub(crate) faults: Vec<Fault>,
    /// Where each value came from, if that is asked for.
    pub(crate) origins: Option<Vec<Origin>>,
    pointer: String,
}

impl<'b> Row<'b> {
    pub(crate) fn new(words: &'b Words, bound: &'b Bound<'b>, record: &'b Record, children: &'b [Vec<Vec<u8>>]) -> Self {
        Self { words, bound, record, children, faults: Vec::new(), origins: None, pointer: String::new() }
    }

    /// Writes its members into an object that is open.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>) {
        let fields = self.bound.fields;
        self.members(&fields.members, out);
    }

    fn members(&mut self, members: &[Member], out: &mut Vec<u8>) -> Given {
        let (mut given, mut missing, is_whole) = (Given::Constant, Vec::new(), self.pointer.is_empty());
        for member in members {
            let (start, length) = (out.len(), self.pointer.len());
            if !matches!(out.last(), Some(b'{')) {
                out.push(b',');
            }
            string(&member.name, out);
            out.push(b':');
            self.pointer.push('/');
            self.pointer.push_str(&member.name);
            let own = self.what(&member.what, out);
            self.pointer.truncate(length);
            if let (true, Given::Absent, What::Value(value)) = (member.must, own, &member.what) {
                missing.push((member.name.as_str(), value));
            }
            if matches!(own, Given::Absent | Given::Wrong) {
                out.truncate(start);
                if let (true, Some(nothing)) = (length == 0, member.nothing) {
                    if !matches!(out.last(), Some(b'{')) {
                        out.push(b',');
                    }
                    string(&member.name, out);
                    out.push(b':');
                    out.extend_from_slice(nothing.as_bytes());
                }
            }
            given = given.max(own);
        }
        // A phone without a number is none; one with an extension lacks its number.
        if is_whole || given == Given::Column {
            self.are_missing(missing);
        }
        given
    }

    fn what(&mut self, what: &What, out: &mut Vec<u8>) -> Given {
        match what {
            What::Value(value) => self.value(value, out),
            What::Object(members) => {
                out.push(b'{');
                let given = self.members(members, out);
                out.push(b'}');
                given
            }
            What::List(items) => self.list(items, out),
            What::Split(value, mark) => self.split(value, mark, out),
            What::Children(file) => {
                out.push(b'[');
                for (index, row) in self.children.get(*file).into_iter().flatten().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    out.extend_from_slice(row);
                }
                out.push(b']');
                Given::Column
            }
        }
    }

    fn list(&mut self, items: &[What], out: &mut Vec<u8>) -> Given {
        let (mut given, mut index, length) = (Given::Absent, 0, self.pointer.len());
        out.push(b'[');
        for item in items {
            let start = out.len();
            if index > 0 {
                out.push(b',');
            }
            self.pointer.push_str(&format!("/{index}"));
            let own = self.what(item, out);
            self.pointer.truncate(length);
            match own {
                Given::Absent | Given::Wrong => out.truncate(start),
                Given::Constant | Given::Column => {
                    index += 1;
                    given = Given::Column;
                }
            }
        }
        out.push(b']');
        given
    }

    fn split(&mut self, value: &Value, mark: &str, out: &mut Vec<u8>) -> Given {
        self.originates(value);
        let text = match self.text(value) {
            Ok(text) => text,
            Err(fault) => {
                self.is_wrong(fault);
                return Given::Wrong;
            }
        };
        let Some(text) = text else { return Given::Absent };
        out.push(b'[');
        for (index, part) in text.split(mark).map(str::trim).filter(|part| !part.is_empty()).take(PARTS_MAX).enumerate() {
            if index > 0 {
                out.push(b',');
            }
            string(part, out);
        }
        out.push(b']');
        Given::Column
    }

    /// Notes a fault, once: a column that two fields take from is wrong once.
    fn is_wrong(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn originates(&mut self, value: &Value) {
        let bound = self.bound;
        if let Some(origins) = &mut self.origins {
            let columns = value.source.columns().into_iter().map(|column| bound.name(column).to_owned()).collect();
            origins.push(Origin { pointer: self.pointer.clone(), columns });
        }
    }

    fn value(&mut self, value: &Value, out: &mut Vec<u8>) -> Given {
        self.originates(value);
        let written = self.text(value).and_then(|text| match text {
            None => Ok(Given::Absent),
            Some(text) => {
                self.convert(value, &text, out)?;
                Ok(if matches!(value.source, Source::Constant(_)) { Given::Constant } else { Given::Column })
            }
        });
        written.unwrap_or_else(|fault| {
            self.is_wrong(fault);
            Given::Wrong
        })
    }

    /// The text that a value starts from; `None` if there is nothing.
    fn text<'v>(&self, value: &'v Value) -> Result<Option<Cow<'v, str>>, Fault>
    where
        'b: 'v,
    {
        let mut text: Option<Cow<'v, str>> = match &value.source {
            Source::Column(column) if value.takes_a_word() => {
                self.bound.word(self.record, *column, self.words)?.map(Cow::Borrowed)
            }
            Source::Column(column) => self.bound.text(self.record, *column, self.words)?.map(Cow::Borrowed),
            Source::Constant(text) => Some(Cow::Borrowed(text)),
            Source::Template(pieces) => self.template(pieces)?.map(Cow::Owned),
            Source::Expression(..) => self.expression(value)?.map(|number| Cow::Owned(number.to_string())),
        };
        if let (Some(part), Some(whole)) = (value.part, &text) {
            text = name::part(whole, part).map(Cow::Owned);
        }
        if let (Some(lookup), Some(key)) = (value.lookup, &text) {
            let file = self.bound.fields.lookups.get(lookup).map(|lookup| lookup.file.as_str()).unwrap_or_default();
            let found = self.bound.lookups.get(lookup).map_or(Err(String::new()), |looked| looked.find(key, file));
            text = Some(Cow::Borrowed(found.map_err(|why| self.fault(value, "lookup", why))?));
        }
        if let (Some(map), Some(word)) = (&value.map, &text) {
            let becomes = map.get(&**word).or(value.otherwise.as_ref());
            let becomes = becomes.ok_or_else(|| self.fault(value, "unmapped", unknown_word(map)))?;
            text = Some(Cow::Borrowed(becomes.as_str())).filter(|becomes| !becomes.is_empty());
        }
        Ok(text.or(value.default.as_deref().map(Cow::Borrowed)))
    }

    fn template(&self, pieces: &[Piece]) -> Result<Option<String>, Fault> {
        let (mut text, mut any) = (String::new(), false);
        for piece in pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Column(column) => {
                    let part = self.bound.word(self.record, *column, self.words)?;
                    any |= part.is_some();
                    text.push_str(part.unwrap_or_default());
                }
            }
        }
        let text = text.trim().to_owned();
        Ok((any && !text.is_empty()).then_some(text))
    }

    fn expression(&self, value: &Value) -> Result<Option<Decimal>, Fault> {
        let Source::Expression(expression, _) = &value.source else { return Ok(None) };
        let number = |column: usize, reads: Reads| match self.bound.text(self.record, column, self.words) {
            Ok(None) => Err(NoResult::Null),
            Ok(Some(text)) => self.number_in(column, text, reads).map_err(|_| NoResult::NoNumber(column, reads)),
            Err(_) => Err(NoResult::NoNumber(column, reads)),
        };
        match expression.value(&number) {
            Ok(number) => Ok(Some(number)),
            Err(NoResult::Null) => Ok(None),
            Err(NoResult::Range) => Err(self.fault(value, "range", "makes a number that is too large")),
            Err(NoResult::NoNumber(column, reads)) => {
                // What is no text at all is told as that, as for a field of its own.
                let text = self.bound.text(self.record, column, self.words)?.unwrap_or_default();
                let why = self.number_in(column, text, reads).err().unwrap_or_default();
                Err(Fault::new(self.record.line, self.bound.name(column), "number", why))
            }
        }
    }

    fn convert(&self, value: &Value, text: &str, out: &mut Vec<u8>) -> Result<(), Fault> {
        let wrong = |code: &str, detail: &str| self.fault(value, code, detail);
        let text = if matches!(value.becomes, Becomes::Money) { words::without_sign(text, self.words.currency) } else { text };
        let number = || self.number_of(value, text).map_err(|why| wrong("number", &why));
        match &value.becomes {
            Becomes::Text => string(text, out),
            Becomes::Decimal => string(&number()?.to_string(), out),
            Becomes::Money => {
                let currency = self.words.currency;
                let amount = number()?.minor(currency.minor_digits()).filter(|amount| amount.abs() <= AMOUNT_MAX);
                let amount = amount.ok_or_else(|| wrong("range", &words::too_large(currency)))?;
                out.extend_from_slice(format!("{{\"amount\":{amount},\"currency\":\"{}\"}}", currency.code()).as_bytes());
            }
            Becomes::Int => {
                let whole: i64 = text.parse().map_err(|_| wrong("number", "must be a whole number, such as 12"))?;
                out.extend_from_slice(whole.to_string().as_bytes());
            }
            Becomes::Bool => {
                let yes = boolean(text).ok_or_else(|| {
                    wrong("boolean", "must be `true` or `false`; the mapping can say which other words mean that")
                })?;
                out.extend_from_slice(if yes { b"true" } else { b"false" });
            }
            Becomes::Date(format) => {
                let date =
                    when::day(text, format.as_deref()).map_err(|why| wrong(why.code("date"), &why.detail("date", format)))?;
                string(&date.to_string(), out);
            }
            Becomes::Time(format) => {
                let time = when::time(text, format.as_deref(), &self.words.zone);
                string(&time.map_err(|why| wrong(why.code("time"), &why.detail("time", format)))?, out);
            }
        }
        Ok(())
    }

    fn fault(&self, value: &Value, code: &str, detail: impl Into<String>) -> Fault {
        let columns: Vec<&str> = value.source.columns().into_iter().map(|column| self.bound.name(column)).collect();
        Fault::new(self.record.line, columns.join(", "), code, detail)
    }
}

/// Appends a JSON string.
pub(crate) fn string(text: &str, out: &mut Vec<u8>) {
    // Writing text into a `Vec` cannot fail.
    let _ = serde_json::to_writer(out, text);
}
