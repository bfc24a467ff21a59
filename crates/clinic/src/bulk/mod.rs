//! Bulk writes: up to 500 rows of one resource under one permit, in one transaction, with one
//! audit entry that names every record.
//!
//! A row is what a create body is, with its identifier in the other system as its key: the first
//! time it makes a record, later it changes that one, or nothing. A row that is wrong changes
//! nothing and stops no other: everything about it is checked before anything of it is written.
//! `batch.rs` reads rows and finds what they mean, `report.rs` tells what became of each.

pub mod reading;
pub mod report;

use std::marker::PhantomData;

use clinicos_contract::admit::check_row;
use clinicos_contract::{
    Access, AnyId, Category, Field, FieldError, Id, Kind, Problem, RateClass, Record as _, Reply, Schema, Shape, Spec, problem,
    words,
};
use clinicos_gate::{Cx, OrProblem as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use self::reading::CheckedRow;
pub use reading::{Batch, Row};
pub use report::{ImportBatch, Outcome};

use crate::documents::ExternalIds;
use crate::external_ids;

/// Most rows of a batch.
pub const ROWS_MAX: u32 = 500;
/// Most bytes of a batch.
pub const BODY_BYTES_MAX: usize = 8 << 20;

/// What every import does.
const DESCRIPTION: &str = "At most 500 rows, each with its identifier in the other system. A row whose identifier is not \
                               known creates a record, one that is known changes it, and the same rows again change nothing. \
                               A wrong row is rejected alone, with what is wrong in `rows`; the answer is 200 all the same. \
                               What was deleted here stays deleted.";

/// What all imports declare; each names itself, its resource, its body and its events.
pub const SPEC: Spec = Spec {
    description: DESCRIPTION,
    access: Access::Write,
    rate: RateClass::Heavy,
    body_bytes_max: BODY_BYTES_MAX,
    reply: Reply::one(ImportBatch::SCHEMA),
    idempotent: true,
    compares: true,
    problems: &[&problem::RULE_BROKEN],
    ..Spec::DEFAULT
};

words! {
    /// Which rows an answer tells of.
    Results {
        /// Every row.
        All = "all",
        /// Those that were rejected.
        Rejected = "rejected",
    }
}

const FIELD: Field = Field::of(Category::RecordSystem);

/// Whose identifiers `external_id` and `…_external_id` are.
pub const SYSTEM: Field = FIELD.required().max(60).named(
    "system",
    "The system that `external_id` and every `…_external_id` of the rows come from, such as `avimark`.",
    Shape::Text,
    false,
);
/// Whether to only say what would happen.
pub const DRY_RUN: Field =
    FIELD.creatable().named("dry_run", "Check everything, tell what would happen, and change nothing.", Shape::Bool, false);
/// Which rows the answer tells of.
pub const RESULTS: Field = FIELD.creatable().named(
    "results",
    "Which rows the answer lists: `all` unless given, or only the `rejected` ones.",
    Shape::Enum(Results::WORDS),
    false,
);

/// The rows of a resource with this schema.
pub const fn rows(schema: &'static Schema) -> Field {
    FIELD.required().max(ROWS_MAX).named(
        "rows",
        "At most 500. Each is a create body with `external_id`, its identifier in `system`: a row whose identifier is known \
         changes that record, and fields that it leaves out stay as they are. An `…_id` may be given as `…_external_id`.",
        Shape::Rows(schema),
        false,
    )
}

/// What rows a body holds.
pub trait Rows: Send + Sync + 'static {
    /// Their schema.
    const SCHEMA: &'static Schema;
}

/// A body of an import whose rows were checked, each by itself. That happens before the import's
/// turn to write comes; what needs other records is found out then.
#[derive(Debug)]
pub struct NewBatch<R> {
    /// Whose identifiers the rows have.
    system: String,
    /// Whether to change nothing.
    dry_run: bool,
    /// Which rows the answer tells of.
    results: Results,
    /// How many rows there are.
    count: usize,
    /// Rows that are right by themselves.
    rows: Vec<CheckedRow>,
    /// What is wrong with the others, by place.
    wrong: Vec<(usize, Vec<FieldError>)>,
    /// The places of all fields that rows name, a bit for each.
    named: u64,
    kind: PhantomData<fn() -> R>,
}

