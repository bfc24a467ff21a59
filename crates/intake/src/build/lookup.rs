//! Files in which values are looked up.

use std::collections::HashMap;
use std::path::Path;

use crate::Broken;
use crate::mapping::Lookup;
use crate::read::{Halt, Table};

/// Most records of a file in which values are looked up.
const LOOKUP_RECORDS_MAX: u64 = 200_000;
/// Most bytes of what one file of records looks values up in.
pub(super) const BYTES_MAX: usize = 32 << 20;

/// Reads what stands behind each key.
/// `room` is how many bytes it may have, and how many the next one may.
pub(super) fn load(lookup: &Lookup, dir: &Path, halt: &Halt, room: &mut usize) -> Result<HashMap<String, String>, Broken> {
    let columns = [lookup.key.clone(), lookup.column.clone()];
    let mut table = Table::open(dir, &lookup.file, lookup.format, &columns)?.until(halt);
    let (key, column) = (table.column(&lookup.key)?, table.column(&lookup.column)?);
    let (mut found, mut records) = (HashMap::new(), 0);
    while let Some(record) = table.next_record()? {
        records += 1;
        if records > LOOKUP_RECORDS_MAX {
            let detail = format!("has more than {LOOKUP_RECORDS_MAX} records, too many to look up in");
            return Err(Broken::file(&lookup.file, detail));
        }
        // What it lacks would be missing in other records, and nobody would know why.
        if record.flaw.is_some() {
            let detail = "cannot be read: what records look up must be whole. Is a quote not closed in front of it?";
            return Err(Broken::file(&lookup.file, format!("the record in line {} {detail}", record.line)));
        }
        if let (Ok(Some(key)), Ok(Some(value))) = (record.field(key), record.field(column))
            && !value.is_empty()
        {
            let too_large = || {
                let detail = format!("with what else is looked up, it holds more than {BYTES_MAX} bytes, too many to look up in");
                Broken::file(&lookup.file, detail)
            };
            *room = room.checked_sub(key.len() + value.len()).ok_or_else(too_large)?;
            found.insert(key.to_owned(), value.to_owned());
        }
    }
    Ok(found)
}
