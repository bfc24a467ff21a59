//! What is wrong with a record as a whole, in words.

use super::Bound;
use crate::Fault;
use crate::read::{ADDED, Flaw, Record};

impl Bound<'_> {
    /// What is wrong with a record as a whole.
    pub(crate) fn flaw(&self, record: &Record, header: &[String]) -> Option<Fault> {
        let (column, code, detail) = match record.flaw.as_ref()? {
            Flaw::TooLong => {
                let detail = format!("is larger than {} bytes or {} columns", crate::RECORD_BYTES_MAX, crate::COLUMNS_MAX);
                (record.fields().saturating_sub(1), "too_long", detail)
            }
            Flaw::LongField { field } => {
                let detail = format!("is longer than {} bytes; is a quote or a line break missing?", crate::FIELD_BYTES_MAX);
                (*field, "too_long", detail)
            }
            Flaw::OpenQuote { line, end, field } => {
                let mut detail = format!("{}; close it, or write it twice", open_quote(*line, *end));
                if record.torn().is_some_and(|torn| torn.pieces.is_empty()) {
                    detail.push_str("; that is too much to be repeated here, so mend it in the file itself");
                }
                let column = header.get(*field).cloned().unwrap_or_default();
                return Some(Fault::new(*line, column, "open_quote", detail));
            }
            Flaw::TooWide { fields } => {
                let detail = format!("has {fields} fields, which are too many: the limit is {}", crate::COLUMNS_MAX);
                (*fields, "too_long", detail)
            }
            Flaw::Ragged { fields } => {
                let mut detail = format!("the record has {fields} fields, and the header has {}", header.len());
                match (header.get(*fields), header.last()) {
                    (Some(first), _) => detail.push_str(&format!(": from `{first}` on they are missing")),
                    (None, Some(last)) => {
                        let said = format!(
                            ": what stands behind `{last}` is too much; does a field hold what divides them, and no quotes?"
                        );
                        detail.push_str(&said);
                    }
                    (None, None) => {}
                }
                if fields + ADDED.len() == header.len() && ADDED.iter().all(|name| header.iter().any(|own| own == name)) {
                    let names = ADDED.map(|name| format!("`{name}`")).join(", ");
                    detail.push_str(&format!(
                        "; each line of a file of rejected records has cells for {names}, if need be empty ones"
                    ));
                }
                if let Some((line, end)) = record.quoted {
                    detail.push_str(&format!("; {}", open_quote(line, end)));
                }
                (*fields, "ragged", detail)
            }
            Flaw::NotJson(why) => return Some(Fault::new(record.line, "", "format", why.clone())),
        };
        // The first column that is missing, or the one where it is too much.
        let column = header.get(column).or(header.last()).cloned().unwrap_or_default();
        Some(Fault::new(record.line, column, code, detail))
    }
}

/// Says what a quote swallowed.
pub(super) fn open_quote(line: u64, end: u64) -> String {
    if line == end {
        return format!("the quote that opens in line {line} is not closed");
    }
    format!("the quote that opens in line {line} makes one field of everything up to line {end}")
}