#[derive(Deserialize)]
struct PlainBatch {
    system: String,
    #[serde(default)]
    dry_run: bool,
    #[serde(default = "all")]
    results: Results,
    rows: Vec<Value>,
}

fn all() -> Results {
    Results::All
}

impl<'de, R: Rows> Deserialize<'de> for NewBatch<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let PlainBatch { system, dry_run, results, rows } = PlainBatch::deserialize(deserializer)?;
        let mut batch = Self {
            system,
            dry_run,
            results,
            count: rows.len(),
            rows: Vec::with_capacity(rows.len()),
            wrong: Vec::new(),
            named: 0,
            kind: PhantomData,
        };
        for (at, row) in rows.into_iter().enumerate() {
            let (errors, named) = check_row(R::SCHEMA, &row);
            batch.named |= named;
            match CheckedRow::of(at, &batch.system, row).filter(|_| errors.is_empty()) {
                Some(row) => batch.rows.push(row),
                None => batch.wrong.push((at, errors)),
            }
        }
        Ok(batch)
    }
}

/// What a resource does with rows that passed their checks. Nothing is written before `save`, and
/// a row that comes back with a problem has left nothing behind.
pub trait Importing: Send {
    /// Whose ids the records have.
    type Kind: Kind;

    /// Makes a record of a row.
    fn create(&mut self, cx: &Cx<'_>, row: &mut Row<Self::Kind>) -> Result<AnyId, Problem>;

    /// Changes the record that a row means; `None` if everything was so already.
    fn change(&mut self, cx: &Cx<'_>, id: Id<Self::Kind>, row: &mut Row<Self::Kind>) -> Result<Option<Changed>, Problem>;

    /// Writes what was made and changed, and announces it.
    fn save(self, cx: &mut Cx<'_>) -> impl Future<Output = Result<(), Problem>> + Send;
}

/// The identifiers of a record before and after a row changed it.
pub struct Changed {
    /// Before.
    pub before: ExternalIds,
    /// After.
    pub after: ExternalIds,
}

/// Takes every row, then writes what they come to; in a dry run it writes nothing.
pub async fn import<I: Importing>(cx: &mut Cx<'_>, batch: &mut Batch<I::Kind>, mut importing: I) -> Result<(), Problem> {
    let mut claims = Vec::new();
    for mut row in batch.take_rows() {
        let at = row.at;
        let Some(id) = row.found else {
            match importing.create(cx, &mut row) {
                Err(problem) => batch.report.reject_with(at, &problem, row.unknown)?,
                Ok(_) if !row.unknown.is_empty() => batch.report.reject_fields(at, row.unknown),
                Ok(id) => {
                    batch.report.done(at, Outcome::Created, (!batch.dry_run).then_some(id));
                    claims.extend(row.claims(batch.clinic, id));
                }
            }
            continue;
        };
        match importing.change(cx, id, &mut row) {
            Err(problem) => batch.report.reject_with(at, &problem, row.unknown)?,
            Ok(_) if !row.unknown.is_empty() => batch.report.reject_fields(at, row.unknown),
            Ok(None) => batch.report.done(at, Outcome::Unchanged, Some(id.any())),
            Ok(Some(changed)) => {
                batch.report.done(at, Outcome::Changed, Some(id.any()));
                if !batch.dry_run {
                    external_ids::replace(cx.conn(), batch.clinic, id, &changed.before, &changed.after).await?;
                }
            }
        }
    }
    if batch.dry_run {
        return Ok(());
    }
    importing.save(cx).await?;
    external_ids::rows::insert(cx.conn(), &claims).await.or_problem()
}

/// A row means a record that the batch did not find: the store contradicts itself.
pub fn lost(id: impl std::fmt::Display) -> Problem {
    Problem::unavailable(format!("an identifier of another system means {id}, which is not there"))
}
