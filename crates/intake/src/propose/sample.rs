//! The beginning of a file: its columns and its first records.

use csv_core::ReadRecordResult;

use crate::COLUMNS_MAX;

/// Bytes of a file that are looked at.
pub const HEAD_BYTES: usize = 64 << 10;
/// Records that are looked at.
const RECORDS_MAX: usize = 200;
/// What can stand between fields.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The beginning of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Its name.
    pub name: String,
    /// What stands between its fields.
    pub delimiter: u8,
    /// The names of its columns.
    pub header: Vec<String>,
    /// Its first records.
    pub records: Vec<Vec<String>>,
}

impl Sample {
    /// Reads the beginning of a file; `None` if it has no columns that could be told apart.
    pub fn read(name: &str, bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
        let is_whole = bytes.len() <= HEAD_BYTES;
        let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |delimiter: &u8| first.iter().filter(|byte| *byte == delimiter).count();
        // Of as many, the first one.
        let delimiter = DELIMITERS.iter().rev().max_by_key(|delimiter| count(delimiter)).copied().unwrap_or(b',');
        let mut records = read(head, delimiter, is_whole);
        let header: Vec<String> = if records.is_empty() { return None } else { records.remove(0) };
        let is_told_apart =
            header.iter().enumerate().all(|(at, name)| name.is_empty() || !header.iter().take(at).any(|one| one == name));
        let is_plain = !header.iter().all(String::is_empty) && header.len() <= COLUMNS_MAX && is_told_apart;
        records.retain(|record| record.len() == header.len());
        is_plain.then(|| Self { name: name.to_owned(), delimiter, header, records })
    }

    /// The values of a column that say something.
    pub fn values(&self, column: &str) -> Vec<&str> {
        let at = self.header.iter().position(|name| name == column).unwrap_or(usize::MAX);
        let values = self.records.iter().filter_map(|record| record.get(at)).map(String::as_str);
        values.filter(|value| !value.is_empty()).collect()
    }
}

/// The records of some bytes; one that is cut short is left out.
fn read(head: &[u8], delimiter: u8, is_whole: bool) -> Vec<Vec<String>> {
    let mut core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let (mut rest, mut records) = (head, Vec::new());
    let (mut text, mut ends) = (vec![0; HEAD_BYTES + 1], vec![0; COLUMNS_MAX + 1]);
    while records.len() <= RECORDS_MAX {
        let (mut written, mut ended, mut is_last) = (0, 0, false);
        loop {
            let (out, out_ends) = (text.get_mut(written..).unwrap_or_default(), ends.get_mut(ended..).unwrap_or_default());
            let (result, taken, bytes, fields) = core.read_record(rest, out, out_ends);
            rest = rest.get(taken..).unwrap_or_default();
            (written, ended) = (written + bytes, ended + fields);
            match result {
                ReadRecordResult::Record => break,
                // An empty input says that nothing follows.
                ReadRecordResult::InputEmpty if is_whole && !is_last => is_last = true,
                _ => return records,
            }
        }
        let mut start = 0;
        let fields = ends.iter().take(ended).map(|end| {
            let bytes = text.get(start..*end).unwrap_or_default();
            start = *end;
            String::from_utf8_lossy(bytes).trim().to_owned()
        });
        records.push(fields.collect());
    }
    records
}
