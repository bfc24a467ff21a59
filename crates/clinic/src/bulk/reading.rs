//! Reads the rows of a batch: checks each against its schema, and finds the records that its
//! identifiers mean, with a few statements for all rows together.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use clinicos_contract::admit::{ROW_KEY, check_named, own_name};
use clinicos_contract::{AnyId, FieldError, Id, Kind, Problem, Schema, Shape, Timestamp};
use clinicos_gate::{ClinicId, Cx, OrProblem as _};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::report::{ImportBatch, Report};
use super::{NewBatch, Rows};
use crate::documents::{ExternalId, ExternalIds};
use crate::external_ids::{self, Claim};
use crate::ids::ImportBatchId;
use crate::refusals;

/// A row that passed its checks, whose references are ids of records now.
#[derive(Debug)]
pub struct Row<K: Kind> {
    /// Its place in the batch.
    pub at: usize,
    /// The record that its identifier means, if there is one.
    pub found: Option<Id<K>>,
    /// References that a dry run found nothing for. The row is checked all the same, because what
    /// they mean may be about to be imported.
    pub(super) unknown: Vec<FieldError>,
    /// Its identifiers: the key first.
    external: Vec<ExternalId>,
    /// Whether the row lists identifiers beside its key.
    lists_more: bool,
    members: Map<String, Value>,
}

impl<K: Kind> Row<K> {
    /// The row as a create body.
    pub fn create<T: DeserializeOwned>(&mut self) -> Result<T, Problem> {
        let mut members = std::mem::take(&mut self.members);
        members.insert("external_ids".to_owned(), serde_json::to_value(&self.external).unwrap_or(Value::Null));
        typed(members)
    }

    /// The row as a merge patch: what it leaves out stays as it is.
    pub fn patch<T: DeserializeOwned>(&mut self) -> Result<T, Problem> {
        let mut members = std::mem::take(&mut self.members);
        if self.lists_more {
            members.insert("external_ids".to_owned(), serde_json::to_value(&self.external).unwrap_or(Value::Null));
        }
        typed(members)
    }

    /// A member of the row that can be given only when a record is made.
    pub fn member<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.members.get(name)?).ok()
    }

    /// What its identifiers are to mean.
    pub fn claims(&self, clinic: ClinicId, record: AnyId) -> impl Iterator<Item = Claim> + '_ {
        self.external.iter().map(move |external| Claim { clinic, record, external: external.clone() })
    }
}

fn typed<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T, Problem> {
    T::deserialize(Value::Object(members)).map_err(|error| Problem::rule("", "malformed", format!("does not fit: {error}")))
}

/// A row that is right by itself.
#[derive(Debug)]
pub(super) struct CheckedRow {
    at: usize,
    /// Its identifiers: the key first.
    external: Vec<ExternalId>,
    lists_more: bool,
    members: Map<String, Value>,
}

impl CheckedRow {
    /// Takes the identifiers out of a row.
    pub(super) fn of(at: usize, system: &str, row: Value) -> Option<Self> {
        let Value::Object(mut members) = row else { return None };
        let key = members.remove(ROW_KEY)?.as_str()?.to_owned();
        let mut external = vec![ExternalId { system: system.to_owned(), value: key }];
        let listed = members.remove("external_ids");
        let lists_more = listed.is_some();
        let listed = listed.and_then(|listed| ExternalIds::deserialize(&listed).ok()).unwrap_or_default();
        for one in listed.0 {
            if !external.contains(&one) {
                external.push(one);
            }
        }
        Some(Self { at, external, lists_more, members })
    }
}

/// A batch on its way.
pub struct Batch<K: Kind> {
    /// The clinic.
    pub clinic: ClinicId,
    /// Whether nothing is to be changed.
    pub dry_run: bool,
    /// When it is run.
    pub now: Timestamp,
    /// What became of each row.
    pub report: Report,
    rows: Vec<Row<K>>,
    system: String,
    /// Stand-ins for records that a dry run does not know yet.
    coming: HashSet<AnyId>,
}

