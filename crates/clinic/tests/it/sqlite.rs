//! An in-memory database with this crate's tables, just enough of an engine for its statements.

use std::future::Future;
use std::task::{Context, Poll, Waker};

use clinicos_store::sql::OnRow;
use clinicos_store::{Conn, Row, StoreError, Value};
use futures_util::future::BoxFuture;
use rusqlite::types::ValueRef;

/// A connection to a fresh database.
pub struct Sqlite(rusqlite::Connection);

impl Sqlite {
    /// With every table of this crate.
    pub fn fresh() -> Self {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for migration in [
            include_str!("../../../../migrations/0002_organizations_and_clinics.sql"),
            include_str!("../../../../migrations/0003_clients.sql"),
            include_str!("../../../../migrations/0003_clients.sqlite.sql"),
            include_str!("../../../../migrations/0004_invoices.sql"),
            include_str!("../../../../migrations/0004_invoices.sqlite.sql"),
            include_str!("../../../../migrations/0005_payments.sql"),
            include_str!("../../../../migrations/0005_payments.sqlite.sql"),
        ] {
            let text = migration
                .replace("BIGINT", "INTEGER")
                .replace(" COLLATE \"C\"", "")
                .replace(") CLUSTERED;", ") WITHOUT ROWID, STRICT;");
            connection.execute_batch(&text).unwrap();
        }
        Self(connection)
    }

    /// Starts a transaction, which stays open.
    pub fn begin(&self) {
        self.0.execute_batch("BEGIN").unwrap();
    }

    /// The steps of SQLite's plan for a statement.
    pub fn plan(&self, sql: &str) -> String {
        let mut statement = self.0.prepare(&format!("EXPLAIN QUERY PLAN {}", portable(sql))).unwrap();
        // Parameters stay unbound: the plan does not depend on them.
        let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3));
        steps.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    }
}

fn portable(sql: &str) -> String {
    sql.replace(" FOR UPDATE", "").replace('$', "?")
}

struct Found<'r, 's>(&'r rusqlite::Row<'s>);

fn refused(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => StoreError::Constraint(error.to_string()),
        _ => StoreError::Statement(error.to_string()),
    }
}

impl Found<'_, '_> {
    fn value(&self, column: usize) -> Result<ValueRef<'_>, StoreError> {
        self.0.get_ref(column).map_err(refused)
    }
}

impl Row for Found<'_, '_> {
    fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.value(column)?.as_i64_or_null().map_err(|error| StoreError::Corrupt(error.to_string()))
    }
    fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        self.value(column)?.as_str_or_null().map_err(|error| StoreError::Corrupt(error.to_string()))
    }
    fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        self.value(column)?.as_bytes_or_null().map_err(|error| StoreError::Corrupt(error.to_string()))
    }
}

impl Sqlite {
    fn run(&mut self, sql: &str, params: &[Value<'_>], on_row: Option<&mut OnRow<'_>>) -> Result<u64, StoreError> {
        let mut statement = self.0.prepare_cached(&portable(sql)).map_err(refused)?;
        for (at, value) in params.iter().enumerate() {
            let bound = match value {
                Value::Null => statement.raw_bind_parameter(at + 1, rusqlite::types::Null),
                Value::Int(int) => statement.raw_bind_parameter(at + 1, int),
                Value::Text(text) => statement.raw_bind_parameter(at + 1, text),
                Value::Owned(text) => statement.raw_bind_parameter(at + 1, text),
                Value::Bytes(bytes) => statement.raw_bind_parameter(at + 1, bytes),
            };
            bound.map_err(refused)?;
        }
        match on_row {
            None => statement.raw_execute().map(|touched| touched as u64).map_err(refused),
            Some(on_row) => {
                let mut rows = statement.raw_query();
                while let Some(row) = rows.next().map_err(refused)? {
                    on_row(&Found(row))?;
                }
                Ok(0)
            }
        }
    }
}

impl Conn for Sqlite {
    fn query<'a>(
        &'a mut self,
        sql: &'a str,
        params: &'a [Value<'a>],
        on_row: &'a mut OnRow<'_>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let outcome = self.run(sql, params, Some(on_row)).map(drop);
        Box::pin(async move { outcome })
    }

    fn execute<'a>(&'a mut self, sql: &'a str, params: &'a [Value<'a>]) -> BoxFuture<'a, Result<u64, StoreError>> {
        let outcome = self.run(sql, params, None);
        Box::pin(async move { outcome })
    }

    fn try_lock<'a>(&'a mut self, _name: &'a str) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async { Ok(true) })
    }
}

/// Runs what never waits.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a statement waited"),
    }
}
