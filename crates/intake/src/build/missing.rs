//! What is said of fields that must not be empty and of which the columns say nothing.

use super::Row;
use crate::Fault;
use crate::mapping::{Source, Value};

impl Row<'_> {
    /// Notes what is missing. A column that is a field itself is told as that, and not once more for what is
    /// reckoned from it.
    pub(super) fn are_missing(&mut self, mut missing: Vec<(&str, &Value)>) {
        missing.sort_by_key(|(_, value)| !matches!(value.source, Source::Column(_)));
        let mut told: Vec<String> = Vec::new();
        for (field, value) in missing {
            let (is_column, columns) = (matches!(value.source, Source::Column(_)), self.empty_columns(value));
            if !is_column && columns.iter().all(|column| told.contains(column)) {
                continue;
            }
            let field = field.replace('_', " ");
            let detail = if is_column {
                format!("must be given: it is empty, and no record can be without its `{field}`")
            } else {
                format!("must be given: it is empty, and `{field}` is made of it, which no record can be without")
            };
            self.is_wrong(Fault::new(self.record.line, columns.join(", "), "required", detail));
            told.extend(columns);
        }
    }

    fn empty_columns(&self, value: &Value) -> Vec<String> {
        let is_empty = |column: &usize| matches!(self.bound.text(self.record, *column, self.words), Ok(None));
        let columns = value.source.columns();
        let mut empty: Vec<usize> = columns.iter().copied().filter(is_empty).collect();
        if empty.is_empty() {
            // Each says something, and the mapping says that it counts as nothing.
            empty = columns;
        }
        empty.into_iter().map(|column| self.bound.name(column).to_owned()).collect()
    }
}
