//! Records as they stand: out of a clinic, and into another one.
//!
//! A kind of record says how it is listed and how it is inserted; that a line of it can be read
//! follows from its fields. Plain records say nothing: all of this follows for them.
//!
//! `clinic_id` is no member of a line: a record may be taken in elsewhere, and then its lines are the
//! same.

mod named;
pub mod rows;

use std::marker::PhantomData;

use bytes::Bytes;
use clinicos_contract::admit::check_standing;
use clinicos_contract::record::FromMembers;
use clinicos_contract::time::Date;
use clinicos_contract::wire::IntoStatic;
use clinicos_contract::{AnyId, FieldError, Problem, Record, Schema, Shape, Timestamp, View, Writer};
use clinicos_gate::files::{NewFile, WantedFile};
use clinicos_gate::{ClinicFacts, ClinicId, OrProblem as _};
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json};

use self::named::Named;
use crate::documents::ExternalIds;
use crate::external_ids::{self, Claim};
use crate::plain::{Plain, references};
use crate::sums::Sums;

/// The field that lines leave out.
pub const LEFT_OUT: &str = "clinic_id";

/// Whose records, and on which day of the clinic.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The clinic.
    pub clinic: ClinicId,
    /// Its calendar day.
    pub today: Date,
}

/// Which records: those behind this id.
#[derive(Debug, Clone)]
pub struct Part {
    /// Whose.
    pub place: Place,
    /// The last record before; none at the beginning.
    pub after: Option<String>,
    /// Most records.
    pub limit: i64,
}

/// A kind of record that goes out and in as it stands.
pub trait Standing: Sized + Record + FromMembers + IntoStatic<Static = Self> + Send + Sync + 'static {
    /// The operation that reads the same directly.
    const READS: &'static str;
    /// Most records that go out at once.
    const AT_ONCE: i64 = 500;
    /// Whether lines of it bring bytes along that are kept in files.
    const HAS_FILES: bool = false;
    /// How it is listed.
    const LIST: &'static ListSql;

    /// What the list's scope is asked with, to see all records.
    fn scope(place: Place) -> Vec<Value<'static>>;
    /// Writes a row of the list.
    fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError>;
    /// Adds some, with what they hold.
    fn insert<'c>(conn: &'c mut dyn Conn, new: &'c [Self]) -> BoxFuture<'c, Result<(), StoreError>>;
    /// The identifiers that it has in other systems.
    fn external_ids(&self) -> ExternalIds;

    /// Tells what it says of other records, and what of it contradicts itself.
    fn weigh(&self, _sums: &mut Sums) -> Vec<FieldError> {
        Vec::new()
    }

    /// The file that it brings along.
    fn file(self) -> Option<NewFile> {
        None
    }

    /// The files whose bytes a part of them shows, in their order.
    fn files<'c>(_conn: &'c mut dyn Conn, _part: &'c Part) -> BoxFuture<'c, Result<Vec<WantedFile>, StoreError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// Writes a part of them, a line each, with the bytes of those files.
    fn write<'c>(
        conn: &'c mut dyn Conn,
        part: &'c Part,
        out: &'c mut Writer,
        view: &'c View,
        _files: &'c [Bytes],
    ) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(async move {
            rows::some(conn, Self::LIST, &Self::scope(part.place), part, &mut |row| {
                Self::emit(row, out, view)?;
                out.raw("\n");
                Ok(())
            })
            .await
        })
    }
}

impl<R: Plain> Standing for R {
    const READS: &'static str = R::NAMES.operations.list;
    const LIST: &'static ListSql = R::STATEMENTS.list;

    fn scope(place: Place) -> Vec<Value<'static>> {
        vec![place.clinic.into(), Value::Text("all")]
    }
    fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError> {
        <R as crate::plain::Declared>::emit(row, out, view)
    }
    fn insert<'c>(conn: &'c mut dyn Conn, new: &'c [Self]) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(crate::plain::rows::insert(conn, new))
    }
    fn external_ids(&self) -> ExternalIds {
        <R as crate::plain::Declared>::external_ids(self)
    }
    fn weigh(&self, sums: &mut Sums) -> Vec<FieldError> {
        <R as Plain>::weigh(self, sums)
    }
}

