//! What tells records apart.

use std::borrow::Cow;

use super::Bound;
use crate::Fault;
use crate::mapping::Words;
use crate::read::Record;

/// What stands between the parts of a key of several columns.
const KEY_MARK: &str = " / ";

impl Bound<'_> {
    /// Whether all that tells records apart stands before this field.
    pub(crate) fn stands_before(&self, key: usize, field: usize) -> bool {
        let columns = self.fields.joined(key).map_or(vec![key], |joined| joined.columns.clone());
        columns.into_iter().all(|column| self.places.get(column).is_some_and(|place| *place < field))
    }

    /// The text of what tells records apart; `None` if a column of it says nothing.
    pub(crate) fn key<'r>(&self, record: &'r Record, key: usize, words: &Words) -> Result<Option<Cow<'r, str>>, Fault> {
        let Some(joined) = self.fields.joined(key) else { return Ok(self.word(record, key, words)?.map(Cow::Borrowed)) };
        let mut parts = Vec::new();
        for column in &joined.columns {
            let Some(part) = self.word(record, *column, words)? else { return Ok(None) };
            parts.push(part);
        }
        Ok(Some(Cow::Owned(parts.join(KEY_MARK))))
    }
}
