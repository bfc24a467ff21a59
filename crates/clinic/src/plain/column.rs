//! How each type of a field is stored in a column, and read from a body.

use std::borrow::Cow;

use clinicos_contract::time::Date;
use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{Currency, Id, Kind, Money, Problem, Timestamp, problem};
use clinicos_store::{Row, StoreError, Value};
use serde::Deserialize as _;
use serde_json::Value as Json;

use super::Given;
use crate::decode;
use crate::texts::{Country, Decimal, Email, TimeZone};

type Result<T> = std::result::Result<T, StoreError>;

/// A type of a field that takes one column.
pub trait Column<'r>: Sized {
    /// Whether a new record has something where nothing is given: what [`Column::absent`] says.
    const MAY_LACK: bool = false;

    /// Reads it; `None` where the column is null. Amounts are in `currency`.
    fn read(row: &'r dyn Row, column: usize, currency: Currency) -> Result<Option<Self>>;
    /// What is stored.
    fn stored(&self) -> Value<'_>;
    /// Reads it from a body that fits the schema.
    fn given(json: &Json) -> serde_json::Result<Self>;
    /// What a new record has where nothing is given, if anything.
    fn absent(_currency: Currency) -> Option<Self> {
        None
    }
}

/// Reads a column of a record.
pub fn read<'r, T: Column<'r>>(row: &'r dyn Row, column: usize, currency: Currency) -> Result<T> {
    match T::read(row, column, currency)? {
        Some(value) => Ok(value),
        None => Err(StoreError::Corrupt(format!("column {column} is null"))),
    }
}

/// What a body gives for a field of a new record.
pub fn fill<'r, T: Column<'r>>(given: &Given, name: &str, fallback: &str, currency: Currency) -> std::result::Result<T, Problem> {
    if let Some(json) = given.get(name).filter(|json| !json.is_null()) {
        return T::given(json).map_err(|error| misfit(name, &error));
    }
    if !fallback.is_empty() {
        return serde_json::from_str(fallback).and_then(|json| T::given(&json)).map_err(|error| misfit(name, &error));
    }
    T::absent(currency).ok_or_else(|| Problem::rule(format!("/{name}"), "required", "must be given"))
}

/// Puts what a merge patch gives in place of a value. Null takes it back to what a new record has.
/// Tells whether it is another one.
pub fn patch<'r, T: Column<'r>>(
    target: &mut T,
    patch: &Given,
    name: &str,
    fallback: &str,
    currency: Currency,
) -> std::result::Result<bool, Problem> {
    if !patch.contains_key(name) {
        return Ok(false);
    }
    let wanted: T = fill(patch, name, fallback, currency)?;
    if wanted.stored() == target.stored() {
        return Ok(false);
    }
    *target = wanted;
    Ok(true)
}

fn misfit(name: &str, error: &serde_json::Error) -> Problem {
    Problem::new(&problem::MALFORMED, format!("`{name}` does not fit this operation: {error}"))
}

impl<'r, T: Column<'r>> Column<'r> for Option<T> {
    const MAY_LACK: bool = true;
    fn read(row: &'r dyn Row, column: usize, currency: Currency) -> Result<Option<Self>> {
        T::read(row, column, currency).map(Some)
    }
    fn stored(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, T::stored)
    }
    fn given(json: &Json) -> serde_json::Result<Self> {
        if json.is_null() { Ok(None) } else { T::given(json).map(Some) }
    }
    fn absent(_currency: Currency) -> Option<Self> {
        Some(None)
    }
}

impl<'r, K: Kind> Column<'r> for Id<K> {
    fn read(row: &'r dyn Row, column: usize, _currency: Currency) -> Result<Option<Self>> {
        decode::opt_id(row, column)
    }
    fn stored(&self) -> Value<'_> {
        (*self).into()
    }
    fn given(json: &Json) -> serde_json::Result<Self> {
        Self::deserialize(json)
    }
}

impl<'r> Column<'r> for Cow<'r, str> {
    fn read(row: &'r dyn Row, column: usize, _currency: Currency) -> Result<Option<Self>> {
        decode::opt_text(row, column)
    }
    fn stored(&self) -> Value<'_> {
        Value::Text(self)
    }
    fn given(json: &Json) -> serde_json::Result<Self> {
        String::deserialize(json).map(Cow::Owned)
    }
}

