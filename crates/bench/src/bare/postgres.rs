//! Bare PostgreSQL: a pool of the store's size, statements prepared once for each connection.

use std::error::Error;

use bytes::BytesMut;
use clinicos_clinic::ids::InvoiceId;
use clinicos_clinic::invoices::model::Invoice;
use clinicos_clinic::invoices::rows;
use clinicos_contract::time::Date;
use clinicos_gate::ClinicId;
use clinicos_store::page::Statement;
use clinicos_store::sql::OnRow;
use clinicos_store::{Conn, POSTGRES_PLANS, Row, StoreError, Value};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::FutureExt as _;
use futures_util::future::{self, BoxFuture};
use tokio_postgres::NoTls;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::Page;

type Result<T> = std::result::Result<T, StoreError>;

/// As many as the store has.
const POOL_MAX: usize = 18;

/// A pool over a database's URL.
pub(super) fn pool(url: &str) -> anyhow::Result<Pool> {
    let mut config: tokio_postgres::Config = url.parse()?;
    // The same kind of connection: it plans the same way.
    config.options(POSTGRES_PLANS);
    let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Ok(Pool::builder(manager).max_size(POOL_MAX).runtime(Runtime::Tokio1).build()?)
}

/// Reads a page.
pub(super) async fn list(pool: &Pool, statement: &Statement, page: &mut Page<'_>) -> Result<()> {
    let connection = Connection::take(pool).await?;
    for row in connection.rows(&statement.sql, &statement.params).await? {
        page.take(&PgRow(&row))?;
    }
    Ok(())
}

/// Reads one invoice with its lines.
pub(super) async fn one(pool: &Pool, clinic: ClinicId, today: Date, id: InvoiceId) -> Result<Option<Invoice<'static>>> {
    rows::find(&mut Connection::take(pool).await?, clinic, today, id).await
}

struct Connection(Object);

impl Connection {
    async fn take(pool: &Pool) -> Result<Self> {
        pool.get().await.map(Self).map_err(|cause| StoreError::Unavailable(cause.to_string()))
    }

    async fn rows(&self, sql: &str, params: &[Value<'_>]) -> Result<Vec<tokio_postgres::Row>> {
        let statement = self.0.prepare_cached(sql).await.map_err(error)?;
        let params: Vec<Param<'_>> = params.iter().map(Param).collect();
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| param as &(dyn ToSql + Sync)).collect();
        self.0.query(&statement, &params).await.map_err(error)
    }
}

#[derive(Debug)]
struct Param<'a>(&'a Value<'a>);

impl ToSql for Param<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(int) => int.to_sql(kind, out),
            Value::Text(text) => text.to_sql(kind, out),
            Value::Owned(text) => text.to_sql(kind, out),
            Value::Short(text) => text.as_str().to_sql(kind, out),
            Value::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_kind: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl Conn for Connection {
    fn query<'a>(&'a mut self, sql: &'a str, params: &'a [Value<'a>], on_row: &'a mut OnRow<'_>) -> BoxFuture<'a, Result<()>> {
        async move {
            for row in self.rows(sql, params).await? {
                on_row(&PgRow(&row))?;
            }
            Ok(())
        }
        .boxed()
    }

    fn execute<'a>(&'a mut self, _sql: &'a str, _params: &'a [Value<'a>]) -> BoxFuture<'a, Result<u64>> {
        future::ready(Err(StoreError::Statement("this connection only reads".to_owned()))).boxed()
    }

    fn try_lock<'a>(&'a mut self, _name: &'a str) -> BoxFuture<'a, Result<bool>> {
        future::ready(Ok(true)).boxed()
    }

    fn try_lock_shared<'a>(&'a mut self, _name: &'a str) -> BoxFuture<'a, Result<bool>> {
        future::ready(Ok(true)).boxed()
    }
}

struct PgRow<'a>(&'a tokio_postgres::Row);

impl Row for PgRow<'_> {
    fn opt_int(&self, column: usize) -> Result<Option<i64>> {
        self.0.try_get(column).map_err(error)
    }
    fn opt_text(&self, column: usize) -> Result<Option<&str>> {
        self.0.try_get(column).map_err(error)
    }
    fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>> {
        self.0.try_get(column).map_err(error)
    }
}

fn error(cause: tokio_postgres::Error) -> StoreError {
    StoreError::Statement(cause.to_string())
}
