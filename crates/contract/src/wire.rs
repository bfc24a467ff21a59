//! The one serializer. Every answer that holds records is written here, straight to bytes.
//!
//! [`Writer::record`] is the only way to open a record, so the ids of all that an answer
//! discloses are known without a second look. A [`View`] says which fields may be shown;
//! what it hides is left out and listed under `_redactions`.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::category::{Category, CategorySet};
use crate::id::{AnyId, Id, Kind};
use crate::money::{Currency, Money};
use crate::record::Record;
use crate::schema::{Schema, Shape};
use crate::time::{Date, Timestamp};

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
}

/// Which fields of a schema an answer may show.
#[derive(Debug, Clone)]
pub struct View {
    schema: &'static Schema,
    shown: u64,
    hidden: CategorySet,
    disclosed: CategorySet,
    nested: Vec<(usize, View)>,
    note: Vec<u8>,
}

impl View {
    /// The view of a caller who may see `allowed` categories and asked for `picked` fields
    /// (all, if `None`). `id` is always shown.
    pub fn new(schema: &'static Schema, allowed: CategorySet, picked: Option<&[&str]>) -> Self {
        let mut view = Self {
            schema,
            shown: 0,
            hidden: CategorySet::NONE,
            disclosed: CategorySet::NONE,
            nested: Vec::new(),
            note: Vec::new(),
        };
        for (index, field) in schema.fields.iter().enumerate().take(64) {
            let wanted = field.name == "id" || picked.is_none_or(|names| names.contains(&field.name));
            if !wanted {
                continue;
            }
            if !allowed.contains(field.category) {
                view.hide(field.name, field.category);
                continue;
            }
            view.shown |= 1 << index;
            view.disclosed.insert(field.category);
            if let Some(inner) = nested_schema(&field.shape) {
                let inner = Self::new(inner, allowed, None);
                view.disclosed.extend(inner.disclosed);
                view.hidden.extend(inner.hidden);
                view.nested.push((index, inner));
            }
        }
        view
    }

    fn hide(&mut self, name: &str, category: Category) {
        self.hidden.insert(category);
        if !self.note.is_empty() {
            self.note.push(b',');
        }
        self.note.extend_from_slice(b"{\"path\":\"/");
        self.note.extend_from_slice(name.as_bytes());
        self.note.extend_from_slice(b"\",\"category\":\"");
        self.note.extend_from_slice(category.name().as_bytes());
        self.note.extend_from_slice(b"\",\"reason\":\"not_opted_in\"}");
    }

    /// The categories of the fields that are shown.
    pub fn disclosed(&self) -> CategorySet {
        self.disclosed
    }

    /// The categories of the fields that are left out.
    pub fn hidden(&self) -> CategorySet {
        self.hidden
    }

    /// A number that differs where the shown fields differ, for the ETag.
    pub fn fingerprint(&self) -> u32 {
        let nested = self.nested.iter().fold(0, |sum, (_, view)| u64::rotate_left(sum, 7) ^ view.shown);
        let mixed = (self.shown ^ nested.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 32) as u32
    }

    fn shows(&self, index: usize) -> bool {
        self.shown & (1 << (index & 63)) != 0
    }

    fn nested(&self, index: usize) -> Option<&Self> {
        self.nested.iter().find(|(at, _)| *at == index).map(|(_, view)| view)
    }
}

fn nested_schema(shape: &Shape) -> Option<&'static Schema> {
    match shape {
        Shape::Record(schema) => Some(schema),
        Shape::List(inner) => nested_schema(inner),
        _ => None,
    }
}

