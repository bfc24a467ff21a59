//! Mappings: what of which file becomes which field of which resource.
//!
//! `toml.rs` walks the text and knows the line of everything in it; `compile.rs` checks it against
//! the schemas and makes the plan that stands here; `source.rs` reads where one value comes from.

mod compile;
mod source;
mod toml;
mod uses;

pub use self::uses::Use;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use clinicos_contract::{Currency, Schema, Shape, Spec};
use jiff::tz::TimeZone;

use crate::Broken;
use crate::build::Bound;
use crate::decimal::Figures;
use crate::expression::Expression;
use crate::read::{Format, Halt, Table};

/// A mapping that was checked: files in the order in which they are imported.
#[derive(Debug)]
pub struct Mapping {
    /// Whose identifiers the keys are.
    pub system: String,
    /// The files of records.
    pub files: Vec<FilePlan>,
    /// Stops whoever reads files by it.
    pub halt: Halt,
    /// What is left to be said before anything can be imported by it, as sentences.
    pub todo: Vec<String>,
    pub(crate) words: Words,
}

impl Mapping {
    /// Reads a mapping. `schema` knows the resources that can be imported, by name.
    pub fn parse(text: &str, schema: &dyn Fn(&str) -> Option<&'static Schema>) -> Result<Self, Broken> {
        compile::mapping(text, schema)
    }

    /// Reads a mapping and checks it against the operations that import rows; `find` gives the
    /// declaration of an operation, by its id.
    pub fn of_operations(text: &str, find: &dyn Fn(&str) -> Option<&'static Spec>) -> Result<Self, Broken> {
        Self::parse(text, &|resource| {
            let body = find(&format!("{resource}.import"))?.body?;
            body.schema.fields.iter().find_map(|field| match field.shape {
                Shape::Rows(schema) => Some(schema),
                _ => None,
            })
        })
    }

    /// Opens every file that it reads: all of them must be there, with the columns that are named.
    pub fn check_files(&self, dir: &Path) -> Result<(), Broken> {
        let one = |name: &str, format: Format, fields: &Fields| {
            let table = Table::open(dir, name, format, &fields.columns)?;
            Bound::new(fields, &table, dir, &self.halt).map(drop)
        };
        for file in &self.files {
            one(&file.name, file.format, &file.fields)?;
            file.children.iter().try_for_each(|child| one(&child.name, child.format, &child.fields))?;
        }
        Ok(())
    }

    /// The currency of its amounts, as a code of ISO 4217.
    pub fn currency(&self) -> &str {
        self.words.currency.code()
    }

    /// The mark between whole numbers and fractions; `None` if it does not say how figures are written.
    pub fn decimal_mark(&self) -> Option<char> {
        Some(self.words.figures).filter(|figures| figures.is_said).map(|figures| figures.mark)
    }

    /// The IANA name of the zone of times without one, if it is another than UTC.
    pub fn zone(&self) -> Option<String> {
        self.words.zone.iana_name().filter(|name| *name != "UTC").map(str::to_owned)
    }

    /// Whether another mapping says all that this one says, as far as people choose it.
    pub fn is_within(&self, other: &Self) -> bool {
        let words =
            |mapping: &Self| (mapping.system.clone(), mapping.currency().to_owned(), mapping.words.figures.mark, mapping.zone());
        let known = other.uses();
        words(self) == words(other)
            && self.words.null.is_subset(&other.words.null)
            && self.uses().iter().all(|one| known.iter().any(|other| one.is_within(other)))
    }

    /// What becomes of each column, file by file.
    pub fn uses(&self) -> Vec<Use> {
        uses::of(self)
    }

    /// Every file that it reads, those that belong to others and those for looking up included.
    pub fn file_names(&self) -> BTreeSet<&str> {
        let own = self.files.iter().map(|file| file.name.as_str());
        let children = self.files.iter().flat_map(|file| file.children.iter().map(|child| child.name.as_str()));
        let lookups = self.files.iter().flat_map(|file| {
            let below = file.children.iter().flat_map(|child| &child.fields.lookups);
            file.fields.lookups.iter().chain(below).map(|lookup| lookup.file.as_str())
        });
        own.chain(children).chain(lookups).collect()
    }

    /// What divides the columns of a file of records; a comma, if it has none.
    pub fn delimiter_of(&self, name: &str) -> char {
        let own = self.files.iter().map(|file| (&file.name, file.format));
        let children = self.files.iter().flat_map(|file| file.children.iter().map(|child| (&child.name, child.format)));
        match own.chain(children).find(|(known, _)| known.as_str() == name) {
            Some((_, Format::Csv(delimiter))) => char::from(delimiter),
            _ => ',',
        }
    }
}

/// What holds for every file.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub(crate) null: BTreeSet<String>,
    pub(crate) figures: Figures,
    pub(crate) currency: Currency,
    pub(crate) zone: TimeZone,
}

/// A file whose records become records of a resource.
#[derive(Debug)]
pub struct FilePlan {
    /// The file's name.
    pub name: String,
    /// The resource: `clients`.
    pub resource: String,
    /// Files whose records become parts of these.
    pub children: Vec<ChildPlan>,
    pub(crate) format: Format,
    pub(crate) key: usize,
    pub(crate) fields: Fields,
}

