//! Keys that more than one record has: what is said of them, and how it is known again when the record
//! comes back in a file of rejects.
//!
//! A file of rejects holds the later record alone. Nothing in it tells that its key is another record's,
//! but the reason beside it; without looking there, it would overwrite the record that has the key.

use std::collections::HashMap;

use serde_json::Value;

use crate::build::Bound;
use crate::index::{Entry, Index, hash};
use crate::mapping::{FilePlan, Mapping};
use crate::read::{Record, Table};
use crate::{Broken, Fault};

/// Most records of a file whose key an earlier one has; one that has more has another key.
const REPEATED_MAX: usize = 100_000;
/// Where a file of rejects says why.
const REASON: &str = "_reason";
/// Most characters of a key that are said.
pub(super) const KEY_CHARS_MAX: usize = 200;

/// The first record with a key that a later one has, too.
#[derive(Debug, Clone, Copy)]
pub(super) struct Earlier {
    pub(super) line: u64,
    /// Whether the later one says something else.
    pub(super) differs: bool,
}

/// What every reason says whose cause is that more than one record has this key.
fn said(key: &str) -> String {
    format!("has the key “{}”", key.chars().take(KEY_CHARS_MAX).collect::<String>())
}

/// Where records start whose key an earlier one has, and which one that is.
pub(super) fn find(
    mapping: &Mapping,
    table: &mut Table,
    bound: &Bound<'_>,
    plan: &FilePlan,
    index: &mut Index,
) -> Result<HashMap<u64, Earlier>, Broken> {
    let mut repeated = HashMap::new();
    let groups = index.repeated(REPEATED_MAX, hash("")).map_err(Broken::io(&plan.name))?;
    let too_many = || {
        let key = bound.name(plan.key);
        let detail = format!("more than {REPEATED_MAX} records have a `{key}` that others have, too; it tells no records apart");
        Broken::file(&plan.name, detail)
    };
    for group in groups.ok_or_else(too_many)? {
        repeat(mapping, table, bound, plan.key, &group, &mut repeated)?;
    }
    Ok(repeated)
}

/// Of records whose keys have one hash, those whose key an earlier one has.
fn repeat(
    mapping: &Mapping,
    table: &mut Table,
    bound: &Bound<'_>,
    key: usize,
    group: &[Entry],
    repeated: &mut HashMap<u64, Earlier>,
) -> Result<(), Broken> {
    let mut seen: HashMap<String, Record> = HashMap::new();
    for entry in group {
        let record = table.at(entry.offset, entry.line)?;
        let Ok(Some(text)) = bound.key(&record, key, &mapping.words) else { continue };
        match seen.get(&*text) {
            Some(first) => {
                let differs = first.original() != record.original();
                repeated.insert(entry.offset, Earlier { line: first.line, differs });
            }
            None => {
                let text = text.into_owned();
                seen.insert(text, record);
            }
        }
    }
    Ok(())
}

/// Why a record is rejected whose key one before it has.
pub(super) fn repeated(first: u64, file: &str, key: &str) -> String {
    format!("line {first} of `{file}` {}, too, and it tells records apart", said(key))
}

/// Why a record is held back that names one by a key which two have that say different things.
pub fn ambiguous(line: u64, file: &str, key: &str) -> String {
    format!("line {line} of `{file}` {} as a line before it has: which of them is meant cannot be told", said(key))
}

/// Why a record from a file of rejects is rejected again, if its key still is another record's, or if it
/// names one by such a key.
pub(super) fn again(record: &Record, header: &[String], key: (&str, &str), json: &[u8]) -> Option<Fault> {
    let reason = reason(record, header)?;
    let (column, key) = key;
    if reason.contains(&said(key)) {
        let detail = format!(
            "another record {}, and would be overwritten: give this one a key of its own, or empty `{REASON}` if it is meant to \
             take that one's place",
            said(key)
        );
        return Some(Fault::new(record.line, column, "repeated", detail));
    }
    let (_, named) = references(json).into_iter().find(|(_, named)| reason.contains(&said(named)))?;
    let detail = format!(
        "more than one record {}: name the one that is meant by a key of its own, or empty `{REASON}` if it is the one that was \
         imported",
        said(&named)
    );
    Some(Fault::new(record.line, "", "ambiguous", detail))
}

/// What a file of rejects says of a record.
pub(super) fn reason(record: &Record, header: &[String]) -> Option<String> {
    if record.is_line() {
        let line = record.original().concat();
        let json: Value = line.contains(REASON).then(|| serde_json::from_str(&line).ok()).flatten()?;
        return json.get(REASON)?.as_str().map(str::to_owned);
    }
    let place = header.iter().position(|name| name == REASON)?;
    record.field(place).ok().flatten().map(str::to_owned)
}

/// The records of other files that a row names: where, and by which key.
pub fn references(row: &[u8]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Ok(row) = serde_json::from_slice::<Value>(row) {
        walk("", &row, &mut found);
    }
    found
}

fn walk(at: &str, json: &Value, found: &mut Vec<(String, String)>) {
    match json {
        Value::Object(members) => {
            for (name, value) in members {
                let at = format!("{at}/{name}");
                match value.as_str().filter(|_| name.ends_with("_external_id")) {
                    Some(key) => found.push((at, key.to_owned())),
                    None => walk(&at, value, found),
                }
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| walk(&format!("{at}/{index}"), item, found));
        }
        _ => {}
    }
}
