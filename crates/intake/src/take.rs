//! Walks a file with the files that belong to it: rows as JSON, and what was refused.
//!
//! A record that is wrong is *rejected*. A record that stands or falls with one that is wrong, and in
//! which nothing else was found so far, is *held back*: the good lines of an invoice whose other line is wrong, and the
//! invoice itself. Each record of a file is counted once: as its row's, rejected, or held back.

mod child;
mod doubled;
mod lost;
mod parts;
mod refusing;

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::path::Path;

use self::child::Child;
use self::doubled::Earlier;
pub use self::doubled::{ambiguous, references};
use self::lost::Lost;
pub use self::lost::{Behind, may_be_behind};
use self::refusing::Faults;
pub use self::refusing::{WAITS, was_rejected};
use crate::Fault;
use crate::build::{Bound, Row, string};
use crate::fault::Broken;
use crate::index::{self, Entry, Index, hash};
use crate::mapping::{FilePlan, Mapping};
use crate::read::{Record, Table};

/// Most records of one key in a file that belongs to another, and most bytes of them: no row can be
/// larger.
const CHILDREN_MAX: usize = 2_000;
const CHILDREN_BYTES_MAX: usize = 6 << 20;

/// What comes of a file, in its order.
#[derive(Debug)]
pub enum Event {
    /// A row to be imported.
    Row(Taken),
    /// A record that is not.
    Refused(Refused),
    /// A record of this file, 0, or of one that belongs to it, of which the other file has nothing: there, only
    /// what was rejected before comes back. What it stands for is as it was.
    Stays(usize),
}

/// A row, and the records that it was made of.
#[derive(Debug)]
pub struct Taken {
    /// The line that its record starts on.
    pub line: u64,
    /// Its identifier.
    pub key: String,
    /// The row as JSON.
    pub json: Vec<u8>,
    record: Record,
    children: Vec<Vec<Record>>,
}

impl Taken {
    /// The first record of each file that is in the row, the row's own in front: its line, and its
    /// fields as they stand. `None` of a file that gives it nothing.
    pub fn sources(&self) -> impl Iterator<Item = Option<(u64, Vec<String>)>> + '_ {
        let children = self.children.iter().map(|records| records.first());
        std::iter::once(Some(&self.record)).chain(children).map(|record| record.map(|one| (one.line, one.original())))
    }

    /// How many records of each file that belongs to it are in the row.
    pub fn parts(&self) -> impl Iterator<Item = usize> + '_ {
        self.children.iter().map(Vec::len)
    }
}

/// A record that is not imported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// Its file: 0 for the file itself, then those that belong to it.
    pub file: usize,
    /// The line that it starts on.
    pub line: u64,
    /// Its key, if it can be read.
    pub key: Option<String>,
    /// Whether it waits for another record. It was looked at only as far as that.
    pub held: bool,
    /// Whether its key is that of another record which says something else: what names either by it can
    /// mean both.
    pub doubles: bool,
    /// What is wrong; of one that is held back, why.
    pub faults: Vec<Fault>,
    /// The record as it stood.
    pub original: Vec<String>,
    /// Whether that is one line, and not the texts of columns.
    pub is_line: bool,
    /// Whether that are lines as they stand, because a quote in them is not closed: the first one is its own, and each
    /// one behind it a record of its own as a rule. None, if they are too many.
    pub is_torn: bool,
    /// The records that the quote took in.
    pub behind: Behind,
}

impl Refused {
    /// Whether all that is wrong is that the record is not there which it belongs to.
    fn has_no_parent(&self) -> bool {
        matches!(self.faults.as_slice(), [one] if one.code == "unknown_record")
    }
}