/// Collects an answer's bytes and what they disclose.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    ids: Vec<AnyId>,
    disclosed: CategorySet,
    hidden: CategorySet,
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

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Everything that was written, and what it discloses.
    pub fn finish(self) -> Written {
        Written { bytes: self.bytes, ids: self.ids, disclosed: self.disclosed, hidden: self.hidden }
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

macro_rules! wire_value {
    ($kind:ty, $shape:expr, |$value:ident, $out:ident| $write:expr) => {
        impl Wire for $kind {
            const SHAPE: Shape = $shape;
            type Static = Self;
            fn into_static(self) -> Self {
                self
            }
            fn write(&self, $out: &mut ValueWriter<'_>) {
                let $value = self;
                $write
            }
        }
    };
}

wire_value!(i64, Shape::Int, |value, out| write_int(out.bytes(), *value));
wire_value!(bool, Shape::Bool, |value, out| out.bytes().extend_from_slice(if *value { b"true" } else { b"false" }));
wire_value!(Timestamp, Shape::Time, |value, out| out.quoted(|bytes| value.write_text(bytes)));
wire_value!(Date, Shape::Date, |value, out| out.quoted(|bytes| {
    // Printing into a `Vec` cannot fail.
    let _ = jiff::fmt::temporal::DateTimePrinter::new().print_date(value, bytes);
}));
wire_value!(Currency, Shape::Currency, |value, out| out.plain_text(value.code()));
wire_value!(Money, Shape::Money, |value, out| {
    out.bytes().extend_from_slice(b"{\"amount\":");
    write_int(out.bytes(), value.amount);
    out.bytes().extend_from_slice(b",\"currency\":\"");
    out.bytes().extend_from_slice(value.currency.bytes());
    out.bytes().extend_from_slice(b"\"}");
});
wire_value!(Category, Shape::Enum(Category::NAMES), |value, out| out.plain_text(value.name()));
wire_value!(crate::Purpose, Shape::Enum(crate::Purpose::NAMES), |value, out| out.plain_text(value.name()));

impl<K: Kind> Wire for Id<K> {
    const SHAPE: Shape = Shape::Id(K::PREFIX);
    type Static = Self;
    fn into_static(self) -> Self {
        self
    }
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.quoted(|bytes| self.write_text(bytes));
    }
}

impl<'a> Wire for Cow<'a, str> {
    const SHAPE: Shape = Shape::Text;
    type Static = Cow<'static, str>;
    fn into_static(self) -> Cow<'static, str> {
        Cow::Owned(self.into_owned())
    }
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.text(self);
    }
}

impl<T: Wire> Wire for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    const NULLABLE: bool = true;
    type Static = Option<T::Static>;
    fn into_static(self) -> Self::Static {
        self.map(T::into_static)
    }
    fn is_empty(&self) -> bool {
        self.is_none()
    }
    fn write(&self, out: &mut ValueWriter<'_>) {
        match self {
            Some(value) => value.write(out),
            None => out.bytes().extend_from_slice(b"null"),
        }
    }
}

/// Records inside a record, such as an invoice's lines.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Nested<T>(pub Vec<T>);

impl<T: Record + IntoStatic> Wire for Nested<T> {
    const SHAPE: Shape = Shape::List(&Shape::Record(T::SCHEMA));
    type Static = Nested<T::Static>;
    fn into_static(self) -> Self::Static {
        Nested(self.0.into_iter().map(T::into_static).collect())
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn write(&self, out: &mut ValueWriter<'_>) {
        let Some(view) = out.nested else { return out.bytes().extend_from_slice(b"[]") };
        out.bytes().push(b'[');
        for (index, record) in self.0.iter().enumerate() {
            if index > 0 {
                out.bytes().push(b',');
            }
            out.writer.record(record, view);
        }
        out.bytes().push(b']');
    }
}

/// A record that can come to hold its own text.
pub trait IntoStatic {
    /// The record holding its own text.
    type Static;
    /// Takes its text along.
    fn into_static(self) -> Self::Static;
}

/// What a stored JSON document looks like.
pub trait Document: Serialize + for<'de> Deserialize<'de> {
    /// Its shape.
    const SHAPE: Shape;
    /// What stands for nothing: `[]`, `{}` or `null`.
    const EMPTY: &'static str;
}

/// A JSON document that is stored as text and copied to the wire as it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Doc<'a, T> {
    text: Cow<'a, str>,
    #[serde(skip)]
    kind: PhantomData<fn() -> T>,
}

