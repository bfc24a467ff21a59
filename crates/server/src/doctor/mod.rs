//! What must hold between events and the records that they speak of.

mod rows;

use clinicos_store::{Conn, ReadWork, Store, StoreError};
use futures_util::future::BoxFuture;

struct Check {
    result: Option<Result<i64, StoreError>>,
}

impl ReadWork for Check {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move { self.result = Some(rows::events_without_rows(conn).await) })
    }
}

/// Counts events whose record does not exist.
pub async fn events_without_rows(store: &Store) -> Result<i64, StoreError> {
    let mut check = Check { result: None };
    store.read(&mut check).await?;
    check.result.unwrap_or_else(|| Err(StoreError::Unavailable("the check did not run".to_owned())))
}
