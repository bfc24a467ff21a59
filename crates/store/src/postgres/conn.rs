//! A pooled PostgreSQL connection behind the seam.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use deadpool_postgres::{Object, Pool};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::OwnedSemaphorePermit;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::error::{Result, StoreError};
use crate::faults::Faults;
use crate::sql::{Conn, OnRow, Row, Value};

/// How long the database may take to hear that a statement is not wanted any more.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// One connection, inside a transaction or not.
pub(super) struct PgConn {
    object: Option<Object>,
    /// It must not go back to the pool as it is: a transaction or a session's lock is open.
    dirty: bool,
    /// A statement was refused because transactions could not be put in an order: whatever
    /// became of the work, this transaction cannot be committed.
    pub(super) conflict: bool,
    /// Set while calls may be made to fail.
    pub(super) faults: Option<Arc<Faults>>,
    /// One of the reads that may be under way at once: given back when the database is done with it.
    pub(super) turn: Option<OwnedSemaphorePermit>,
}

impl PgConn {
    pub(super) async fn take(pool: &Pool) -> Result<Self> {
        let object = pool.get().await.map_err(|cause| StoreError::Unavailable(cause.to_string()))?;
        Ok(Self { object: Some(object), dirty: false, conflict: false, faults: None, turn: None })
    }

    /// Runs statements that open a transaction, or take a lock that outlives one.
    pub(super) async fn begin(&mut self, sql: &str) -> Result<()> {
        self.dirty = true;
        self.batch(sql).await
    }

    /// Runs statements that leave nothing open.
    pub(super) async fn end(&mut self, sql: &str) -> Result<()> {
        self.batch(sql).await?;
        self.dirty = false;
        Ok(())
    }

    /// Runs statements without parameters.
    pub(super) async fn batch(&mut self, sql: &str) -> Result<()> {
        let done = self.client()?.batch_execute(sql).await;
        done.map_err(|cause| self.noted(&cause))
    }

    fn client(&self) -> Result<&Object> {
        self.object.as_ref().ok_or_else(|| StoreError::Unavailable("the connection is gone".to_owned()))
    }

    fn noted(&mut self, cause: &tokio_postgres::Error) -> StoreError {
        let error = error(cause);
        self.conflict |= matches!(error, StoreError::Conflict);
        error
    }

    async fn rows(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Vec<tokio_postgres::Row>> {
        if let Some(faults) = &self.faults {
            faults.on_call()?;
        }
        let client = self.client()?;
        let found = async {
            let statement = prepared(client, sql).await?;
            if statement.params().len() != params.len() {
                return Ok(Err(wrong_count(sql, params.len(), statement.params().len())));
            }
            let params: Vec<Param<'_>> = params.iter().map(Param).collect();
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| param as _).collect();
            client.query(&statement, &params).await.map(Ok)
        };
        found.await.unwrap_or_else(|cause| Err(self.noted(&cause)))
    }

    async fn locked(&mut self, sql: &str, name: &str) -> Result<bool> {
        let rows = self.rows(sql, &[Value::Text(name)]).await?;
        rows.first().map_or(Ok(0), |row| PgRow(row).int(0)).map(|free| free == 1)
    }

    async fn touched(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        if let Some(faults) = &self.faults {
            faults.on_call()?;
        }
        let client = self.client()?;
        let done = async {
            let statement = prepared(client, sql).await?;
            if statement.params().len() != params.len() {
                return Ok(Err(wrong_count(sql, params.len(), statement.params().len())));
            }
            let params: Vec<Param<'_>> = params.iter().map(Param).collect();
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| param as _).collect();
            client.execute(&statement, &params).await.map(Ok)
        };
        done.await.unwrap_or_else(|cause| Err(self.noted(&cause)))
    }
}

/// Statements that a connection keeps. Texts of pages depend on which filters were asked for.
const STATEMENTS_KEPT: usize = 512;

async fn prepared(
    client: &deadpool_postgres::Client,
    sql: &str,
) -> std::result::Result<tokio_postgres::Statement, tokio_postgres::Error> {
    if client.statement_cache.size() >= STATEMENTS_KEPT {
        client.statement_cache.clear();
    }
    client.prepare_cached(sql).await
}

impl Drop for PgConn {
    fn drop(&mut self) {
        // A future that was dropped half-way must not hand an open transaction to the next. Its
        // statement runs on in the database until it is cancelled there.
        let Some(object) = self.object.take().filter(|_| self.dirty) else { return };
        let (token, turn) = (object.cancel_token(), self.turn.take());
        let client = Object::take(object);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = tokio::time::timeout(CANCEL_TIMEOUT, token.cancel_query(NoTls)).await;
                drop((client, turn));
            });
        }
    }
}