/// What is wrong with a line.
#[derive(Debug)]
pub struct WrongLine {
    /// Its place among those that were given, from 0.
    pub at: usize,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

/// A kind of record without its type.
pub trait AnyStanding: Send + Sync {
    /// What a file of them is called: `clients`.
    fn name(&self) -> &'static str;
    /// What their ids begin with.
    fn prefix(&self) -> &'static str;
    /// Their fields.
    fn schema(&self) -> &'static Schema;
    /// The operation that reads the same directly.
    fn reads(&self) -> &'static str;
    /// Most records that go out at once.
    fn at_once(&self) -> i64;
    /// How they are listed.
    fn list(&self) -> &'static ListSql;
    /// The files whose bytes a part of them shows, in their order.
    fn files<'c>(&'c self, conn: &'c mut dyn Conn, part: &'c Part) -> BoxFuture<'c, Result<Vec<WantedFile>, StoreError>>;
    /// Writes a part of them, a line each, with the bytes of those files.
    fn write<'c>(
        &'c self,
        conn: &'c mut dyn Conn,
        part: &'c Part,
        out: &'c mut Writer,
        view: &'c View,
        files: &'c [Bytes],
    ) -> BoxFuture<'c, Result<(), StoreError>>;
    /// The files that lines bring along. A line that does not fit brings none: it is refused in its turn.
    fn brought(&self, clinic: ClinicId, lines: &str) -> Vec<NewFile>;
    /// Checks lines, the first of which has this number, and tells what they say of others.
    fn check(&self, lines: &mut dyn Iterator<Item = &str>, first_line: u64, sums: &mut Sums) -> Result<(), WrongLine>;
    /// Adds the records that lines hold, which go on behind `after`.
    fn add<'c>(
        &'c self,
        conn: &'c mut dyn Conn,
        clinic: &'c ClinicFacts,
        after: Option<&'c str>,
        lines: &'c str,
    ) -> BoxFuture<'c, Result<Vec<AnyId>, Problem>>;
}

/// The kind of a type.
pub struct Of<R>(PhantomData<fn() -> R>);

impl<R: Standing> Of<R> {
    /// It.
    pub const NEW: Self = Self(PhantomData);

    /// The record that members are. `clinic_id` is given, because no line has it.
    fn record(mut members: Map<String, Json>, clinic: ClinicId) -> Result<R, Vec<FieldError>> {
        members.insert(LEFT_OUT.to_owned(), Json::String(clinic.to_string()));
        R::from_members(&mut members)
            .map_err(|misfit| vec![FieldError::new(format!("/{}", misfit.field), "type", misfit.error.to_string())])
    }
}

/// The members of a line that fits a schema.
fn members(schema: &'static Schema, line: &str) -> Result<Map<String, Json>, Vec<FieldError>> {
    let wrong = |code, detail: String| vec![FieldError::new("", code, detail)];
    let parsed = clinicos_contract::json::parse(line.as_bytes());
    let Json::Object(mut members) = parsed.map_err(|broken| wrong("malformed", format!("is not JSON: {}", broken.detail)))?
    else {
        return Err(wrong("type", "must be an object".to_owned()));
    };
    if members.contains_key(LEFT_OUT) {
        let detail = "does not belong here: whose an export is, stands in `origin.json` alone";
        return Err(vec![FieldError::new(format!("/{LEFT_OUT}"), "unknown", detail)]);
    }
    // The check sees a whole record.
    members.insert(LEFT_OUT.to_owned(), Json::String(ClinicId::from_bytes([0; 16]).to_string()));
    let mut errors = check_standing(schema, &members);
    if errors.is_empty() {
        errors.extend(["updated_at", "deleted_at"].into_iter().filter_map(|name| before_it_was_created(&members, name)));
    }
    if errors.is_empty() { Ok(members) } else { Err(errors) }
}

/// What is wrong with a time that lies before the record was created.
fn before_it_was_created(members: &Map<String, Json>, name: &str) -> Option<FieldError> {
    let time = |name| members.get(name).and_then(Json::as_str).and_then(Timestamp::parse);
    let (at, created) = (time(name)?, time("created_at")?);
    (at < created).then(|| FieldError::new(format!("/{name}"), "range", format!("must not be before `created_at`, {created}")))
}

