//! Reads a query string: paging, picked fields, typed filters and sorts.
//!
//! Nothing is ignored: an unknown parameter is an error that names it, because ignoring a
//! filter would widen the answer.

use crate::admit::{check_text, integer};
use crate::category::Category;
use crate::id::AnyId;
use crate::json::shorten;
use crate::nearest::did_you_mean;
use crate::problem::{self, FieldError, Problem};
use crate::schema::{Field, Filter, Schema, Shape};
use crate::spec::{Link, Reply, Spec};
use crate::time::Timestamp;

mod percent;
mod sight;

pub use percent::encode;
pub use sight::Sight;

use percent::decode;

/// Records on a page unless `limit` says otherwise.
pub const LIMIT_DEFAULT: u32 = 50;
/// Most records on a page.
pub const LIMIT_MAX: u32 = 200;
/// Most seconds that a call waits for changes.
pub const WAIT_S_MAX: u32 = 30;
/// Longest query string in bytes.
pub const QUERY_BYTES_MAX: usize = 8 << 10;

/// Most errors that one answer lists.
const ERRORS_MAX: usize = 20;

/// What a query string asks for.
#[derive(Debug, Default, Clone)]
pub struct Query {
    /// Most records on the page.
    pub limit: Option<u32>,
    /// Where to go on, still sealed.
    pub cursor: Option<String>,
    /// `clinic_id`, which chooses within the grant.
    pub clinic_id: Option<String>,
    /// `fields=`: only these.
    pub fields: Option<Vec<&'static str>>,
    /// `include=`: what to add to each record.
    pub include: Vec<&'static Link>,
    /// `types=`: only changes of these, in the order of their names; empty for all.
    pub types: Vec<String>,
    /// `wait=`: how many seconds to wait for changes.
    pub wait_s: u32,
    /// All of these must hold.
    pub filters: Vec<Term>,
    /// Whose records the filters ask for, where clients can hide that: each with the category of data that they
    /// must allow. Nothing is found unless all of them do.
    pub asked: Vec<(Category, AnyId)>,
    /// The field to sort by; `None` for the order of creation.
    pub sort: Option<Sort>,
    /// The parameters that shape a page, as they were given: `limit`, `fields`, `include`, `sort` and filters.
    given: Vec<(String, String)>,
}

impl Query {
    /// The parameters that shape a page, as they were given, without the cursor.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        self.given.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// One filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The field's name.
    pub field: &'static str,
    /// How it compares.
    pub op: Op,
    /// With what.
    pub value: Operand,
}

/// A filter's value, typed as the store holds it.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// Text, an id, a word, a date.
    Text(String),
    /// An integer, an amount, a boolean, a time in microseconds.
    Int(i64),
}

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `field=value`
    Equal,
    /// `field[gt]=value`
    Greater,
    /// `field[gte]=value`
    GreaterOrEqual,
    /// `field[lt]=value`
    Less,
    /// `field[lte]=value`
    LessOrEqual,
}

impl Op {
    /// The operator in SQL.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }

    fn parse(bracket: &str) -> Option<Self> {
        Some(match bracket {
            "gt" => Self::Greater,
            "gte" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "lte" => Self::LessOrEqual,
            _ => return None,
        })
    }
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The field's name.
    pub field: &'static str,
    /// `sort=-field`.
    pub descending: bool,
}

/// Reads the query string of a call of this operation. Filtering or sorting by a field that the clinic or a
/// client may hide from the caller is refused. Only whose records they are may be asked for all the same: see
/// [`Query::asked`].
pub fn parse(spec: &Spec, text: &str, sight: Sight) -> Result<Query, Problem> {
    if text.len() > QUERY_BYTES_MAX {
        let detail = format!("the query string is longer than {QUERY_BYTES_MAX} bytes");
        return Err(Problem::new(&problem::MALFORMED, detail).about("query", "too_long"));
    }
    let mut reader = Reader { spec, sight, query: Query::default(), seen: Vec::new(), errors: Vec::new(), hidden: None };
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match (decode(name), decode(value)) {
            (Some(name), Some(value)) => reader.parameter(&name, &value),
            (name, _) => return Err(undecodable(pair, name)),
        }
    }
    match (reader.hidden, reader.errors.is_empty()) {
        (_, false) => Err(Problem::parameters(reader.errors)),
        (Some(hidden), true) => Err(hidden),
        (None, true) => {
            // One order, so that the same filters make the same statement.
            reader.query.filters.sort_by_key(|term| (term.field, term.op.sql()));
            Ok(reader.query)
        }
    }
}

