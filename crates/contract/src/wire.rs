//! The one serializer. Every answer that holds records is written here, straight to bytes.
//!
//! [`Writer::record`] is the only way to open a record, so the ids of all that an answer
//! discloses are known without a second look. A [`View`] says which fields may be shown;
//! what it hides is left out and listed under `_redactions`.

#[cfg(test)]
mod consent_tests;
mod join;
mod subjects;
#[cfg(test)]
mod tests;
mod values;
mod view;

use std::sync::Arc;

use serde_json::Value;

use crate::category::CategorySet;
use crate::id::AnyId;
use crate::record::Record;
use crate::schema::Shape;

pub use join::Branch;
use subjects::Telling;
pub use subjects::{Looked, Subjects, Told};
pub use values::{AnyIdText, Doc, Document, Embedded, IntoStatic, Nested, SUBJECTS, is_subject, tell_all};
pub use view::{Lens, View};

/// A value that a field can hold.
pub trait Wire {
    /// What it looks like in JSON.
    const SHAPE: Shape;
    /// Whether it may be null.
    const NULLABLE: bool = false;
    /// The same value holding its own text.
    type Static;

    /// The same value holding its own text.
    fn into_static(self) -> Self::Static;

    /// Whether it is null or an empty list.
    fn is_empty(&self) -> bool {
        false
    }

    /// Appends it as JSON.
    fn write(&self, out: &mut ValueWriter<'_>);

    /// Reads what [`Wire::write`] wrote. Values that no record keeps cannot be read.
    fn read(_json: Value) -> serde_json::Result<Self::Static> {
        Err(serde::de::Error::custom("cannot be read"))
    }

    /// What stands for a member that was left out, if anything.
    fn absent() -> Option<Self::Static> {
        None
    }

    /// Names the clients and patients whose data a record is that holds it: those that it is an id of.
    fn tell_subjects(&self, _out: &mut Vec<AnyId>) {}

    /// Names all clients and patients that it holds the ids of, also those whose data the record was once.
    fn tell_named(&self, out: &mut Vec<AnyId>) {
        self.tell_subjects(out);
    }
}

/// Collects an answer's bytes and what they disclose.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    ids: Vec<AnyId>,
    disclosed: CategorySet,
    hidden: CategorySet,
    /// Whose data is being written: of the record, and of those around it.
    subjects: Subjects,
    /// What became of the last record that stands in no other.
    looked: Looked,
    /// Views that clients' consents made narrower, kept for the next record like that.
    narrowed: Vec<Arc<View>>,
    /// How many of those are of records around that were written elsewhere.
    within: usize,
    /// Differs where consent hid other fields.
    narrowing: u32,
    /// Whether fields were left out that the clinic did not opt in to.
    lacks_opt_ins: bool,
    /// Whether fields were left out that clients decide about.
    is_narrowed: bool,
    /// Whose data was written.
    telling: Telling,
}

impl Writer {
    /// A writer with room for this many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// Appends text that is JSON already: brackets and names of an envelope, never a record's value.
    pub fn raw(&mut self, json: &str) {
        self.bytes.extend_from_slice(json.as_bytes());
    }

    /// Appends a JSON string.
    pub fn string(&mut self, text: &str) {
        write_json_text(&mut self.bytes, text);
    }

    /// Writes one record as the view allows.
    pub fn record<R: Record>(&mut self, record: &R, view: &View) {
        debug_assert!(std::ptr::eq(view.schema, R::SCHEMA) || view.schema.name == R::SCHEMA.name);
        self.ids.push(record.record_id());
        match &view.lens {
            None if view.tells().is_some() => self.plainly(record, view),
            None => self.fields(record, view),
            Some(lens) => self.looked_at(record, view, &**lens),
        }
    }

    fn fields<R: Record>(&mut self, record: &R, view: &View) {
        self.disclosed.extend(view.disclosed);
        self.hidden.extend(view.hidden);
        self.bytes.push(b'{');
        let mut out = RecordWriter { writer: self, view, index: 0, first: true };
        record.write_fields(&mut out);
        out.finish();
    }