/// A file on its way.
pub struct Taking<'m> {
    mapping: &'m Mapping,
    plan: &'m FilePlan,
    table: Table,
    bound: Bound<'m>,
    children: Vec<Child<'m>>,
    /// What stands behind quotes of the file.
    lost: Lost,
    /// Where records start whose key an earlier one has.
    repeated: HashMap<u64, Earlier>,
    records: u64,
    pending: VecDeque<Event>,
    /// The file of which what nobody took is given, once the records are through.
    orphans: Option<(usize, usize)>,
}

impl<'m> Taking<'m> {
    /// Opens a file of a mapping, and reads it through once for what must be known before.
    pub fn open(mapping: &'m Mapping, plan: &'m FilePlan, dir: &Path) -> Result<Self, Broken> {
        let mut table = Table::open(dir, &plan.name, plan.format, &plan.fields.columns)?.until(&mapping.halt);
        let bound = Bound::new(&plan.fields, &table, dir, &mapping.halt)?;
        let Scan { mut index, records, lost } = scan(mapping, &mut table, &bound, plan.key, &plan.name)?;
        let repeated = doubled::find(mapping, &mut table, &bound, plan, &mut index)?;
        let children = plan.children.iter().map(|child| Child::open(mapping, child, dir)).collect::<Result<Vec<_>, _>>()?;
        // From the start again.
        let table = Table::open(dir, &plan.name, plan.format, &plan.fields.columns)?.until(&mapping.halt);
        Ok(Self { mapping, plan, table, bound, children, lost, repeated, records, pending: VecDeque::new(), orphans: None })
    }

    /// How many records the file has, and each that belongs to it.
    pub fn records(&self) -> Vec<u64> {
        std::iter::once(self.records).chain(self.children.iter().map(|child| child.records)).collect()
    }

    /// The columns of the file, and of each that belongs to it.
    pub fn headers(&self) -> Vec<&[String]> {
        std::iter::once(self.table.header()).chain(self.children.iter().map(|child| child.table.header())).collect()
    }