impl<'r> Column<'r> for Money {
    const MAY_LACK: bool = true;
    fn read(row: &'r dyn Row, column: usize, currency: Currency) -> Result<Option<Self>> {
        Ok(row.opt_int(column)?.map(|amount| Money::new(amount, currency)))
    }
    fn stored(&self) -> Value<'_> {
        Value::Int(self.amount)
    }
    fn given(json: &Json) -> serde_json::Result<Self> {
        Self::deserialize(json)
    }
    fn absent(currency: Currency) -> Option<Self> {
        Some(Money::new(0, currency))
    }
}

impl<'r> Column<'r> for bool {
    const MAY_LACK: bool = true;
    fn read(row: &'r dyn Row, column: usize, _currency: Currency) -> Result<Option<Self>> {
        Ok(row.opt_int(column)?.map(|int| int != 0))
    }
    fn stored(&self) -> Value<'_> {
        (*self).into()
    }
    fn given(json: &Json) -> serde_json::Result<Self> {
        Self::deserialize(json)
    }
    fn absent(_currency: Currency) -> Option<Self> {
        Some(false)
    }
}

impl<'r, T: Document> Column<'r> for Doc<'r, T> {
    const MAY_LACK: bool = !matches!(T::EMPTY.as_bytes(), b"null");
    fn read(row: &'r dyn Row, column: usize, _currency: Currency) -> Result<Option<Self>> {
        decode::opt_doc(row, column)
    }
    fn stored(&self) -> Value<'_> {
        Value::Text(self.text())
    }
    fn given(json: &Json) -> serde_json::Result<Self> {
        T::deserialize(json).map(|value| Doc::of(&value))
    }
    fn absent(_currency: Currency) -> Option<Self> {
        Self::MAY_LACK.then(|| Doc::from_stored(T::EMPTY))
    }
}

macro_rules! plain_column {
    ($($kind:ty, $read:expr, |$value:ident| $store:expr;)+) => {
        $(
            impl<'r> Column<'r> for $kind {
                fn read(row: &'r dyn Row, column: usize, _currency: Currency) -> Result<Option<Self>> {
                    $read(row, column)
                }
                fn stored(&self) -> Value<'_> {
                    let $value = self;
                    $store
                }
                fn given(json: &Json) -> serde_json::Result<Self> {
                    Self::deserialize(json)
                }
            }
        )+
    };
}

plain_column! {
    i64, |row: &'r dyn Row, column| row.opt_int(column), |value| Value::Int(*value);
    Timestamp, decode::opt_time, |value| (*value).into();
    Date, decode::opt_date, |value| (*value).into();
    Currency, |row: &'r dyn Row, column| row.opt_text(column).map(|text| text.and_then(Currency::from_stored)), |value| Value::Text(value.code());
    Decimal<'r>, |row: &'r dyn Row, column| Ok(decode::opt_text(row, column)?.map(Decimal)), |value| Value::Text(&value.0);
    Email<'r>, |row: &'r dyn Row, column| Ok(decode::opt_text(row, column)?.map(Email)), |value| Value::Text(&value.0);
    Country<'r>, |row: &'r dyn Row, column| Ok(decode::opt_text(row, column)?.map(Country)), |value| Value::Text(&value.0);
    TimeZone<'r>, |row: &'r dyn Row, column| Ok(decode::opt_text(row, column)?.map(TimeZone)), |value| Value::Text(&value.0);
}

/// Declares sets of words, as `words!` does, that fields of plain records can hold.
#[macro_export]
macro_rules! column_words {
    ($($(#[doc = $doc:literal])+ $name:ident $body:tt)+) => {
        $(
            clinicos_contract::words! { $(#[doc = $doc])+ $name $body }
            $crate::word_column! { $name }
        )+
    };
}

/// Lets fields of plain records hold words of a set that is declared elsewhere.
#[macro_export]
macro_rules! word_column {
    ($name:ty) => {
        impl<'r> $crate::plain::column::Column<'r> for $name {
            fn read(
                row: &'r dyn clinicos_store::Row,
                column: usize,
                _currency: clinicos_contract::Currency,
            ) -> Result<Option<Self>, clinicos_store::StoreError> {
                $crate::decode::opt_word(row, column, <Self as clinicos_contract::Word>::of)
            }
            fn stored(&self) -> clinicos_store::Value<'_> {
                clinicos_store::Value::Text(self.name())
            }
            fn given(json: &serde_json::Value) -> serde_json::Result<Self> {
                serde::Deserialize::deserialize(json)
            }
        }
    };
}
