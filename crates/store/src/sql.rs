//! The seam: one SQL text, two engines.
//!
//! Statements use `$1` placeholders, integers for times (microseconds), money (minor units)
//! and booleans (0 or 1), text for ids, dates (`YYYY-MM-DD`) and JSON. What engines must do
//! differently is a method of [`Conn`], and that list is kept short.

use std::fmt::{self, Write as _};

use clinicos_contract::ShortText;
use futures_util::future::BoxFuture;

use crate::error::{Result, StoreError};

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// SQL NULL.
    Null,
    /// A 64-bit integer.
    Int(i64),
    /// Borrowed text.
    Text(&'a str),
    /// Text of its own.
    Owned(String),
    /// A short one, without an allocation.
    Short(ShortText),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl<'a> From<i64> for Value<'a> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl<'a> From<bool> for Value<'a> {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}
impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}
impl<'a> From<String> for Value<'a> {
    fn from(value: String) -> Self {
        Self::Owned(value)
    }
}
impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}
impl<'a> From<clinicos_contract::Timestamp> for Value<'a> {
    fn from(value: clinicos_contract::Timestamp) -> Self {
        Self::Int(value.as_micros())
    }
}
impl<'a> From<clinicos_contract::time::Date> for Value<'a> {
    fn from(value: clinicos_contract::time::Date) -> Self {
        let mut text = ShortText::default();
        match write!(text, "{value}") {
            Ok(()) => Self::Short(text),
            Err(fmt::Error) => Self::Owned(value.to_string()),
        }
    }
}
impl<'a, K: clinicos_contract::Kind> From<clinicos_contract::Id<K>> for Value<'a> {
    fn from(value: clinicos_contract::Id<K>) -> Self {
        Self::Short(value.text())
    }
}
impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// The places of keys in a statement, `$2, $3, …`, behind the parameters that there are; their
/// values are appended.
///
/// The last key is repeated until there are a power of four: an engine prepares a text once, and
/// so there are few of them.
pub fn places<'a>(params: &mut Vec<Value<'a>>, keys: impl IntoIterator<Item = Value<'a>>) -> String {
    let before = params.len();
    params.extend(keys);
    let given = params.len() - before;
    let mut length = 1;
    while length < given {
        length *= 4;
    }
    let last = params.last().cloned().filter(|_| given > 0).unwrap_or(Value::Null);
    params.resize(before + length, last);
    let mut places = String::with_capacity(length * 5);
    for place in before + 1..=params.len() {
        if !places.is_empty() {
            places.push_str(", ");
        }
        places.push('$');
        places.push_str(&place.to_string());
    }
    places
}

/// A row of an answer, valid only while it is looked at. Columns are numbered from 0.
pub trait Row {
    /// An integer that is not null.
    fn int(&self, column: usize) -> Result<i64> {
        self.opt_int(column)?.ok_or_else(|| null(column))
    }
    /// Text that is not null.
    fn text(&self, column: usize) -> Result<&str> {
        self.opt_text(column)?.ok_or_else(|| null(column))
    }
    /// Bytes that are not null.
    fn bytes(&self, column: usize) -> Result<&[u8]> {
        self.opt_bytes(column)?.ok_or_else(|| null(column))
    }
    /// An integer or null.
    fn opt_int(&self, column: usize) -> Result<Option<i64>>;
    /// Text or null.
    fn opt_text(&self, column: usize) -> Result<Option<&str>>;
    /// Bytes or null.
    fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>>;
}

fn null(column: usize) -> StoreError {
    StoreError::Corrupt(format!("column {column} is null"))
}

/// Called for each row.
pub type OnRow<'f> = dyn FnMut(&dyn Row) -> Result<()> + Send + 'f;

/// A connection inside a transaction that only the store can end.
pub trait Conn: Send {
    /// Runs a statement and hands out its rows, one by one.
    fn query<'a>(&'a mut self, sql: &'a str, params: &'a [Value<'a>], on_row: &'a mut OnRow<'_>) -> BoxFuture<'a, Result<()>>;

    /// Runs a statement and tells how many rows it touched.
    fn execute<'a>(&'a mut self, sql: &'a str, params: &'a [Value<'a>]) -> BoxFuture<'a, Result<u64>>;

    /// Takes a lock of this name until the transaction ends; `false` if another one holds it.
    /// Where writers stand in line already, it is always free.
    fn try_lock<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<bool>>;

    /// Takes a share of this lock, which others may share, until the transaction ends; `false` if somebody
    /// has it alone.
    fn try_lock_shared<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<bool>>;
}

impl dyn Conn + '_ {
    /// The first row, decoded.
    pub async fn one<T: Send>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut decode: impl FnMut(&dyn Row) -> Result<T> + Send,
    ) -> Result<Option<T>> {
        let mut found = None;
        let mut keep_first = |row: &dyn Row| {
            if found.is_none() {
                found = Some(decode(row)?);
            }
            Ok(())
        };
        self.query(sql, params, &mut keep_first).await?;
        Ok(found)
    }

    /// All rows, decoded.
    pub async fn all<T: Send>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut decode: impl FnMut(&dyn Row) -> Result<T> + Send,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        let mut keep = |row: &dyn Row| {
            found.push(decode(row)?);
            Ok(())
        };
        self.query(sql, params, &mut keep).await?;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, places};

    #[test]
    fn few_lengths_of_lists() {
        for (given, expected, last) in [(0, "$2", Value::Null), (1, "$2", Value::Int(0)), (3, "$2, $3, $4, $5", Value::Int(2))] {
            let mut params = vec![Value::Int(9)];
            assert_eq!(places(&mut params, (0..given).map(Value::Int)), expected);
            assert_eq!((params.len(), params.last()), (1 + expected.split(',').count(), Some(&last)));
        }
        let mut params = Vec::new();
        places(&mut params, (0..17).map(Value::Int));
        assert_eq!(params.len(), 64);
    }
}