impl<K: Kind> Batch<K> {
    /// Opens a batch: finds the records that its identifiers mean.
    pub async fn open<R: Rows>(cx: &mut Cx<'_>, new: NewBatch<R>) -> Result<Self, Problem> {
        refusals::check_not_empty("/system", &new.system)?;
        check_named(R::SCHEMA, new.named, cx.permit().visible())?;
        if new.dry_run {
            cx.tells_only();
        }
        let report = Report::new(new.count, new.results);
        let (clinic, now) = (cx.clinic_id()?, cx.now());
        let mut batch =
            Self { clinic, dry_run: new.dry_run, now, report, rows: Vec::new(), system: new.system, coming: HashSet::new() };
        for (at, errors) in new.wrong {
            batch.report.reject_fields(at, errors);
        }
        let mut keys = HashSet::new();
        for row in new.rows {
            if row.external.first().is_some_and(|key| !keys.insert(key.value.clone())) {
                let error = FieldError::new("/external_id", "repeated", "another row of the batch has this identifier");
                batch.report.reject_fields(row.at, vec![error]);
                continue;
            }
            let CheckedRow { at, external, lists_more, members } = row;
            batch.rows.push(Row { at, found: None, unknown: Vec::new(), external, lists_more, members });
        }
        batch.find_own(cx).await?;
        batch.find_references(cx, R::SCHEMA).await?;
        Ok(batch)
    }

    /// The rows that may go on, each once.
    pub fn take_rows(&mut self) -> Vec<Row<K>> {
        std::mem::take(&mut self.rows)
    }

    /// The records that rows of the batch mean.
    pub fn found(&self) -> Vec<Id<K>> {
        self.rows.iter().filter_map(|row| row.found).collect()
    }

    /// An id that rows name under this member, each once.
    pub fn named<T: Kind>(&self, member: &str) -> Vec<Id<T>> {
        let ids = self.rows.iter().filter_map(|row| row.member::<Id<T>>(member));
        let mut seen = HashSet::new();
        ids.filter(|id| seen.insert(*id)).collect()
    }