struct Reader<'s> {
    spec: &'s Spec,
    sight: Sight,
    query: Query,
    seen: Vec<String>,
    errors: Vec<FieldError>,
    hidden: Option<Problem>,
}

impl Reader<'_> {
    fn wrong(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(FieldError::new(shorten(name), code, detail));
        }
    }

    fn parameter(&mut self, name: &str, value: &str) {
        if self.seen.iter().any(|seen| seen == name) {
            return self.wrong(name, "repeated", "must be given once");
        }
        self.seen.push(name.to_owned());
        if name != "cursor" {
            self.query.given.push((name.to_owned(), value.to_owned()));
        }
        let listed = match self.spec.reply {
            Reply::List { schema } => Some(schema),
            Reply::One { .. } | Reply::Empty | Reply::Accepted | Reply::Lines => None,
        };
        match (name, listed) {
            ("clinic_id", _) => self.query.clinic_id = Some(value.to_owned()),
            ("fields", _) => match self.spec.reply_schema() {
                Some(schema) => self.fields(schema, value),
                None => self.unknown(name),
            },
            ("include", _) if !self.spec.links.is_empty() => self.include(value),
            ("types", _) if self.spec.follows => self.types(value),
            ("wait", _) if self.spec.follows => match integer(value).filter(|wait| (0..=i64::from(WAIT_S_MAX)).contains(wait)) {
                Some(wait) => self.query.wait_s = u32::try_from(wait).unwrap_or(0),
                None => self.wrong(name, "range", format!("must be a number of seconds from 0 to {WAIT_S_MAX}")),
            },
            ("limit", Some(_)) => match integer(value).filter(|limit| (1..=i64::from(LIMIT_MAX)).contains(limit)) {
                Some(limit) => self.query.limit = u32::try_from(limit).ok(),
                None => self.wrong(name, "range", format!("must be a number from 1 to {LIMIT_MAX}")),
            },
            ("cursor", Some(_)) => self.query.cursor = Some(value.to_owned()),
            ("sort", Some(schema)) => self.sort(schema, value),
            (_, Some(schema)) => self.filter(schema, name, value),
            (_, None) => self.unknown(name),
        }
    }

    /// Which types there are only the catalogue knows.
    fn types(&mut self, value: &str) {
        let mut types: Vec<String> = value.split(',').map(str::to_owned).collect();
        types.sort_unstable();
        if types.windows(2).any(|pair| pair.first() == pair.last()) {
            return self.wrong("types", "repeated", "each type must be given once");
        }
        self.query.types = types;
    }

    fn unknown(&mut self, name: &str) {
        if self.errors.len() < ERRORS_MAX {
            // A filter's operator stands behind its name.
            let meant = did_you_mean(name.split('[').next().unwrap_or_default(), self.known());
            self.wrong(name, "unknown", format!("there is no such parameter here{meant}"));
        }
    }

    /// The parameters that there are.
    fn known(&self) -> Vec<&'static str> {
        let mut known = vec!["clinic_id"];
        known.extend(self.spec.reply_schema().map(|_| "fields"));
        known.extend(self.spec.links.first().map(|_| "include"));
        known.extend(self.spec.follows.then_some(["types", "wait"]).into_iter().flatten());
        if let Reply::List { schema } = self.spec.reply {
            known.extend(["limit", "cursor", "sort"]);
            let fields = schema.fields.iter().chain(self.spec.through);
            known.extend(fields.filter(|field| field.filter != Filter::None).map(|field| field.name));
        }
        known
    }

    fn fields(&mut self, schema: &'static Schema, value: &str) {
        let mut picked = Vec::new();
        for name in value.split(',') {
            match schema.field(name) {
                Some((_, field)) => picked.push(field.name),
                None if self.errors.len() >= ERRORS_MAX => {}
                None => {
                    let meant = did_you_mean(name, schema.fields.iter().map(|field| field.name));
                    self.wrong("fields", "unknown", format!("`{}` is not a field of {}{meant}", shorten(name), schema.name));
                }
            }
        }
        self.query.fields = Some(picked);
    }

    fn include(&mut self, value: &str) {
        for name in value.split(',') {
            match self.spec.links.iter().find(|link| link.name == name) {
                Some(link) if self.query.include.iter().any(|known| known.name == link.name) => {
                    self.wrong("include", "repeated", format!("`{name}` must be given once"));
                }
                Some(link) => self.query.include.push(link),
                None => {
                    let names: Vec<&str> = self.spec.links.iter().map(|link| link.name).collect();
                    let detail = format!("`{}` cannot be included here; there are: {}", shorten(name), names.join(", "));
                    self.wrong("include", "unknown", detail);
                }
            }
        }
    }

    fn sort(&mut self, schema: &'static Schema, value: &str) {
        let (name, descending) = value.strip_prefix('-').map_or((value, false), |name| (name, true));
        match schema.field(name).filter(|(_, field)| field.sort) {
            Some((_, field)) => {
                self.guard_sort(field);
                self.query.sort = Some(Sort { field: field.name, descending });
            }
            None => {
                let sorts: Vec<&str> = schema.fields.iter().filter(|field| field.sort).map(|field| field.name).collect();
                let detail = match sorts.as_slice() {
                    [] => "this list has one order and cannot be sorted".to_owned(),
                    _ => format!("must be one of {}, with `-` in front for descending", sorts.join(", ")),
                };
                self.wrong("sort", "unknown", detail);
            }
        }
    }

    fn filter(&mut self, schema: &'static Schema, name: &str, value: &str) {
        let (field_name, bracket) = match name.strip_suffix(']').and_then(|open| open.split_once('[')) {
            Some((field_name, bracket)) => (field_name, Some(bracket)),
            None => (name, None),
        };
        let own = schema.field(field_name).map(|(_, field)| field).filter(|field| field.filter != Filter::None);
        let Some(field) = own.or_else(|| self.spec.through.iter().find(|field| field.name == field_name)) else {
            return self.unknown(name);
        };
        let op = match bracket {
            None => Some(Op::Equal),
            Some(bracket) => Op::parse(bracket).filter(|_| field.filter == Filter::Range),
        };
        let Some(op) = op else {
            return self.wrong(name, "unknown", format!("`{field_name}` does not take this operator"));
        };
        match operand(field, value) {
            Ok(value) => {
                self.guard_filter(field, &value);
                self.query.filters.push(Term { field: field.name, op, value });
            }
            Err((code, detail)) => self.wrong(name, code, detail),
        }
    }
}

