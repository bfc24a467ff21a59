//! Files in which values are looked up.

use std::collections::HashMap;
use std::path::Path;

use crate::Broken;
use crate::mapping::Lookup;
use crate::read::Table;

/// Most records of a file in which values are looked up.
const LOOKUP_RECORDS_MAX: usize = 200_000;

/// Reads what stands behind each key.
pub(super) fn load(lookup: &Lookup, dir: &Path) -> Result<HashMap<String, String>, Broken> {
    let mut table = Table::open(dir, &lookup.file, lookup.format, &[lookup.key.clone(), lookup.column.clone()])?;
    let (key, column) = (table.column(&lookup.key)?, table.column(&lookup.column)?);
    let mut found = HashMap::new();
    while let Some(record) = table.next_record()? {
        if let (None, Ok(Some(key)), Ok(Some(value))) = (&record.flaw, record.field(key), record.field(column))
            && !value.is_empty()
        {
            found.insert(key.to_owned(), value.to_owned());
        }
        if found.len() > LOOKUP_RECORDS_MAX {
            let detail = format!("has more than {LOOKUP_RECORDS_MAX} records, too many to look up in");
            return Err(Broken::file(&lookup.file, detail));
        }
    }
    Ok(found)
}