    /// What stands for records that a dry run does not know yet, each for one of its own: two owners
    /// who are about to be made are two.
    pub fn to_come<T: Kind>(&self) -> impl Iterator<Item = Id<T>> + '_ {
        self.coming.iter().filter(|id| id.prefix == T::PREFIX).map(|id| Id::from_bytes(id.bytes))
    }

    /// The rows, to look at.
    pub fn rows(&self) -> &[Row<K>] {
        &self.rows
    }

    /// The answer.
    pub fn close(self, cx: &Cx<'_>, resource: &'static str) -> ImportBatch<'static> {
        let id: ImportBatchId = cx.mint();
        let head =
            super::report::Head { id, clinic: self.clinic, resource, system: self.system, dry_run: self.dry_run, now: self.now };
        self.report.record(head)
    }

    /// Finds the records that the rows' own identifiers mean.
    async fn find_own(&mut self, cx: &mut Cx<'_>) -> Result<(), Problem> {
        let mut by_system: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for external in self.rows.iter().flat_map(|row| &row.external) {
            by_system.entry(&external.system).or_default().push(&external.value);
        }
        let mut known: HashMap<ExternalId, Id<K>> = HashMap::new();
        for (system, values) in by_system {
            let found = external_ids::rows::find_many(cx.conn(), self.clinic, K::PREFIX, system, &values).await.or_problem()?;
            known.extend(
                found
                    .into_iter()
                    .filter_map(|(value, id)| Some((ExternalId { system: system.to_owned(), value }, Id::from_stored(&id)?))),
            );
        }
        let mut claimed: HashSet<ExternalId> = HashSet::new();
        for mut row in std::mem::take(&mut self.rows) {
            row.found = row.external.first().and_then(|key| known.get(key).copied());
            let foreign = |external: &ExternalId| match known.get(external) {
                Some(owner) => Some(*owner) != row.found,
                None => claimed.contains(external),
            };
            // Its key may be what a row before it claimed as a further identifier.
            if row.found.is_none() && row.external.first().is_some_and(|key| claimed.contains(key)) {
                let error = FieldError::new("/external_id", "already_exists", "another row of the batch has this identifier");
                self.report.reject_fields(row.at, vec![error]);
                continue;
            }
            let taken = row.external.iter().skip(1).position(foreign);
            match taken {
                Some(at) => self.report.reject(row.at, &external_ids::taken(at))?,
                None => {
                    claimed.extend(row.external.iter().cloned());
                    self.rows.push(row);
                }
            }
        }
        Ok(())
    }

    /// Puts the ids of records in place of their identifiers elsewhere.
    async fn find_references(&mut self, cx: &mut Cx<'_>, schema: &'static Schema) -> Result<(), Problem> {
        let mut named: BTreeMap<&'static str, HashSet<String>> = BTreeMap::new();
        for row in &mut self.rows {
            references(schema, "", &mut row.members, &mut |reference| {
                named.entry(reference.prefix).or_default().insert(reference.value.to_owned());
                None
            });
        }
        let mut known: HashMap<&'static str, HashMap<String, String>> = HashMap::new();
        for (prefix, values) in named {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let found =
                external_ids::rows::find_many(cx.conn(), self.clinic, prefix, &self.system, &values).await.or_problem()?;
            known.insert(prefix, found);
        }
        let mut coming = HashSet::new();
        for mut row in std::mem::take(&mut self.rows) {
            let mut errors = Vec::new();
            references(schema, "", &mut row.members, &mut |reference| {
                let found = known.get(reference.prefix).and_then(|known| known.get(reference.value));
                if found.is_none() {
                    errors.push(FieldError::new(reference.pointer, "unknown_record", "no record here has this identifier"));
                }
                found.cloned().or_else(|| {
                    let stand_in = stand_in(reference.prefix, reference.value);
                    self.dry_run.then(|| {
                        coming.insert(stand_in);
                        stand_in.to_string()
                    })
                })
            });
            if errors.is_empty() || self.dry_run {
                row.unknown = errors;
                self.rows.push(row);
            } else {
                self.report.reject_fields(row.at, errors);
            }
        }
        self.coming = coming;
        Ok(())
    }
}

/// Stands for the record of an identifier that means none yet. No record has such an id: those begin
/// with the time at which they were made.
fn stand_in(prefix: &'static str, value: &str) -> AnyId {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    AnyId { prefix, bytes: u128::from(hasher.finish()).to_be_bytes() }
}

/// A member that names a record by its identifier elsewhere.
struct Reference<'r> {
    pointer: String,
    prefix: &'static str,
    value: &'r str,
}

/// Walks the references of a row; what `answer` gives takes their place.
fn references(
    schema: &'static Schema,
    at: &str,
    members: &mut Map<String, Value>,
    answer: &mut dyn FnMut(Reference<'_>) -> Option<String>,
) {
    let named: Vec<String> = members.keys().filter(|name| name.ends_with("_external_id")).cloned().collect();
    for name in named {
        let own = own_name(&name).into_owned();
        let Some((_, field)) = schema.field(&own) else { continue };
        let (Shape::Id(prefix), Some(value)) = (field.shape, members.get(&name).and_then(Value::as_str)) else { continue };
        if let Some(id) = answer(Reference { pointer: format!("{at}/{name}"), prefix, value }) {
            members.remove(&name);
            members.insert(own, Value::String(id));
        }
    }
    for (name, value) in members.iter_mut() {
        let inner = match schema.field(name).map(|(_, field)| field.shape) {
            Some(Shape::List(Shape::Object(inner) | Shape::Record(inner))) => *inner,
            Some(Shape::Object(inner) | Shape::Record(inner)) => inner,
            _ => continue,
        };
        match value {
            Value::Object(members) => references(inner, &format!("{at}/{name}"), members, answer),
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    if let Value::Object(members) = item {
                        references(inner, &format!("{at}/{name}/{index}"), members, answer);
                    }
                }
            }
            _ => {}
        }
    }
}