impl<'a, T: Document> Doc<'a, T> {
    /// The document of a typed value.
    pub fn of(value: &T) -> Self {
        let text = serde_json::to_string(value).unwrap_or_else(|_| T::EMPTY.to_owned());
        Self { text: Cow::Owned(text), kind: PhantomData }
    }

    /// A document that this program stored.
    pub fn from_stored(text: &'a str) -> Self {
        Self { text: Cow::Borrowed(text), kind: PhantomData }
    }

    /// The typed value, if the text still is one.
    pub fn value(&self) -> Option<T> {
        serde_json::from_str(&self.text).ok()
    }

    /// The text to store.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<'a, T: Document> Wire for Doc<'a, T> {
    const SHAPE: Shape = T::SHAPE;
    type Static = Doc<'static, T>;
    fn into_static(self) -> Self::Static {
        Doc { text: Cow::Owned(self.text.into_owned()), kind: PhantomData }
    }
    fn is_empty(&self) -> bool {
        self.text == T::EMPTY || self.text == "null"
    }
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.bytes().extend_from_slice(self.text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Field;

    pub enum CupKind {}
    impl Kind for CupKind {
        const PREFIX: &'static str = "cup";
    }

    mod cup {
        use super::*;
        crate::record! {
            /// A cup.
            pub struct Cup<'a> as "cup" {
                /// Its id.
                id: Id<CupKind> = Field::of(Category::RecordSystem),
                /// Grows with each change.
                version: i64 = Field::of(Category::RecordSystem),
                /// Whose it is.
                owner: Cow<'a, str> = Field::of(Category::OwnerContact),
                /// What it cost.
                price: Option<Money> = Field::of(Category::OwnerFinancial),
            }
        }
    }
    use cup::Cup;

    fn cup() -> Cup<'static> {
        Cup {
            id: Id::from_bytes([0; 16]),
            version: 3,
            owner: Cow::Borrowed("Zo\u{eb} \"Z\"\n"),
            price: Some(Money::new(-5, Currency::USD)),
        }
    }

    fn text(view: &View) -> (String, Written) {
        let mut writer = Writer::default();
        writer.record(&cup(), view);
        let written = writer.finish();
        (String::from_utf8(written.bytes.clone()).unwrap(), written)
    }

    #[test]
    fn a_full_view_shows_all() {
        let (json, written) = text(&View::new(Cup::SCHEMA, CategorySet::ALL, None));
        assert_eq!(
            json,
            r#"{"id":"cup_00000000000000000000000000","version":3,"owner":"Zoë \"Z\"\n","price":{"amount":-5,"currency":"USD"}}"#
        );
        assert_eq!(written.ids, vec![AnyId { prefix: "cup", bytes: [0; 16] }]);
        assert_eq!(written.hidden, CategorySet::NONE);
    }

    #[test]
    fn what_is_hidden_is_left_out_and_marked() {
        let allowed = CategorySet::NONE.with(Category::RecordSystem).with(Category::OwnerFinancial);
        let (json, written) = text(&View::new(Cup::SCHEMA, allowed, None));
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert!(value.get("owner").is_none());
        assert_eq!(value["_redactions"][0]["path"], "/owner");
        assert_eq!(value["_redactions"][0]["category"], "owner_contact");
        assert!(written.hidden.contains(Category::OwnerContact));
        assert!(!written.disclosed.contains(Category::OwnerContact));
    }

    #[test]
    fn picked_fields_only_and_another_fingerprint() {
        let all = View::new(Cup::SCHEMA, CategorySet::ALL, None);
        let picked = View::new(Cup::SCHEMA, CategorySet::ALL, Some(&["version"]));
        assert_eq!(text(&picked).0, r#"{"id":"cup_00000000000000000000000000","version":3}"#);
        assert_ne!(all.fingerprint(), picked.fingerprint());
    }
}
