//! What an operation does on its connection, with a look at whether anything failed.

use clinicos_store::{Conn, Row, StoreError, Value, sql::OnRow};
use futures_util::future::BoxFuture;

/// A connection that remembers whether anything failed on it.
pub(crate) struct Watched<'c> {
    conn: &'c mut dyn Conn,
    /// What failed last.
    pub(crate) failed: Option<StoreError>,
}

impl<'c> Watched<'c> {
    pub(crate) fn new(conn: &'c mut dyn Conn) -> Self {
        Self { conn, failed: None }
    }

    fn note<T>(failed: &mut Option<StoreError>, result: Result<T, StoreError>) -> Result<T, StoreError> {
        result.inspect_err(|error| *failed = Some(error.clone()))
    }
}

impl Conn for Watched<'_> {
    fn query<'a>(
        &'a mut self,
        sql: &'a str,
        params: &'a [Value<'a>],
        on_row: &'a mut OnRow<'_>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let result = self.conn.query(sql, params, &mut |row: &dyn Row| on_row(row)).await;
            Self::note(&mut self.failed, result)
        })
    }

    fn execute<'a>(&'a mut self, sql: &'a str, params: &'a [Value<'a>]) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(async move {
            let result = self.conn.execute(sql, params).await;
            Self::note(&mut self.failed, result)
        })
    }

    fn try_lock<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            let result = self.conn.try_lock(name).await;
            Self::note(&mut self.failed, result)
        })
    }

    fn try_lock_shared<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            let result = self.conn.try_lock_shared(name).await;
            Self::note(&mut self.failed, result)
        })
    }
}
