//! Files of another system, and the mapping that reads them.

use std::path::Path;

use clinicos_contract::admit::check_row;
use clinicos_contract::{Schema, Shape};
use clinicos_intake::{Event, FilePlan, Mapping, Refused, Taking};
use serde_json::Value;

use crate::catalogue;

/// What stands between the parts of an input: ASCII's record separator.
const DIVIDER: u8 = 0x1e;
/// Stands in for a mapping that is left out, so that files alone are tried as well: every kind of
/// source that a mapping knows.
const MAPPING: &str = include_str!("mapping.toml");

/// A mapping, then its files in the order of their names, with record separators between; without
/// a mapping, the files of one that is right.
///
/// - Reading never panics.
/// - Each record is counted once: as a row's, rejected, or held back.
/// - Whoever is refused is told why, and where it stands.
/// - A row is JSON with the key of its record, and the door can check it.
pub fn csv_mapping(data: &[u8]) {
    let mut parts = data.split(|byte| *byte == DIVIDER);
    let first = parts.next().unwrap_or_default();
    let text = match std::str::from_utf8(first) {
        Ok("") => MAPPING,
        Ok(text) => text,
        Err(_) => return,
    };
    let mapping = match clinicos_server::import::mappings::read(text, catalogue()) {
        Ok(mapping) => mapping,
        Err(broken) => {
            assert!(!broken.to_string().is_empty(), "a mapping is refused without a word");
            return;
        }
    };
    let dir = tempfile::tempdir().expect("a directory for the files can be made");
    for name in mapping.file_names() {
        assert!(!name.contains(['/', '\\', '\0']) && name != "..", "`{name}` is no name of a file beside the mapping");
        // A name that is too long for the disk is the caller's to find out.
        let _ = std::fs::write(dir.path().join(name), parts.next().unwrap_or_default());
    }
    for plan in &mapping.files {
        take(&mapping, plan, dir.path());
    }
}

fn take(mapping: &Mapping, plan: &FilePlan, dir: &Path) {
    let schema = rows_of(&plan.resource);
    let Ok(mut taking) = Taking::open(mapping, plan, dir) else { return };
    let records = taking.records();
    let mut counted = vec![0_u64; records.len()];
    loop {
        let event = match taking.next_event() {
            Ok(Some(event)) => event,
            Ok(None) => break,
            Err(broken) => panic!("a file that could be opened cannot be read: {broken}"),
        };
        match event {
            Event::Refused(refused) => count_refused(&refused, &mut counted),
            Event::Stays(file) => *counted.get_mut(file).expect("a record that stays is of a file of the plan") += 1,
            Event::Row(row) => {
                let json: Value = serde_json::from_slice(&row.json).expect("a row is JSON");
                assert_eq!(json.get("external_id").and_then(Value::as_str), Some(row.key.as_str()), "the key of a row");
                let _ = check_row(schema, &json);
                let parts: Vec<u64> = std::iter::once(1).chain(row.parts().map(|count| count as u64)).collect();
                counted.iter_mut().zip(parts).for_each(|(counted, more)| *counted += more);
                for refused in taking.refuse(&row, &[("", "code", "detail"), ("/lines/0/description", "code", "detail")]) {
                    assert!(refused.line > 0 && refused.file < records.len(), "{refused:?}");
                }
            }
        }
    }
    assert_eq!(counted, records, "each record is counted once");
}

fn count_refused(refused: &Refused, counted: &mut [u64]) {
    assert!(refused.line > 0, "lines count from 1: {refused:?}");
    assert!(!refused.faults.is_empty(), "a record is refused without a reason: {refused:?}");
    assert!(refused.faults.iter().all(|fault| !fault.detail.is_empty()), "{refused:?}");
    *counted.get_mut(refused.file).expect("a refused record is of a file of the plan") += 1;
}

fn rows_of(resource: &str) -> &'static Schema {
    let operation = catalogue().find(&format!("{resource}.import")).expect("the mapping was checked against the catalogue");
    let fields = operation.spec().body.map(|body| body.schema.fields).unwrap_or_default();
    let rows = fields.iter().find_map(|field| match field.shape {
        Shape::Rows(schema) => Some(schema),
        _ => None,
    });
    rows.expect("an import has rows")
}