/// A file whose records become parts of another file's.
#[derive(Debug)]
pub struct ChildPlan {
    /// The file's name.
    pub name: String,
    pub(crate) format: Format,
    /// The column that holds the key of the record that it belongs to.
    pub(crate) parent: usize,
    /// Whether the mapping says that a record may have none of these.
    pub(crate) optional: bool,
    /// Whether a record is refused that has none.
    pub(crate) must: bool,
    pub(crate) fields: Fields,
}

/// The fields that a file fills, and the columns that it takes.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// Names of columns; everything else speaks of them by place.
    pub(crate) columns: Vec<String>,
    /// The places of those names.
    places: HashMap<String, usize>,
    pub(crate) members: Vec<Member>,
    pub(crate) lookups: Vec<Lookup>,
    /// Keys of several columns.
    pub(crate) joined: Vec<Joined>,
}

/// Several columns that tell records apart together. Its place is [`Fields::JOINED`] and more.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(crate) columns: Vec<usize>,
    /// The names of them, for people.
    pub(crate) name: String,
}

impl Fields {
    /// From this place on there are no columns, but what several of them are together.
    const JOINED: usize = 1 << 32;

    /// The place of several columns together.
    pub(crate) fn join(&mut self, names: &[String]) -> usize {
        match names {
            [one] => self.column(one),
            all => {
                let columns = all.iter().map(|name| self.column(name)).collect();
                self.joined.push(Joined { columns, name: all.join(", ") });
                Self::JOINED + self.joined.len() - 1
            }
        }
    }

    /// What is at a place behind all columns.
    pub(crate) fn joined(&self, place: usize) -> Option<&Joined> {
        self.joined.get(place.checked_sub(Self::JOINED)?)
    }

    /// The columns at a place: one, or several together.
    pub(crate) fn of(&self, place: usize) -> Vec<usize> {
        self.joined(place).map_or_else(|| vec![place], |joined| joined.columns.clone())
    }

    /// The place of a column, which is asked for from now on.
    pub(crate) fn column(&mut self, name: &str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        self.columns.push(name.to_owned());
        self.places.insert(name.to_owned(), self.columns.len() - 1);
        self.columns.len() - 1
    }
}

/// One member of a row.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) what: What,
    /// What is written where the columns say nothing, so that a field that was emptied there is
    /// emptied here; `None` leaves the field as it is.
    pub(crate) nothing: Option<&'static str>,
    /// Whether a record is refused whose columns say nothing: the field cannot be empty, and
    /// whatever stood there would be made up.
    pub(crate) must: bool,
}

/// What stands in a member.
#[derive(Debug)]
pub(crate) enum What {
    /// One value.
    Value(Value),
    /// An object; left out if no column gives any of it.
    Object(Vec<Member>),
    /// A list of what is given there.
    List(Vec<What>),
    /// The parts of one value.
    Split(Value, String),
    /// The records of another file.
    Children(usize),
}

/// One value: where it comes from, and what it becomes.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) source: Source,
    /// Which part of a name it is, if that stands there.
    pub(crate) part: Option<Part>,
    pub(crate) lookup: Option<usize>,
    pub(crate) map: Option<BTreeMap<String, String>>,
    /// What a word becomes that `map` does not have.
    pub(crate) otherwise: Option<String>,
    /// What stands where there is nothing.
    pub(crate) default: Option<String>,
    /// Whether an empty column leaves the field to the clinic, though it cannot be empty.
    pub(crate) optional: bool,
    pub(crate) becomes: Becomes,
}

/// A part of the name of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Given,
    Family,
}

#[derive(Debug)]
pub(crate) enum Source {
    Column(usize),
    Constant(String),
    Template(Vec<Piece>),
    Expression(Expression, Vec<usize>),
}

#[derive(Debug)]
pub(crate) enum Piece {
    Text(String),
    Column(usize),
}

/// What a text becomes.
#[derive(Debug, Clone)]
pub(crate) enum Becomes {
    Text,
    Int,
    Bool,
    Money,
    Decimal,
    Date(Option<String>),
    Time(Option<String>),
}

/// A file in which a value is looked up.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lookup {
    pub(crate) file: String,
    pub(crate) format: Format,
    pub(crate) key: String,
    pub(crate) column: String,
}

impl Value {
    /// Whether there are records for which the mapping leaves open what it is.
    pub(crate) fn can_be_empty(&self) -> bool {
        !self.optional && self.default.is_none() && !self.source.columns().is_empty()
    }
}

impl Source {
    /// The columns that it takes.
    pub(crate) fn columns(&self) -> Vec<usize> {
        match self {
            Self::Column(column) => vec![*column],
            Self::Constant(_) => Vec::new(),
            Self::Template(pieces) => {
                let columns = pieces.iter().filter_map(|piece| match piece {
                    Piece::Column(column) => Some(*column),
                    Piece::Text(_) => None,
                });
                columns.collect()
            }
            Self::Expression(_, columns) => columns.clone(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