impl<R: Standing> AnyStanding for Of<R> {
    fn name(&self) -> &'static str {
        R::LIST.table
    }

    fn prefix(&self) -> &'static str {
        match R::SCHEMA.field("id").map(|(_, field)| field.shape) {
            Some(Shape::Id(prefix)) => prefix,
            _ => "",
        }
    }

    fn schema(&self) -> &'static Schema {
        R::SCHEMA
    }

    fn reads(&self) -> &'static str {
        R::READS
    }

    fn at_once(&self) -> i64 {
        R::AT_ONCE
    }

    fn list(&self) -> &'static ListSql {
        R::LIST
    }

    fn files<'c>(&'c self, conn: &'c mut dyn Conn, part: &'c Part) -> BoxFuture<'c, Result<Vec<WantedFile>, StoreError>> {
        R::files(conn, part)
    }

    fn write<'c>(
        &'c self,
        conn: &'c mut dyn Conn,
        part: &'c Part,
        out: &'c mut Writer,
        view: &'c View,
        files: &'c [Bytes],
    ) -> BoxFuture<'c, Result<(), StoreError>> {
        R::write(conn, part, out, view, files)
    }

    fn brought(&self, clinic: ClinicId, lines: &str) -> Vec<NewFile> {
        if !R::HAS_FILES {
            return Vec::new();
        }
        let record = |line| members(R::SCHEMA, line).and_then(|members| Self::record(members, clinic)).ok();
        lines.lines().filter_map(record).filter_map(R::file).collect()
    }

    fn check(&self, lines: &mut dyn Iterator<Item = &str>, first_line: u64, sums: &mut Sums) -> Result<(), WrongLine> {
        for (at, line) in lines.enumerate() {
            let read = members(R::SCHEMA, line).and_then(|members| Self::record(members, ClinicId::from_bytes([0; 16])));
            let record = read.map_err(|errors| WrongLine { at, errors })?;
            sums.at(first_line + at as u64);
            let errors = record.weigh(sums);
            if !errors.is_empty() {
                return Err(WrongLine { at, errors });
            }
        }
        Ok(())
    }

    fn add<'c>(
        &'c self,
        conn: &'c mut dyn Conn,
        clinic: &'c ClinicFacts,
        after: Option<&'c str>,
        lines: &'c str,
    ) -> BoxFuture<'c, Result<Vec<AnyId>, Problem>> {
        Box::pin(async move {
            let (mut new, mut claims, mut ids) = (Vec::new(), Vec::new(), Vec::new());
            let mut named = Named::before(R::LIST.table);
            let mut before = after.map(str::to_owned);
            for (at, line) in lines.lines().enumerate() {
                let members = members(R::SCHEMA, line).map_err(|errors| refused(at, errors))?;
                references::check_currency(R::SCHEMA, &members, clinic).map_err(|problem| refused(at, problem.errors))?;
                named.note(at, R::SCHEMA, &members);
                let record = Self::record(members, clinic.id).map_err(|errors| refused(at, errors))?;
                // What it says of others was weighed before the first of them was sent.
                let errors = record.weigh(&mut Sums::default());
                if !errors.is_empty() {
                    return Err(refused(at, errors));
                }
                let id = record.record_id();
                let text = id.to_string();
                if before.as_ref().is_some_and(|before| *before >= text) {
                    let detail = "the records of a file are in the order of their ids, each once";
                    return Err(refused(at, vec![FieldError::new("/id", "order", detail)]));
                }
                before = Some(text);
                ids.push(id);
                let external = record.external_ids().0.into_iter();
                claims.extend(external.map(|external| Claim { clinic: clinic.id, record: id, external }));
                new.push(record);
            }
            named.check(conn, clinic.id).await?;
            R::insert(conn, &new).await.or_problem()?;
            external_ids::rows::insert(conn, &claims).await.or_problem()?;
            Ok(ids)
        })
    }
}

/// A refusal that names the line, as a pointer into `lines`.
fn refused(at: usize, errors: Vec<FieldError>) -> Problem {
    let named = |error: FieldError| FieldError { pointer: format!("/lines/{at}{}", error.pointer), ..error };
    Problem::fields(errors.into_iter().map(named).collect())
}
