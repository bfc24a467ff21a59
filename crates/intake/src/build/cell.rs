//! What one cell of a record says.

use super::Bound;
use crate::Fault;
use crate::mapping::{Becomes, Value, Words};
use crate::read::{Kind, NoText, Record};

impl Bound<'_> {
    /// The text of a column; `None` if it says nothing.
    pub(crate) fn text<'r>(&self, record: &'r Record, column: usize, words: &Words) -> Result<Option<&'r str>, Fault> {
        let wrong = |code: &str, detail: &str| Err(Fault::new(record.line, self.name(column), code, detail));
        match self.kind(record, column) {
            Kind::List => return wrong("type", "is a list, and one value is expected: a text or a number"),
            Kind::Object => return wrong("type", "is an object, and one value is expected: a text or a number"),
            Kind::Torn => {
                return wrong("encoding", "has half of a character: a `\\u` escape from D800 to DFFF stands only in pairs");
            }
            Kind::Text | Kind::Number | Kind::Bool => {}
        }
        match record.field(self.place(column)) {
            // Whatever it is for, a word among them: nobody typed it, and it is no sign of anything.
            Ok(Some(text)) if text.contains('\0') => {
                wrong("format", "has a NUL in it, a byte of 0 that no text has: was the file damaged, or cut off?")
            }
            // What stood there is lost; an ordinary file may hold it because its program wrote it.
            Ok(Some(text)) if record.is_of_rejects() && text.contains(char::REPLACEMENT_CHARACTER) => {
                wrong("encoding", "holds a character that stands for one that could not be read: write it anew")
            }
            Ok(Some(text)) if !text.is_empty() && !words.null.contains(text) => Ok(Some(text)),
            Ok(_) => Ok(None),
            Err(NoText) => wrong("encoding", "is not written in UTF-8: save the file as “CSV UTF-8”"),
        }
    }

    /// The same where `true` would be a name or a number of somebody.
    pub(crate) fn word<'r>(&self, record: &'r Record, column: usize, words: &Words) -> Result<Option<&'r str>, Fault> {
        if self.kind(record, column) == Kind::Bool {
            let detail = "is `true` or `false`, and a text or a number is expected";
            return Err(Fault::new(record.line, self.name(column), "type", detail));
        }
        self.text(record, column, words)
    }

    /// What a column of a record is.
    pub(crate) fn kind(&self, record: &Record, column: usize) -> Kind {
        record.kind(self.place(column))
    }

    fn place(&self, column: usize) -> usize {
        self.places.get(column).copied().unwrap_or(usize::MAX)
    }
}

impl Value {
    /// Whether it becomes what stands there, and no word of the mapping's own.
    pub(super) fn takes_a_word(&self) -> bool {
        self.lookup.is_none() && self.map.is_none() && matches!(self.becomes, Becomes::Text)
    }
}