fn operand(field: &Field, value: &str) -> Result<Operand, (&'static str, String)> {
    if matches!(field.shape, Shape::Text | Shape::Email) && value.chars().count() > field.max as usize {
        return Err(("too_long", format!("must have at most {} characters", field.max)));
    }
    check_text(&filter_shape(field), value)?;
    Ok(match field.shape {
        Shape::Int | Shape::Money => Operand::Int(integer(value).unwrap_or(0)),
        Shape::Bool => Operand::Int(i64::from(value == "true")),
        Shape::Time => Operand::Int(Timestamp::parse(value).unwrap_or_default().as_micros()),
        _ => Operand::Text(value.to_owned()),
    })
}

/// Money is filtered by its amount in minor units.
pub fn filter_shape(field: &Field) -> Shape {
    match field.shape {
        Shape::Money => Shape::Int,
        shape => shape,
    }
}

/// Says which parameter cannot be read, by its name as far as that can.
fn undecodable(pair: &str, name: Option<String>) -> Problem {
    let name = shorten(&name.unwrap_or_else(|| pair.split('=').next().unwrap_or_default().to_owned()));
    let why = "is not percent-encoded UTF-8: behind `%` stand two hexadecimal digits, and together they are UTF-8";
    let mut problem = Problem::new(&problem::MALFORMED, format!("in the query string, the parameter `{name}` {why}"));
    problem.errors.push(FieldError::new(name, "encoding", why));
    problem
}

/// The clinic that a query string names, before the rest of it is read. It is read as [`parse`]
/// reads it, however the name is spelled.
pub fn clinic_id(text: &str) -> Result<Option<String>, Problem> {
    if text.len() > QUERY_BYTES_MAX {
        let detail = format!("the query string is longer than {QUERY_BYTES_MAX} bytes");
        return Err(Problem::new(&problem::MALFORMED, detail).about("query", "too_long"));
    }
    let named = text
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .find(|(name, _)| decode(name).as_deref() == Some("clinic_id"));
    Ok(named.and_then(|(_, value)| decode(value)))
}

#[cfg(test)]
mod tests;