    /// What comes next.
    pub fn next_event(&mut self) -> Result<Option<Event>, Broken> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Ok(Some(event));
            }
            let Some((file, from)) = self.orphans else {
                match self.table.next_record()? {
                    Some(record) => self.take(record)?,
                    None => self.orphans = Some((0, 0)),
                }
                continue;
            };
            let Some(child) = self.children.get_mut(file) else { return Ok(None) };
            match child.index.unseen(from).map_err(Broken::io(&child.plan.name))? {
                None => self.orphans = Some((file + 1, 0)),
                Some((entry, next)) => {
                    self.orphans = Some((file, next));
                    // Beside some parents only, most parts have none here.
                    let few = self.table.is_of_rejects() && !child.table.is_of_rejects();
                    let refused = child.orphan(self.mapping, entry, file + 1, (&self.plan.name, &self.lost, few))?;
                    let stays = few && refused.has_no_parent();
                    self.pending.push_back(if stays { Event::Stays(file + 1) } else { Event::Refused(refused) });
                }
            }
        }
    }

    fn take(&mut self, record: Record) -> Result<(), Broken> {
        let key = self.bound.key(&record, self.plan.key, &self.mapping.words).map(|key| key.map(Cow::into_owned));
        let (key, key_fault) = key.map_or_else(|fault| (None, Some(fault)), |key| (key, None));
        let first = self.repeated.get(&record.offset).copied();
        let own_fault = if let Some(first) = first {
            let detail = doubled::repeated(first.line, &self.plan.name, key.as_deref().unwrap_or_default());
            Some(Fault::new(record.line, self.bound.name(self.plan.key), "repeated", detail))
        } else {
            self.bound.flaw(&record, self.table.header()).or(key_fault)
        };
        let children = match &key {
            Some(key) if first.is_none() => {
                let found = self.children.iter_mut().map(|child| child.of(self.mapping, key));
                found.collect::<Result<Vec<_>, _>>()?
            }
            _ => self.children.iter().map(|_| Vec::new()).collect(),
        };
        let mut taken = Taken { line: record.line, key: key.clone().unwrap_or_default(), json: Vec::new(), record, children };
        let mut faults = Faults::default();
        let rows = self.child_rows(&taken, &mut faults);
        faults.own.extend(own_fault);
        if key.is_none() && faults.own.is_empty() {
            faults.own.push(Fault::new(taken.line, self.bound.name(self.plan.key), "required", "must be given: it is the key"));
        }
        if faults.is_empty() && self.is_passed_over(&taken) {
            self.pending.push_back(Event::Stays(0));
            return Ok(());
        }
        faults.waits.extend(self.lost_parts(&taken));
        if faults.own.is_empty() {
            let mut json = b"{\"external_id\":".to_vec();
            string(&taken.key, &mut json);
            let mut row = Row::new(&self.mapping.words, &self.bound, &taken.record, &rows);
            row.write(&mut json);
            json.push(b'}');
            let key = (self.bound.name(self.plan.key), taken.key.as_str());
            let again = doubled::again(&taken.record, self.table.header(), key, &json);
            faults.own =
                row.faults.into_iter().chain(again).chain(self.partless(&taken).filter(|_| faults.waits.is_empty())).collect();
            taken.json = json;
        }
        if faults.is_empty() {
            self.pending.push_back(Event::Row(taken));
            return Ok(());
        }
        let mut refused = self.refused(&taken, &faults);
        // The first one is the record itself.
        if let Some(own) = refused.first_mut() {
            let is_again = own.faults.iter().any(|fault| fault.code == "repeated");
            own.doubles = first.map_or(is_again, |first| first.differs);
            own.behind = Behind::of_refused(&taken.record, &self.bound, self.plan.key, self.table.header(), &self.mapping.words);
        }
        self.pending.extend(refused.into_iter().map(Event::Refused));
        Ok(())
    }

    fn child_rows(&self, taken: &Taken, faults: &mut Faults) -> Vec<Vec<Vec<u8>>> {
        let mut rows = Vec::new();
        for (file, (child, records)) in self.children.iter().zip(&taken.children).enumerate() {
            let mut own = Vec::new();
            if child.has_too_many(&taken.key) {
                let detail = format!("has more than {}", child.bounds());
                faults.own.push(Fault::new(taken.line, self.bound.name(self.plan.key), "too_many", detail));
                rows.push(own);
                continue;
            }
            for (at, record) in records.iter().enumerate() {
                let mut json = vec![b'{'];
                let mut wrong: Vec<Fault> = child.bound.flaw(record, child.table.header()).into_iter().collect();
                if self.has_rejects_only(child) {
                    wrong.extend(child.astray(record, &self.plan.name));
                }
                if wrong.is_empty() {
                    let mut row = Row::new(&self.mapping.words, &child.bound, record, &[]);
                    row.write(&mut json);
                    wrong = row.faults;
                }
                json.push(b'}');
                if !wrong.is_empty() {
                    faults.of_children.insert((file, at), wrong);
                }
                own.push(json);
            }
            rows.push(own);
        }
        rows
    }
}

/// What is known of a file that was read through.
struct Scan {
    /// Where each key stands.
    index: Index,
    /// How many records there are.
    records: u64,
    lost: Lost,
}

/// Reads a file through.
fn scan(mapping: &Mapping, table: &mut Table, bound: &Bound<'_>, key: usize, name: &str) -> Result<Scan, Broken> {
    let (mut builder, mut records, mut lost) = (index::Builder::new(), 0, Lost::default());
    while let Some(record) = table.next_record()? {
        records += 1;
        let text = bound.key(&record, key, &mapping.words).ok().flatten().unwrap_or_default();
        let entry = Entry { hash: hash(&text), offset: record.offset, line: record.line };
        builder.add(entry).map_err(Broken::io(name))?;
        lost.add(Behind::of(&record, bound, key, table.header(), &mapping.words));
    }
    Ok(Scan { index: builder.finish().map_err(Broken::io(name))?, records, lost })
}

#[cfg(test)]
mod tests;
