//! How each kind of value is written.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Told, ValueWriter, Wire, Written, write_int};
use crate::category::{Category, CategorySet};
use crate::id::{AnyId, Id, Kind, parse_any};
use crate::money::{Currency, Money};
use crate::record::{FromMembers, Record};
use crate::schema::Shape;
use crate::time::{Date, Timestamp};

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
            fn read(json: Value) -> serde_json::Result<Self> {
                <$kind>::deserialize(json)
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
wire_value!(Category, Shape::Enum(Category::WORDS), |value, out| out.plain_text(value.name()));
wire_value!(crate::Purpose, Shape::Enum(crate::Purpose::WORDS), |value, out| out.plain_text(value.name()));
wire_value!(crate::Sensitivity, Shape::Enum(crate::Sensitivity::WORDS), |value, out| out.plain_text(value.name()));

impl<K: Kind> Wire for Id<K> {
    const SHAPE: Shape = Shape::Id(K::PREFIX);
    type Static = Self;
    fn into_static(self) -> Self {
        self
    }
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.quoted(|bytes| self.write_text(bytes));
    }
    fn read(json: Value) -> serde_json::Result<Self> {
        Self::deserialize(json)
    }
    fn tell_subjects(&self, out: &mut Vec<AnyId>) {
        if const { is_subject(K::PREFIX) } {
            out.push(self.any());
        }
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
    fn read(json: Value) -> serde_json::Result<Self::Static> {
        String::deserialize(json).map(Cow::Owned)
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
    fn read(json: Value) -> serde_json::Result<Self::Static> {
        if json.is_null() { Ok(None) } else { T::read(json).map(Some) }
    }
    fn absent() -> Option<Self::Static> {
        Some(None)
    }
    fn tell_subjects(&self, out: &mut Vec<AnyId>) {
        if let Some(value) = self {
            value.tell_subjects(out);
        }
    }
    fn tell_named(&self, out: &mut Vec<AnyId>) {
        if let Some(value) = self {
            value.tell_named(out);
        }
    }
}

/// Prefixes of the ids of those whose data a record can be: clients and patients.
pub const SUBJECTS: [&str; 2] = ["cli", "pat"];

/// Whether these are the letters in front of such an id.
pub const fn is_subject(prefix: &str) -> bool {
    let mut at = 0;
    while at < SUBJECTS.len() {
        #[expect(clippy::indexing_slicing, reason = "within the bounds that the loop keeps")]
        let (one, other) = (SUBJECTS[at].as_bytes(), prefix.as_bytes());
        if let ([a, b, c], [d, e, f]) = (one, other)
            && *a == *d
            && *b == *e
            && *c == *f
        {
            return true;
        }
        at += 1;
    }
    false
}

/// Records inside a record, such as an invoice's lines.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Nested<T>(pub Vec<T>);

impl<T: Record + FromMembers> Wire for Nested<T> {
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
    fn read(json: Value) -> serde_json::Result<Self::Static> {
        let items: Vec<Map<String, Value>> = Vec::deserialize(json)?;
        let read = items.into_iter().map(|mut members| T::from_members(&mut members).map_err(|misfit| misfit.error));
        read.collect::<serde_json::Result<_>>().map(Nested)
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

    /// Of the clients and patients that a stored document names, those whose data the record is that holds it.
    fn tell_subjects(text: &str, out: &mut Vec<AnyId>) {
        tell_all(text, out);
    }
}

/// The clients and patients whose ids stand in a document.
pub fn tell_all(text: &str, out: &mut Vec<AnyId>) {
    let ids = text.split('"').filter_map(parse_any);
    out.extend(ids.filter_map(|(prefix, bytes)| {
        let prefix = SUBJECTS.into_iter().find(|subject| *subject == prefix)?;
        Some(AnyId { prefix, bytes })
    }));
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
    fn read(json: Value) -> serde_json::Result<Self::Static> {
        T::deserialize(json).map(|value| Doc::of(&value))
    }
    fn tell_subjects(&self, out: &mut Vec<AnyId>) {
        // A text that looks like an id, such as what another system calls a record, names nobody.
        if const { T::SHAPE.holds_subjects() } {
            T::tell_subjects(&self.text, out);
        }
    }
    fn tell_named(&self, out: &mut Vec<AnyId>) {
        if const { T::SHAPE.holds_subjects() } {
            tell_all(&self.text, out);
        }
    }
}

/// A record that was written on its own, with its own view, and is a field of another one now.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Embedded {
    json: String,
    #[serde(skip)]
    ids: Vec<AnyId>,
    #[serde(skip)]
    disclosed: CategorySet,
    #[serde(skip)]
    hidden: CategorySet,
    #[serde(skip)]
    lacks_opt_ins: bool,
    #[serde(skip)]
    is_narrowed: bool,
    #[serde(skip)]
    told: Vec<Told>,
    #[serde(skip)]
    consents: Vec<AnyId>,
}

impl Embedded {
    /// Whether a client decided that some of it is left out.
    pub const fn is_narrowed(&self) -> bool {
        self.is_narrowed
    }
}

impl From<Written> for Embedded {
    fn from(written: Written) -> Self {
        let json = String::from_utf8(written.bytes).unwrap_or_default();
        let Written { ids, disclosed, hidden, lacks_opt_ins, is_narrowed, told, consents, .. } = written;
        Self { json, ids, disclosed, hidden, lacks_opt_ins, is_narrowed, told, consents }
    }
}

impl Wire for Embedded {
    const SHAPE: Shape = Shape::AnyRecord;
    type Static = Self;
    fn into_static(self) -> Self {
        self
    }
    fn write(&self, out: &mut ValueWriter<'_>) {
        // The journal learns of it as if it had been written here.
        out.writer.ids.extend(&self.ids);
        out.writer.disclosed.extend(self.disclosed);
        out.writer.hidden.extend(self.hidden);
        out.writer.lacks_opt_ins |= self.lacks_opt_ins;
        out.writer.is_narrowed |= self.is_narrowed;
        out.writer.telling.extend_finished(out.writer.ids.len(), &self.told, &self.consents);
        out.bytes().extend_from_slice(self.json.as_bytes());
    }
}

/// The id of a record whose kind is known only at run time. The answer tells of the record, and so
/// the journal learns of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnyIdText {
    text: String,
    #[serde(skip)]
    id: Option<AnyId>,
}

impl From<AnyId> for AnyIdText {
    fn from(id: AnyId) -> Self {
        Self { text: id.to_string(), id: Some(id) }
    }
}

impl Wire for AnyIdText {
    const SHAPE: Shape = Shape::AnyId;
    type Static = Self;
    fn into_static(self) -> Self {
        self
    }
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.writer.ids.extend(self.id);
        out.plain_text(&self.text);
    }
}
