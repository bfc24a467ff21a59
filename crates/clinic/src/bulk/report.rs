//! What became of the rows of a batch.

use std::borrow::Cow;

use clinicos_contract::wire::{IntoStatic, ValueWriter};
use clinicos_contract::{AnyId, Category, Field, FieldError, Problem, Schema, Shape, Timestamp, Wire, record, words};
use clinicos_gate::ClinicId;
use serde::{Deserialize, Serialize};

use super::Results;
use crate::ids::{self, ImportBatchId};

words! {
    /// What became of a row.
    Outcome {
        /// It made a record.
        Created = "created",
        /// It changed one.
        Changed = "changed",
        /// Everything was so already.
        Unchanged = "unchanged",
        /// It is wrong, and changed nothing.
        Rejected = "rejected",
    }
}

const SYSTEM: Field = Field::of(Category::RecordSystem);

static ERROR: Schema = Schema {
    name: "row_error",
    doc: "What is wrong with a field of a row.",
    fields: &[
        SYSTEM.named("pointer", "A JSON pointer into the row.", Shape::Text, false),
        SYSTEM.named("code", "What kind of fault it is, such as `required` or `unknown_record`.", Shape::Text, false),
        SYSTEM.named("detail", "What is expected there.", Shape::Text, false),
    ],
};

static ROW: Schema = Schema {
    name: "row_result",
    doc: "What became of a row.",
    fields: &[
        SYSTEM.named("index", "Its place in `rows`, from 0.", Shape::Int, false),
        SYSTEM.named("outcome", "What became of it.", Shape::Enum(Outcome::WORDS), false),
        SYSTEM.named("id", "The record; null if it was rejected, or would be created.", Shape::Text, true),
        SYSTEM.named("errors", "What is wrong; empty unless it was rejected.", Shape::List(&Shape::Object(&ERROR)), false),
    ],
};

record! {
    /// What became of a batch of rows.
    pub struct ImportBatch<'a> as "import_batch" {
        /// Its identifier.
        id: ImportBatchId = SYSTEM,
        /// The clinic.
        clinic_id: ClinicId = SYSTEM,
        /// What was imported, such as `clients`.
        resource: Cow<'a, str> = SYSTEM,
        /// The system that the rows come from.
        system: Cow<'a, str> = SYSTEM,
        /// Whether nothing was changed.
        dry_run: bool = SYSTEM,
        /// Rows that made a record.
        created: i64 = SYSTEM,
        /// Rows that changed one.
        changed: i64 = SYSTEM,
        /// Rows that said what was so already.
        unchanged: i64 = SYSTEM,
        /// Rows that are wrong.
        rejected: i64 = SYSTEM,
        /// What became of each row, in order.
        rows: RowResults = SYSTEM.max(super::ROWS_MAX),
        /// When it was run.
        created_at: Timestamp = SYSTEM,
        /// Always 1.
        version: i64 = SYSTEM,
    }
}

/// What is wrong with a field of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// A JSON pointer into the row.
    pub pointer: String,
    /// The kind of fault.
    pub code: Cow<'static, str>,
    /// What is expected.
    pub detail: String,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowResult {
    index: i64,
    outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    errors: Vec<RowError>,
}

/// What became of each row, and every record that was made or changed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RowResults {
    rows: Vec<RowResult>,
    /// Whether only rejected rows are shown.
    rejected_only: bool,
}

impl IntoStatic for RowResults {
    type Static = Self;
    fn into_static(self) -> Self {
        self
    }
}

impl Wire for RowResults {
    const SHAPE: Shape = Shape::List(&Shape::Object(&ROW));
    type Static = Self;

    fn into_static(self) -> Self {
        self
    }

    fn write(&self, out: &mut ValueWriter<'_>) {
        out.raw("[");
        let mut first = true;
        for row in &self.rows {
            let id = row.id.as_deref().and_then(ids::any);
            if self.rejected_only && row.outcome != Outcome::Rejected {
                // The journal names every record that the batch touched, listed or not.
                id.into_iter().for_each(|id| out.touched(id));
                continue;
            }
            out.raw(if std::mem::take(&mut first) { "{\"index\":" } else { ",{\"index\":" });
            write_row(row, id, out);
        }
        out.raw("]");
    }
}