    /// How many bytes are written.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The record of this kind that was written last.
    pub fn last_id(&self, prefix: &str) -> Option<AnyId> {
        self.ids.iter().rev().find(|id| id.prefix == prefix).copied()
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Everything that was written, and what it discloses.
    pub fn finish(self) -> Written {
        let (told, consents) = self.telling.finish();
        Written {
            bytes: self.bytes,
            ids: self.ids,
            disclosed: self.disclosed,
            hidden: self.hidden,
            lacks_opt_ins: self.lacks_opt_ins,
            is_narrowed: self.is_narrowed,
            told,
            consents,
        }
    }
}

/// A finished answer.
#[derive(Debug, Default, Clone)]
pub struct Written {
    /// JSON.
    pub bytes: Vec<u8>,
    /// Every record in it.
    pub ids: Vec<AnyId>,
    /// Categories of the fields in it.
    pub disclosed: CategorySet,
    /// Categories of the fields left out.
    pub hidden: CategorySet,
    /// Whether some are left out because the clinic did not opt in to their category.
    pub lacks_opt_ins: bool,
    /// Whether some are left out because a client decided so.
    pub is_narrowed: bool,
    /// Whose data is in it, by the categories of it.
    pub told: Vec<Told>,
    /// What those decided, as far as it counted.
    pub consents: Vec<AnyId>,
}

/// Writes the fields of one record, in schema order.
pub struct RecordWriter<'w> {
    writer: &'w mut Writer,
    view: &'w View,
    index: usize,
    first: bool,
}

impl RecordWriter<'_> {
    /// Writes the next field, or leaves it out.
    pub fn field<T: Wire>(&mut self, value: &T) {
        let index = self.index;
        self.index += 1;
        let Some(field) = self.view.schema.fields.get(index) else { return };
        if !self.view.shows(index) || (field.sparse && value.is_empty()) {
            return;
        }
        self.comma();
        let bytes = &mut self.writer.bytes;
        bytes.push(b'"');
        bytes.extend_from_slice(field.name.as_bytes());
        bytes.extend_from_slice(b"\":");
        value.write(&mut ValueWriter { writer: self.writer, nested: self.view.nested(index) });
    }

    fn comma(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.writer.bytes.push(b',');
        }
    }

    fn finish(mut self) {
        debug_assert_eq!(self.index, self.view.schema.fields.len());
        if !self.view.note.is_empty() {
            self.comma();
            self.writer.bytes.extend_from_slice(b"\"_redactions\":[");
            self.writer.bytes.extend_from_slice(&self.view.note);
            self.writer.bytes.push(b']');
        }
        self.writer.bytes.push(b'}');
    }
}

/// Writes one value.
pub struct ValueWriter<'w> {
    writer: &'w mut Writer,
    nested: Option<&'w View>,
}

impl ValueWriter<'_> {
    /// Appends a JSON string.
    pub fn text(&mut self, text: &str) {
        write_json_text(&mut self.writer.bytes, text);
    }

    /// Appends the id of a record that the answer tells of without showing it. The journal learns of it.
    pub fn mention(&mut self, id: AnyId) {
        self.writer.ids.push(id);
        self.quoted(|bytes| bytes.extend_from_slice(id.to_string().as_bytes()));
    }

    /// Tells the journal of a record that the call touched and the answer does not name.
    pub fn touched(&mut self, id: AnyId) {
        self.writer.ids.push(id);
    }

    /// Appends JSON: brackets and names of members, never a record's value.
    pub fn raw(&mut self, json: &str) {
        self.bytes().extend_from_slice(json.as_bytes());
    }

    /// Appends an integer.
    pub fn int(&mut self, value: i64) {
        write_int(self.bytes(), value);
    }

    /// Appends a JSON string that needs no escapes: an enum's word, an id, a date.
    pub fn plain_text(&mut self, text: &str) {
        let bytes = &mut self.writer.bytes;
        bytes.push(b'"');
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(b'"');
    }

    fn quoted(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.writer.bytes.push(b'"');
        write(&mut self.writer.bytes);
        self.writer.bytes.push(b'"');
    }

    fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.writer.bytes
    }
}

fn write_json_text(out: &mut Vec<u8>, text: &str) {
    // Writing text into a `Vec` cannot fail.
    let _ = serde_json::to_writer(out, text);
}

fn write_int(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}
