//! A file whose records become parts of another file's.

use std::collections::HashSet;
use std::path::Path;

use super::doubled::{KEY_CHARS_MAX, reason};
use super::lost::Lost;
use super::{CHILDREN_BYTES_MAX, CHILDREN_MAX, Refused, Scan, WAITS, scan};
use crate::build::Bound;
use crate::index::{Entry, Index, hash};
use crate::mapping::{ChildPlan, Mapping};
use crate::read::{Record, Table};
use crate::{Broken, Fault};

/// The file on its way.
pub(super) struct Child<'m> {
    pub(super) plan: &'m ChildPlan,
    pub(super) table: Table,
    pub(super) bound: Bound<'m>,
    pub(super) index: Index,
    pub(super) records: u64,
    /// What stands behind quotes of the file.
    pub(super) lost: Lost,
    /// Hashes of keys that more records have than can belong to one.
    too_many: HashSet<u64>,
}

impl<'m> Child<'m> {
    pub(super) fn open(mapping: &Mapping, plan: &'m ChildPlan, dir: &Path) -> Result<Self, Broken> {
        let mut table = Table::open(dir, &plan.name, plan.format, &plan.fields.columns)?.until(&mapping.halt);
        let bound = Bound::new(&plan.fields, &table, dir, &mapping.halt)?;
        let Scan { index, records, lost } = scan(mapping, &mut table, &bound, plan.parent, &plan.name)?;
        Ok(Self { plan, table, bound, index, records, lost, too_many: HashSet::new() })
    }

    /// The records that belong to this key, in the order of the file. Of more than can belong to one
    /// record none are read any further; they are told of when all others are through.
    pub(super) fn of(&mut self, mapping: &Mapping, key: &str) -> Result<Vec<Record>, Broken> {
        let (mut found, mut bytes) = (Vec::new(), 0);
        let entries = self.index.find(hash(key), CHILDREN_MAX + 1).map_err(Broken::io(&self.plan.name))?;
        let mut is_too_much = entries.len() > CHILDREN_MAX;
        for (place, entry) in entries.into_iter().take(CHILDREN_MAX) {
            let record = self.table.at(entry.offset, entry.line)?;
            if self.bound.word(&record, self.plan.parent, &mapping.words) != Ok(Some(key)) {
                continue;
            }
            bytes += record.bytes();
            if bytes > CHILDREN_BYTES_MAX {
                is_too_much = true;
                break;
            }
            self.index.see(place);
            found.push(record);
        }
        if is_too_much {
            self.too_many.insert(hash(key));
        }
        Ok(found)
    }

    /// Why a record that comes back from a file of rejects cannot be taken with the others of its key here: it belonged
    /// to nothing, so that those of the key that it has now are in already, and are not in this file.
    pub(super) fn astray(&self, record: &Record, parents: &str) -> Option<Fault> {
        let belonged_to_nothing = reason(record, self.table.header())?.contains(&has_none(parents));
        let name = &self.plan.name;
        let detail = format!(
            "other records of this key may be in already, and would be lost: mend it in the whole `{name}`, and send that"
        );
        belonged_to_nothing.then(|| Fault::new(record.line, self.bound.name(self.plan.parent), "parts_missing", detail))
    }

    /// Whether more records have this key than can belong to one.
    pub(super) fn has_too_many(&self, key: &str) -> bool {
        !self.too_many.is_empty() && self.too_many.contains(&hash(key))
    }

    /// How many can, in words.
    pub(super) fn bounds(&self) -> String {
        format!("{CHILDREN_MAX} records or {CHILDREN_BYTES_MAX} bytes in `{}`", self.plan.name)
    }

    /// A record that belongs to nothing. What stands behind quotes of the file with the parents is none of its fault.
    pub(super) fn orphan(
        &mut self,
        mapping: &Mapping,
        entry: Entry,
        file: usize,
        (parents, lost, is_certain): (&str, &Lost, bool),
    ) -> Result<Refused, Broken> {
        let record = self.table.at(entry.offset, entry.line)?;
        let column = self.bound.name(self.plan.parent);
        let fault = self.bound.flaw(&record, self.table.header());
        let key = self.bound.word(&record, self.plan.parent, &mapping.words);
        let fault = fault.unwrap_or_else(|| match key {
            Err(fault) => fault,
            Ok(None) => Fault::new(
                record.line,
                column,
                "required",
                format!("must be given: it says which record of `{parents}` it belongs to"),
            ),
            Ok(Some(key)) if self.has_too_many(key) => {
                let detail = format!("its record of `{parents}` has more than {}", self.bounds());
                Fault::new(record.line, column, "too_many", detail)
            }
            Ok(Some(key)) => lost
                .waits(key, (parents, is_certain), record.line)
                .unwrap_or_else(|| Fault::new(record.line, column, "unknown_record", no_parent(parents, key))),
        });
        Ok(Refused {
            file,
            line: record.line,
            held: fault.code == WAITS,
            faults: vec![fault],
            original: record.original(),
            is_line: record.is_line(),
            is_torn: record.torn().is_some(),
            ..Refused::default()
        })
    }
}

/// What is said of a record that belongs to none of these.
fn no_parent(parents: &str, key: &str) -> String {
    format!("{}“{}” as its key", has_none(parents), key.chars().take(KEY_CHARS_MAX).collect::<String>())
}

/// How that begins, by which it is known again.
fn has_none(parents: &str) -> String {
    format!("no record of `{parents}` has ")
}