fn wrong_count(sql: &str, given: usize, places: usize) -> StoreError {
    StoreError::Statement(format!("{given} parameters for {places} places in `{sql}`"))
}

impl Conn for PgConn {
    fn query<'a>(&'a mut self, sql: &'a str, params: &'a [Value<'a>], on_row: &'a mut OnRow<'_>) -> BoxFuture<'a, Result<()>> {
        async move {
            for row in self.rows(sql, params).await? {
                on_row(&PgRow(&row))?;
            }
            Ok(())
        }
        .boxed()
    }

    fn execute<'a>(&'a mut self, sql: &'a str, params: &'a [Value<'a>]) -> BoxFuture<'a, Result<u64>> {
        self.touched(sql, params).boxed()
    }

    fn try_lock<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<bool>> {
        self.locked("SELECT CASE WHEN pg_try_advisory_xact_lock(hashtextextended($1, 0)) THEN 1 ELSE 0 END", name).boxed()
    }

    fn try_lock_shared<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<bool>> {
        self.locked("SELECT CASE WHEN pg_try_advisory_xact_lock_shared(hashtextextended($1, 0)) THEN 1 ELSE 0 END", name).boxed()
    }
}

#[derive(Debug)]
struct Param<'a>(&'a Value<'a>);

impl ToSql for Param<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Int(int) => put_int(*int, kind, out)?,
            Value::Text(text) => out.put_slice(text.as_bytes()),
            Value::Owned(text) => out.put_slice(text.as_bytes()),
            Value::Short(text) => out.put_slice(text.as_str().as_bytes()),
            Value::Bytes(bytes) => out.put_slice(bytes),
        }
        Ok(IsNull::No)
    }

    fn accepts(_kind: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The engine chooses a parameter's type from where it stands.
fn put_int(int: i64, kind: &Type, out: &mut BytesMut) -> Result<(), Box<dyn Error + Sync + Send>> {
    match *kind {
        Type::INT4 => out.put_i32(i32::try_from(int)?),
        Type::INT2 => out.put_i16(i16::try_from(int)?),
        Type::INT8 => out.put_i64(int),
        _ => return Err(format!("an integer stands where `{kind}` is expected; cast the place").into()),
    }
    Ok(())
}

struct PgRow<'a>(&'a tokio_postgres::Row);

impl Row for PgRow<'_> {
    fn opt_int(&self, column: usize) -> Result<Option<i64>> {
        Ok(self.0.try_get::<_, Option<Int>>(column).map_err(|_| unfit(column, "an integer"))?.map(|int| int.0))
    }
    fn opt_text(&self, column: usize) -> Result<Option<&str>> {
        self.0.try_get(column).map_err(|_| unfit(column, "text"))
    }
    fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>> {
        self.0.try_get(column).map_err(|_| unfit(column, "bytes"))
    }
}

fn unfit(column: usize, wanted: &str) -> StoreError {
    StoreError::Corrupt(format!("column {column} is not {wanted}"))
}

/// An integer of any width.
struct Int(i64);

impl<'a> FromSql<'a> for Int {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *kind {
            Type::INT2 => i64::from(i16::from_sql(kind, raw)?),
            Type::INT4 => i64::from(i32::from_sql(kind, raw)?),
            _ => i64::from_sql(kind, raw)?,
        }))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT2 | Type::INT4 | Type::INT8)
    }
}

/// What an error of the server or of the way there means. A server's detail can hold values
/// of rows, so it is left out.
pub(super) fn error(cause: &tokio_postgres::Error) -> StoreError {
    let Some(db) = cause.as_db_error() else {
        // A parameter that cannot be encoded is a fault of the statement, not of the network.
        let text = cause.source().map_or_else(|| cause.to_string(), |source| format!("{cause}: {source}"));
        let encoding = text.starts_with("error serializing") || text.starts_with("error deserializing");
        return if encoding { StoreError::Statement(text) } else { StoreError::Unavailable(text) };
    };
    let code = db.code();
    if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED {
        return StoreError::Conflict;
    }
    let text = format!("{} ({})", db.message(), code.code());
    match code.code().get(..2).unwrap_or_default() {
        "23" => StoreError::Constraint(db.constraint().or(db.column()).unwrap_or(db.message()).to_owned()),
        "08" | "53" | "57" | "58" | "25" => StoreError::Unavailable(text),
        "XX" => StoreError::Corrupt(text),
        _ => StoreError::Statement(text),
    }
}
