//! Reads whose statements and rows are counted, for tests of what the work of a read tells.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::error::Result;
use crate::faults::Faults;
use crate::sql::{Conn, OnRow, Value};
use crate::work::ReadWork;

/// A read that counts.
pub(crate) struct Counted<'w> {
    work: &'w mut dyn ReadWork,
    faults: Arc<Faults>,
}

impl<'w> Counted<'w> {
    pub(crate) fn new(work: &'w mut dyn ReadWork, faults: &Arc<Faults>) -> Self {
        Self { work, faults: Arc::clone(faults) }
    }
}

impl ReadWork for Counted<'_> {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        async move { self.work.run(&mut CountedConn { conn, faults: &self.faults }).await }.boxed()
    }
}

struct CountedConn<'c> {
    conn: &'c mut dyn Conn,
    faults: &'c Faults,
}

impl Conn for CountedConn<'_> {
    fn query<'a>(&'a mut self, sql: &'a str, params: &'a [Value<'a>], on_row: &'a mut OnRow<'_>) -> BoxFuture<'a, Result<()>> {
        self.faults.step();
        let faults = self.faults;
        async move {
            let mut counting = |row: &dyn crate::sql::Row| {
                faults.step();
                on_row(row)
            };
            self.conn.query(sql, params, &mut counting).await
        }
        .boxed()
    }

    fn execute<'a>(&'a mut self, sql: &'a str, params: &'a [Value<'a>]) -> BoxFuture<'a, Result<u64>> {
        self.faults.step();
        self.conn.execute(sql, params)
    }

    fn try_lock<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<bool>> {
        self.conn.try_lock(name)
    }

    fn try_lock_shared<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<bool>> {
        self.conn.try_lock_shared(name)
    }
}
