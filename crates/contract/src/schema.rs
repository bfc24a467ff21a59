//! Schemas: the fields of a record or a body, said once.
//!
//! From these tables derive the OpenAPI document, payload checks, filters and sorts, what a
//! view may show, and the data category of every byte that leaves. A [`Field`] cannot be made
//! without its category, so a field without one does not build.

use crate::category::{Category, Sensitivity};
use crate::wire::is_subject;

/// A record, a part of one, or a body, as a list of fields in the order they are written.
#[derive(Debug)]
pub struct Schema {
    /// Singular, snake case: `invoice`.
    pub name: &'static str,
    /// One sentence for a developer.
    pub doc: &'static str,
    /// The fields; at most 64.
    pub fields: &'static [Field],
}

impl Schema {
    /// The field of this name and its place.
    pub fn field(&self, name: &str) -> Option<(usize, &'static Field)> {
        self.fields.iter().enumerate().find(|(_, field)| field.name == name)
    }
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Snake case.
    pub name: &'static str,
    /// One sentence for a developer.
    pub doc: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// Whether the value may be null.
    pub nullable: bool,
    /// The category of data that it belongs to.
    pub category: Category,
    /// How much harm it could do in the wrong hands.
    pub sensitivity: Sensitivity,
    /// Whether a create body may or must hold it.
    pub create: Presence,
    /// Whether a merge patch may hold it.
    pub update: bool,
    /// How a list may be filtered by it.
    pub filter: Filter,
    /// Whether a list may be sorted by it. A sort needs an index.
    pub sort: bool,
    /// Most characters of a text, most items of a list. A web origin's length is its own.
    pub max: u32,
    /// Smallest integer or amount.
    pub least: i64,
    /// Whether a text must say something.
    pub filled: bool,
    /// Whether a list may hold the same item once only.
    pub distinct: bool,
    /// Left out of an answer when empty, such as `deleted_at` on what is not deleted.
    pub sparse: bool,
    /// What of it a client's consent decides.
    pub consent: Consent,
    /// The category of the record whose id it is, where clients must allow that, too.
    pub leads_to: Option<Category>,
    /// What a new record has where the body leaves the field out, as JSON. Empty: nothing is filled in.
    pub fallback: &'static str,
}

/// A word that a field can hold, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// As it stands in JSON.
    pub name: &'static str,
    /// What it means, in a sentence.
    pub doc: &'static str,
}

