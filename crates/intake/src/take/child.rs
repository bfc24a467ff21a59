//! A file whose records become parts of another file's.

use std::path::Path;

use super::{Refused, scan};
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
}

impl<'m> Child<'m> {
    pub(super) fn open(mapping: &Mapping, plan: &'m ChildPlan, dir: &Path) -> Result<Self, Broken> {
        let mut table = Table::open(dir, &plan.name, plan.format, &plan.fields.columns)?;
        let bound = Bound::new(&plan.fields, &table, dir)?;
        let (index, records) = scan(mapping, &mut table, &bound, plan.parent, &plan.name)?;
        Ok(Self { plan, table, bound, index, records })
    }

    /// The records that belong to this key, in the order of the file.
    pub(super) fn of(&mut self, mapping: &Mapping, key: &str) -> Result<Vec<Record>, Broken> {
        let mut found = Vec::new();
        for (place, entry) in self.index.find(hash(key)).map_err(Broken::io(&self.plan.name))? {
            let record = self.table.at(entry.offset, entry.line)?;
            if self.bound.text(&record, self.plan.parent, &mapping.words) == Ok(Some(key)) {
                self.index.see(place);
                found.push(record);
            }
        }
        Ok(found)
    }

    /// A record that belongs to nothing.
    pub(super) fn orphan(&mut self, mapping: &Mapping, entry: Entry, file: usize, parents: &str) -> Result<Refused, Broken> {
        let record = self.table.at(entry.offset, entry.line)?;
        let column = self.bound.name(self.plan.parent);
        let fault = self.bound.flaw(&record, self.table.header());
        let key = self.bound.text(&record, self.plan.parent, &mapping.words);
        let fault = fault.unwrap_or_else(|| match key {
            Err(fault) => fault,
            Ok(None) => Fault::new(
                record.line,
                column,
                "required",
                format!("must be given: it says which record of `{parents}` it belongs to"),
            ),
            Ok(Some(_)) => Fault::new(record.line, column, "unknown_record", format!("no record of `{parents}` has this key")),
        });
        Ok(Refused { file, line: record.line, key: None, held: false, faults: vec![fault], original: record.original() })
    }
}
