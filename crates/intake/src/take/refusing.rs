//! What becomes of the records of a row that is not imported: which of them are wrong, and which wait.

use std::collections::BTreeMap;

use super::{Refused, Taken, Taking};
use crate::Fault;
use crate::build::{Bound, Row};
use crate::read::Record;

/// The code of a reason that is no fault of the record: it waits for another one.
pub const WAITS: &str = "held_back";
/// Most records that one is said to wait for: the first ones are where mending begins.
const WAITS_SAID_MAX: usize = 3;

/// What is wrong with a row: with its own record, and with those that belong to it.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) own: Vec<Fault>,
    pub(super) of_children: BTreeMap<(usize, usize), Vec<Fault>>,
    /// What the row's own record waits for.
    pub(super) waits: Vec<Fault>,
    /// What those wait for that belong to it.
    children_wait: BTreeMap<(usize, usize), Vec<Fault>>,
}

impl Faults {
    pub(super) fn is_empty(&self) -> bool {
        self.own.is_empty() && self.of_children.is_empty() && self.waits.is_empty()
    }
}

impl Taking<'_> {
    /// What becomes of the records of a row that was refused for these reasons, each a pointer into
    /// the row, a code and a detail. One whose code is [`WAITS`] is no fault of the record.
    pub fn refuse(&self, taken: &Taken, errors: &[(&str, &str, &str)]) -> Vec<Refused> {
        let mut faults = Faults::default();
        for (pointer, code, detail) in errors {
            let (child, column) = self.place(taken, pointer);
            let waits = *code == WAITS;
            match child {
                None => {
                    let column = if column.is_empty() && !waits { self.named_in(taken, detail) } else { column };
                    let of = if waits { &mut faults.waits } else { &mut faults.own };
                    of.push(Fault::new(taken.line, column, *code, *detail));
                }
                Some((file, at)) => {
                    let line = taken.children.get(file).and_then(|records| records.get(at)).map_or(0, |record| record.line);
                    let of = if waits { &mut faults.children_wait } else { &mut faults.of_children };
                    of.entry((file, at)).or_default().push(Fault::new(line, column, *code, *detail));
                }
            }
        }
        self.refused(taken, &faults)
    }

    pub(super) fn refused(&self, taken: &Taken, faults: &Faults) -> Vec<Refused> {
        let of_row = self.row_waits(taken, faults);
        // A column of the row is none of those that belong to it.
        let of_parts = of_row.iter().map(|fault| Fault { column: String::new(), ..fault.clone() });
        let is_held = faults.own.is_empty();
        let own = Refused {
            file: 0,
            line: taken.line,
            key: Some(taken.key.clone()).filter(|key| !key.is_empty()),
            held: is_held,
            // What is mended is held back next, if it names a record that waits itself: so that is said, too.
            faults: if is_held { of_row.clone() } else { faults.own.iter().chain(&faults.waits).cloned().collect() },
            original: taken.record.original(),
            is_line: taken.record.is_line(),
            is_torn: taken.record.torn().is_some(),
            ..Refused::default()
        };
        let mut all = vec![own];
        for (file, records) in taken.children.iter().enumerate() {
            for (at, record) in records.iter().enumerate() {
                let wrong = faults.of_children.get(&(file, at)).cloned();
                let own_waits = faults.children_wait.get(&(file, at)).cloned().unwrap_or_default();
                all.push(Refused {
                    file: file + 1,
                    line: record.line,
                    held: wrong.is_none(),
                    faults: match wrong {
                        Some(wrong) => wrong.into_iter().chain(own_waits).collect(),
                        None => said_once(record.line, own_waits.into_iter().chain(of_parts.clone())),
                    },
                    original: record.original(),
                    is_line: record.is_line(),
                    is_torn: record.torn().is_some(),
                    ..Refused::default()
                });
            }
        }
        all
    }

    /// What everything in a row waits for that is not wrong itself: its own record or one of those that belong to it,
    /// if that is wrong, and whatever these wait for.
    fn row_waits(&self, taken: &Taken, faults: &Faults) -> Vec<Fault> {
        let rejected = |file: &str, line: u64| Fault::new(taken.line, "", WAITS, was_rejected(file, line));
        if !faults.own.is_empty() {
            return vec![rejected(&self.plan.name, taken.line)];
        }
        let wrong_part = faults.of_children.iter().next().map(|((file, _), wrong)| {
            let name = self.children.get(*file).map(|child| child.plan.name.as_str()).unwrap_or_default();
            rejected(name, wrong.first().map_or(0, |fault| fault.line))
        });
        let of_parts = faults.children_wait.values().flatten();
        // The column of a part is none of the others'.
        let of_parts = of_parts.map(|fault| Fault { column: String::new(), ..fault.clone() });
        said_once(taken.line, faults.waits.iter().cloned().chain(wrong_part).chain(of_parts))
    }

    /// The record of another file that a pointer leads to, and the column.
    fn place(&self, taken: &Taken, pointer: &str) -> (Option<(usize, usize)>, String) {
        let pointer = plain(pointer);
        if pointer == "/external_id" || pointer.starts_with("/external_ids") {
            return (None, self.bound.name(self.plan.key).to_owned());
        }
        for member in &self.plan.fields.members {
            let crate::mapping::What::Children(file) = member.what else { continue };
            let Some(rest) = pointer.strip_prefix(&format!("/{}/", member.name)) else { continue };
            let (at, rest) = rest.split_once('/').unwrap_or((rest, ""));
            let (Ok(at), Some(child)) = (at.parse::<usize>(), self.children.get(file)) else { continue };
            let Some(record) = taken.children.get(file).and_then(|records| records.get(at)) else { continue };
            return (Some((file, at)), self.column(&child.bound, record, &format!("/{rest}")));
        }
        (None, self.column(&self.bound, &taken.record, &pointer))
    }

    /// The columns of the fields that a detail names, where the one that it points to has none: a
    /// client without any name lacks each of three.
    fn named_in(&self, taken: &Taken, detail: &str) -> String {
        let names = detail.split('`').skip(1).step_by(2);
        let columns = names.map(|name| self.column(&self.bound, &taken.record, &format!("/{name}")));
        columns.filter(|column| !column.is_empty()).collect::<Vec<_>>().join(", ")
    }

    fn column(&self, bound: &Bound<'_>, record: &Record, pointer: &str) -> String {
        // The row as a whole is no column's fault.
        if pointer.is_empty() {
            return String::new();
        }
        let mut row = Row::new(&self.mapping.words, bound, record, &[]);
        row.origins = Some(Vec::new());
        row.write(&mut vec![b'{']);
        let origins = row.origins.unwrap_or_default();
        let fits = |known: &str| {
            let known = plain(known);
            known == pointer || pointer.starts_with(&format!("{known}/")) || known.starts_with(&format!("{pointer}/"))
        };
        origins.iter().find(|origin| fits(&origin.pointer)).map(|origin| origin.columns.join(", ")).unwrap_or_default()
    }
}

/// What is said of a record that others wait for.
pub fn was_rejected(file: &str, line: u64) -> String {
    format!("line {line} of `{file}` was rejected")
}

/// The first of these, each once, as what is said of a record in this line.
fn said_once(line: u64, faults: impl Iterator<Item = Fault>) -> Vec<Fault> {
    let mut said: Vec<Fault> = Vec::new();
    for fault in faults {
        if said.len() < WAITS_SAID_MAX && said.iter().all(|one| one.detail != fault.detail) {
            said.push(Fault { line, ..fault });
        }
    }
    said
}

/// A pointer in which a reference is called as the field that it stands for.
fn plain(pointer: &str) -> String {
    if pointer == "/external_id" { pointer.to_owned() } else { pointer.replace("_external_id", "_id") }
}