/// What a value looks like in JSON.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// An identifier with this prefix.
    Id(&'static str),
    /// Text without control characters other than line breaks.
    Text,
    /// An e-mail address, kept as entered.
    Email,
    /// An origin of web pages, `https://tool.example`, in its one spelling.
    WebOrigin,
    /// An integer.
    Int,
    /// `true` or `false`.
    Bool,
    /// `{"amount", "currency"}`.
    Money,
    /// An ISO 4217 code.
    Currency,
    /// A country of ISO 3166-1, two capital letters.
    Country,
    /// An IANA time zone.
    TimeZone,
    /// `YYYY-MM-DD`.
    Date,
    /// RFC 3339.
    Time,
    /// A decimal number in a string, such as `"1.5"`: at most 9 digits before and 4 after the point.
    Decimal,
    /// One of these words.
    Enum(&'static [Word]),
    /// A list of one shape.
    List(&'static Shape),
    /// An object with its own fields.
    Object(&'static Schema),
    /// A record with its own identifier, in another record.
    Record(&'static Schema),
    /// A record of any resource that changes are told of, as its direct read answers it.
    AnyRecord,
    /// An identifier of such a record.
    AnyId,
    /// An object with free keys and integer values, such as limits by rate class.
    IntMap(&'static [&'static str]),
    /// Rows to import: objects as in a create body of this schema, each with its `external_id`, and
    /// with `…_external_id` where it likes in place of an `…_id`. A wrong row is refused alone, so the
    /// operation checks them, with [`crate::admit::check_row`].
    Rows(&'static Schema),
}

/// Whether a body may hold a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Read-only.
    Never,
    /// May be left out.
    Optional,
    /// Must be there.
    Required,
}

impl Shape {
    /// Whether it is the id of one whose data a record can be: a client or a patient.
    pub const fn is_subject(&self) -> bool {
        matches!(self, Self::Id(prefix) if is_subject(prefix))
    }

    /// Whether ids of such stand in it, however deep.
    pub const fn holds_subjects(&self) -> bool {
        match self {
            Self::List(inner) => inner.holds_subjects(),
            Self::Object(schema) => {
                let mut fields = schema.fields;
                while let [field, rest @ ..] = fields {
                    if field.shape.holds_subjects() {
                        return true;
                    }
                    fields = rest;
                }
                false
            }
            one => one.is_subject(),
        }
    }

    const fn names_subjects(&self) -> bool {
        match self {
            Self::List(inner) => inner.is_subject(),
            one => one.is_subject(),
        }
    }
}

/// What of a field a client's consent decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Whether data of the field's own category may leave.
    Category,
    /// Nothing: the field is the clinic's own figure or state.
    None,
    /// Whether data of this category may leave, of those whom the field names. Ids of clients and patients are so
    /// in the category of their field unless it says otherwise.
    With(Category),
}

/// How a list may be filtered by a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Not at all.
    None,
    /// `field=value`.
    Equal,
    /// `field=value` and `field[gt|gte|lt|lte]=value`.
    Range,
}

impl Field {
    /// A read-only field of this category. The record macro fills in name, doc and shape.
    pub const fn of(category: Category) -> Self {
        Self {
            name: "",
            doc: "",
            shape: Shape::Text,
            nullable: false,
            category,
            sensitivity: default_sensitivity(category),
            create: Presence::Never,
            update: false,
            filter: Filter::None,
            sort: false,
            max: 200,
            least: i64::MIN,
            filled: false,
            distinct: false,
            sparse: false,
            consent: Consent::Category,
            leads_to: None,
            fallback: "",
        }
    }

    /// Fills in name, doc and shape.
    #[must_use]
    pub const fn named(self, name: &'static str, doc: &'static str, shape: Shape, nullable: bool) -> Self {
        // Who is named by an id decides about it: see `Consent::With`.
        let consent = match self.consent {
            Consent::Category if shape.names_subjects() => Consent::With(self.category),
            said => said,
        };
        Self { name, doc, shape, nullable, consent, ..self }
    }

    /// Must be in a create body.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { create: Presence::Required, ..self }
    }

    /// May be in a create body.
    #[must_use]
    pub const fn creatable(self) -> Self {
        Self { create: Presence::Optional, ..self }
    }

    /// May be in a merge patch.
    #[must_use]
    pub const fn updatable(self) -> Self {
        Self { update: true, ..self }
    }

    /// May be in a create body and in a merge patch.
    #[must_use]
    pub const fn writable(self) -> Self {
        self.creatable().updatable()
    }

    /// Lists can be filtered by equality.
    #[must_use]
    pub const fn equal(self) -> Self {
        Self { filter: Filter::Equal, ..self }
    }

    /// Lists can be filtered by equality and range.
    #[must_use]
    pub const fn range(self) -> Self {
        Self { filter: Filter::Range, ..self }
    }

    /// Lists can be sorted; there is an index for it.
    #[must_use]
    pub const fn sortable(self) -> Self {
        Self { sort: true, ..self }
    }

    /// Another sensitivity than the category's usual one.
    #[must_use]
    pub const fn sensitivity(self, sensitivity: Sensitivity) -> Self {
        Self { sensitivity, ..self }
    }

    /// Most characters of a text, most items of a list.
    #[must_use]
    pub const fn max(self, max: u32) -> Self {
        Self { max, ..self }
    }

    /// A text that must say something.
    #[must_use]
    pub const fn filled(self) -> Self {
        Self { filled: true, ..self }
    }

    /// A list that may hold the same item once only.
    #[must_use]
    pub const fn distinct(self) -> Self {
        Self { distinct: true, ..self }
    }

    /// Smallest integer or amount.
    #[must_use]
    pub const fn at_least(self, least: i64) -> Self {
        Self { least, ..self }
    }

    /// What a new record has where the body leaves the field out, as JSON: `"\"scheduled\""`.
    #[must_use]
    pub const fn fallback(self, fallback: &'static str) -> Self {
        Self { fallback, ..self }
    }

    /// Left out of an answer when empty.
    #[must_use]
    pub const fn sparse(self) -> Self {
        Self { sparse: true, ..self }
    }

    /// The clinic's own figure or state: it tells how much, when or how far, and not who. A client's consent
    /// does not touch it, so that totals stay exact; what a clinic did not opt in to stays hidden all the same.
    #[must_use]
    pub const fn figure(self) -> Self {
        Self { consent: Consent::None, ..self }
    }

    /// Tells whose a record is, in data that is none of the client's by itself: an id, or what another system
    /// calls it. It goes where data of this category of whoever it names may go; if it names nobody, where that
    /// of the record may.
    #[must_use]
    pub const fn tells_of(self, category: Category) -> Self {
        Self { consent: Consent::With(category), ..self }
    }

    /// An id of a record of another category of data. It goes where data of both may: in a record whose client is
    /// known it would tell whose that other one is.
    #[must_use]
    pub const fn leads_to(self, category: Category) -> Self {
        Self { leads_to: Some(category), ..self }
    }

    /// The category of data that a client must allow; `None` if no client is asked.
    pub const fn consented(&self) -> Option<Category> {
        match self.consent {
            Consent::Category => Some(self.category),
            Consent::None => None,
            Consent::With(category) => Some(category),
        }
    }

    /// How a body of this kind treats the field.
    pub const fn presence(&self, verb: Verb) -> Presence {
        match verb {
            Verb::Create => self.create,
            Verb::Update if self.update => Presence::Optional,
            Verb::Update => Presence::Never,
        }
    }
}

/// A field's name as it is written in JSON: `r#type` in Rust is `type` there.
pub const fn plain_name(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', plain @ ..] => match std::str::from_utf8(plain) {
            Ok(plain) => plain,
            Err(_) => name,
        },
        _ => name,
    }
}

const fn default_sensitivity(category: Category) -> Sensitivity {
    match category {
        Category::RecordSystem | Category::Appointments | Category::Inventory => Sensitivity::Operational,
        Category::Practice => Sensitivity::Public,
        Category::OwnerContact | Category::PatientIdentity | Category::Communications | Category::Staff => Sensitivity::Personal,
        Category::OwnerFinancial | Category::Aggregates => Sensitivity::Financial,
        Category::Clinical | Category::Diagnostics => Sensitivity::Clinical,
        Category::Prescriptions => Sensitivity::Controlled,
    }
}

/// What a body does with a schema's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Makes something: required fields must be there.
    Create,
    /// Changes it by JSON merge patch (RFC 7396).
    Update,
}

/// The body that an operation takes.
#[derive(Debug, Clone, Copy)]
pub struct Body {
    /// Its fields.
    pub schema: &'static Schema,
    /// How they are treated.
    pub verb: Verb,
}

impl Body {
    /// Whether something in it must be given.
    pub fn requires_something(&self) -> bool {
        self.schema.fields.iter().any(|field| field.presence(self.verb) == Presence::Required)
    }
}
