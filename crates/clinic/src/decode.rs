//! Reads columns of a row as the types that records have.

use std::borrow::Cow;

use clinicos_contract::time::{Date, parse_date};
use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{Currency, Id, Kind, Money, Timestamp};
use clinicos_store::{Row, StoreError};

type Result<T> = std::result::Result<T, StoreError>;

fn corrupt(column: usize, what: &str) -> StoreError {
    StoreError::Corrupt(format!("column {column} is no {what}"))
}

/// An identifier.
pub fn id<K: Kind>(row: &dyn Row, column: usize) -> Result<Id<K>> {
    Id::from_stored(row.text(column)?).ok_or_else(|| corrupt(column, K::PREFIX))
}

/// An identifier or null.
pub fn opt_id<K: Kind>(row: &dyn Row, column: usize) -> Result<Option<Id<K>>> {
    row.opt_text(column)?.map(|text| Id::from_stored(text).ok_or_else(|| corrupt(column, K::PREFIX))).transpose()
}

/// A text.
pub fn text(row: &dyn Row, column: usize) -> Result<Cow<'_, str>> {
    row.text(column).map(Cow::Borrowed)
}

/// A text or null.
pub fn opt_text(row: &dyn Row, column: usize) -> Result<Option<Cow<'_, str>>> {
    Ok(row.opt_text(column)?.map(Cow::Borrowed))
}

/// A word of a declared set.
pub fn word<T>(row: &dyn Row, column: usize, parse: fn(&str) -> Option<T>) -> Result<T> {
    parse(row.text(column)?).ok_or_else(|| corrupt(column, "known word"))
}

/// A word of a declared set, or null.
pub fn opt_word<T>(row: &dyn Row, column: usize, parse: fn(&str) -> Option<T>) -> Result<Option<T>> {
    row.opt_text(column)?.map(|text| parse(text).ok_or_else(|| corrupt(column, "known word"))).transpose()
}

/// A point in time.
pub fn time(row: &dyn Row, column: usize) -> Result<Timestamp> {
    row.int(column).map(Timestamp::from_micros)
}

/// A point in time or null.
pub fn opt_time(row: &dyn Row, column: usize) -> Result<Option<Timestamp>> {
    Ok(row.opt_int(column)?.map(Timestamp::from_micros))
}

/// A calendar day.
pub fn date(row: &dyn Row, column: usize) -> Result<Date> {
    parse_date(row.text(column)?).ok_or_else(|| corrupt(column, "date"))
}

/// A calendar day or null.
pub fn opt_date(row: &dyn Row, column: usize) -> Result<Option<Date>> {
    row.opt_text(column)?.map(|text| parse_date(text).ok_or_else(|| corrupt(column, "date"))).transpose()
}

/// A boolean, stored as 0 or 1.
pub fn boolean(row: &dyn Row, column: usize) -> Result<bool> {
    Ok(row.int(column)? != 0)
}

/// A currency code.
pub fn currency(row: &dyn Row, column: usize) -> Result<Currency> {
    Currency::from_stored(row.text(column)?).ok_or_else(|| corrupt(column, "currency"))
}

/// An amount in a currency that the row has elsewhere.
pub fn money(row: &dyn Row, column: usize, currency: Currency) -> Result<Money> {
    Ok(Money::new(row.int(column)?, currency))
}

/// A document.
pub fn doc<T: Document>(row: &dyn Row, column: usize) -> Result<Doc<'_, T>> {
    row.text(column).map(Doc::from_stored)
}

/// A document or null.
pub fn opt_doc<T: Document>(row: &dyn Row, column: usize) -> Result<Option<Doc<'_, T>>> {
    Ok(row.opt_text(column)?.map(Doc::from_stored))
}