fn write_row(row: &RowResult, id: Option<AnyId>, out: &mut ValueWriter<'_>) {
    out.int(row.index);
    out.raw(",\"outcome\":");
    out.plain_text(row.outcome.name());
    out.raw(",\"id\":");
    match id {
        Some(id) => out.mention(id),
        None => out.raw("null"),
    }
    out.raw(",\"errors\":[");
    for (index, error) in row.errors.iter().enumerate() {
        out.raw(if index == 0 { "{\"pointer\":" } else { ",{\"pointer\":" });
        out.text(&error.pointer);
        out.raw(",\"code\":");
        out.text(&error.code);
        out.raw(",\"detail\":");
        out.text(&error.detail);
        out.raw("}");
    }
    out.raw("]}");
}

/// Collects what becomes of rows.
pub struct Report {
    rows: Vec<Option<RowResult>>,
    results: Results,
}

/// What an answer says of the batch itself.
pub(super) struct Head {
    pub(super) id: ImportBatchId,
    pub(super) clinic: ClinicId,
    pub(super) resource: &'static str,
    pub(super) system: String,
    pub(super) dry_run: bool,
    pub(super) now: Timestamp,
}

impl Report {
    pub(super) fn new(rows: usize, results: Results) -> Self {
        Self { rows: vec![None; rows], results }
    }

    /// A row was right.
    pub fn done(&mut self, at: usize, outcome: Outcome, id: Option<AnyId>) {
        self.put(at, outcome, id.map(|id| id.to_string()), Vec::new());
    }

    /// A row breaks a rule. What is wrong with the store is not the row's fault, and comes back.
    pub fn reject(&mut self, at: usize, problem: &Problem) -> Result<(), Problem> {
        if problem.code.status >= 500 {
            return Err(problem.clone());
        }
        if problem.errors.is_empty() {
            let error = RowError { pointer: String::new(), code: problem.code.name.into(), detail: problem.detail.clone() };
            self.put(at, Outcome::Rejected, None, vec![error]);
        } else {
            self.reject_fields(at, problem.errors.clone());
        }
        Ok(())
    }

    /// A row breaks a rule, beside what was found wrong before.
    pub fn reject_with(&mut self, at: usize, problem: &Problem, before: Vec<FieldError>) -> Result<(), Problem> {
        self.reject(at, problem)?;
        let before =
            before.into_iter().map(|error| RowError { pointer: error.pointer, code: error.code.into(), detail: error.detail });
        if let Some(Some(row)) = self.rows.get_mut(at) {
            row.errors.extend(before);
        }
        Ok(())
    }

    /// Fields of a row are wrong.
    pub fn reject_fields(&mut self, at: usize, errors: Vec<FieldError>) {
        let errors =
            errors.into_iter().map(|error| RowError { pointer: error.pointer, code: error.code.into(), detail: error.detail });
        self.put(at, Outcome::Rejected, None, errors.collect());
    }

    fn put(&mut self, at: usize, outcome: Outcome, id: Option<String>, errors: Vec<RowError>) {
        if let Some(slot) = self.rows.get_mut(at) {
            *slot = Some(RowResult { index: i64::try_from(at).unwrap_or(i64::MAX), outcome, id, errors });
        }
    }

    pub(super) fn record(self, head: Head) -> ImportBatch<'static> {
        let rows: Vec<RowResult> = self.rows.into_iter().flatten().collect();
        let count = |outcome| i64::try_from(rows.iter().filter(|row| row.outcome == outcome).count()).unwrap_or(i64::MAX);
        ImportBatch {
            id: head.id,
            clinic_id: head.clinic,
            resource: Cow::Borrowed(head.resource),
            system: Cow::Owned(head.system),
            dry_run: head.dry_run,
            created: count(Outcome::Created),
            changed: count(Outcome::Changed),
            unchanged: count(Outcome::Unchanged),
            rejected: count(Outcome::Rejected),
            rows: RowResults { rejected_only: self.results == Results::Rejected, rows },
            created_at: head.now,
            version: 1,
        }
    }
}
