//! Records: a struct, its schema and its way to the wire, declared together.

use crate::id::AnyId;
use crate::schema::Schema;
use crate::wire::{IntoStatic, RecordWriter, Subjects, Wire};

pub use serde_json::{Error as JsonError, Map, Value};

/// Something with an identifier and a schema that an answer can hold.
pub trait Record {
    /// The fields, in the order that [`Record::write_fields`] writes them.
    const SCHEMA: &'static Schema;

    /// Its identifier.
    fn record_id(&self) -> AnyId;

    /// The version that its ETag carries.
    fn record_version(&self) -> i64;

    /// Writes each field in schema order.
    fn write_fields(&self, out: &mut RecordWriter<'_>);

    /// Names the clients and patients whose data it is, field by field in schema order.
    fn write_subjects(&self, out: &mut Subjects);
}

/// A record that can be read from what was written of it.
pub trait FromMembers: IntoStatic {
    /// Reads the record; its members are taken out. What is left is no field of it.
    fn from_members(members: &mut Map<String, Value>) -> Result<Self::Static, Misfit>;
}

/// A member that does not fit its field.
#[derive(Debug)]
pub struct Misfit {
    /// The field.
    pub field: &'static str,
    /// What is wrong.
    pub error: serde_json::Error,
}

/// Takes a member out and reads it.
pub fn take<T: Wire>(members: &mut Map<String, Value>, field: &'static str) -> Result<T::Static, Misfit> {
    let missing = || serde::de::Error::custom("must be given");
    let read = match members.remove(field) {
        Some(json) => T::read(json),
        None => T::absent().ok_or_else(missing),
    };
    read.map_err(|error| Misfit { field, error })
}

/// Declares a record: the struct, its [`Schema`] and its serializer, from one list.
///
/// Each field has a doc comment, a type that implements [`crate::Wire`], and, after `=`, a
/// [`crate::Field`] that starts from its data category. `id` and `version` must be among them.
#[macro_export]
macro_rules! record {
    (
        $(#[doc = $record_doc:literal])+
        pub struct $name:ident<$life:lifetime> as $record_name:literal {
            $(
                $(#[doc = $doc:literal])+
                $field:ident: $kind:ty = $flags:expr,
            )+
        }
    ) => {
        $(#[doc = $record_doc])+
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        pub struct $name<$life> {
            $( $(#[doc = $doc])+ pub $field: $kind, )+
        }

        impl<$life> $crate::wire::IntoStatic for $name<$life> {
            type Static = $name<'static>;
            fn into_static(self) -> $name<'static> {
                $name { $( $field: $crate::Wire::into_static(self.$field), )+ }
            }
        }

        impl<$life> $crate::record::FromMembers for $name<$life> {
            fn from_members(
                members: &mut $crate::record::Map<String, $crate::record::Value>,
            ) -> Result<$name<'static>, $crate::record::Misfit> {
                Ok($name {
                    $( $field: $crate::record::take::<$kind>(members, $crate::schema::plain_name(stringify!($field)))?, )+
                })
            }
        }

        impl<$life> $crate::Record for $name<$life> {
            const SCHEMA: &'static $crate::Schema = &$crate::Schema {
                name: $record_name,
                doc: concat!($($record_doc),+),
                fields: &[
                    $( {
                        const FLAGS: $crate::Field = $flags;
                        FLAGS.named(
                            $crate::schema::plain_name(stringify!($field)),
                            concat!($($doc),+),
                            <$kind as $crate::Wire>::SHAPE,
                            <$kind as $crate::Wire>::NULLABLE,
                        )
                    }, )+
                ],
            };

            fn record_id(&self) -> $crate::AnyId {
                self.id.any()
            }

            fn record_version(&self) -> i64 {
                self.version
            }

            fn write_fields(&self, out: &mut $crate::wire::RecordWriter<'_>) {
                $( out.field(&self.$field); )+
            }

            fn write_subjects(&self, out: &mut $crate::wire::Subjects) {
                $( out.field(&self.$field); )+
            }
        }
    };
}

/// A word of a set that [`crate::words!`] declares.
pub trait Word: Copy + PartialEq + 'static {
    /// The word in the API and in the store.
    fn word(self) -> &'static str;
    /// Reads the word.
    fn of(word: &str) -> Option<Self>;
}

impl Word for crate::Sensitivity {
    fn word(self) -> &'static str {
        self.name()
    }
    fn of(word: &str) -> Option<Self> {
        Self::parse(word)
    }
}

/// Declares a set of words as an enum that can be stored, written and read.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[doc = $doc])+ #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// Every word with what it means, in declared order.
            pub const WORDS: &'static [$crate::schema::Word] =
                &[$($crate::schema::Word { name: $text, doc: concat!($($doc),+) },)+];
            /// Every word, in declared order.
            pub const NAMES: &'static [&'static str] = &[$($text,)+];

            /// The word in the API and in the store.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Reads the word.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl $crate::Word for $name {
            fn word(self) -> &'static str { self.name() }
            fn of(word: &str) -> Option<Self> { Self::parse(word) }
        }

        impl $crate::Wire for $name {
            const SHAPE: $crate::Shape = $crate::Shape::Enum(Self::WORDS);
            type Static = Self;
            fn into_static(self) -> Self { self }
            fn write(&self, out: &mut $crate::wire::ValueWriter<'_>) { out.plain_text(self.name()); }
            fn read(json: $crate::record::Value) -> Result<Self, $crate::record::JsonError> {
                serde::Deserialize::deserialize(json)
            }
        }
    };
}
