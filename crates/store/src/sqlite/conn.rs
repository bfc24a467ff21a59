//! A SQLite connection behind the seam. Nothing here waits: each future is ready at once.

use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags};

use super::text::Texts;
use crate::error::{Result, StoreError};
use crate::faults::Faults;
use crate::sql::{Conn, OnRow, Row, Value};

/// Older libraries can corrupt a database while its write-ahead log starts over.
const VERSION_LEAST: i32 = 3_051_003;
const STATEMENTS_KEPT: usize = 256;
const BUSY_TIMEOUT_MS: u32 = 5_000;
/// Holds what one import batch touches, so that no page is written twice for it.
const WRITER_CACHE_KIB: u32 = 16_384;
/// Pages in the log before a commit also moves all that is left of them into the database, however
/// much that is: only where a reader, or a slow disk, kept the log from starting over earlier.
const LOG_PAGES_MAX: u32 = 48_000;
/// What the log's file may keep once it starts over.
const LOG_BYTES_KEPT: u64 = 64 << 20;
/// Pages that a reader keeps. It maps no file: a mapping would be made anew after each commit,
/// and commits are many, since each answer waits for one.
const READER_CACHE_KIB: u32 = 2_048;

/// Refuses a library that is too old, by its number: `3051003` is 3.51.3.
pub(crate) fn check_version(number: i32) -> Result<()> {
    if number >= VERSION_LEAST {
        return Ok(());
    }
    Err(StoreError::Unavailable(format!(
        "SQLite {}.{}.{} is too old: it can corrupt a write-ahead log; 3.51.3 is the least",
        number / 1_000_000,
        number / 1_000 % 1_000,
        number % 1_000
    )))
}

/// Pages of the write-ahead log.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogPages {
    /// All of them.
    pub(super) all: i64,
    /// Those that are not in the database yet.
    pub(super) left: i64,
}

/// One connection with its rewritten texts.
pub(super) struct SqliteConn {
    inner: Connection,
    texts: Texts,
    /// Set while calls may be made to fail.
    pub(super) faults: Option<Arc<Faults>>,
}

impl SqliteConn {
    /// Opens the one connection that writes; creates the file.
    pub(super) fn writer(file: &Path) -> Result<Self> {
        check_version(rusqlite::version_number())?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Self::open(file, flags)?;
        conn.batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
             PRAGMA cache_size = -{WRITER_CACHE_KIB}; PRAGMA wal_autocheckpoint = {LOG_PAGES_MAX}; \
             PRAGMA journal_size_limit = {LOG_BYTES_KEPT};"
        ))?;
        let mode: String = conn.inner.pragma_query_value(None, "journal_mode", |row| row.get(0)).map_err(error)?;
        if mode != "wal" {
            return Err(StoreError::Unavailable(format!("the database cannot keep a write-ahead log here (`{mode}`)")));
        }
        Ok(conn)
    }

    /// Opens a connection that only reads.
    pub(super) fn reader(file: &Path) -> Result<Self> {
        let conn = Self::open(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        conn.batch(&format!("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{READER_CACHE_KIB};"))?;
        Ok(conn)
    }

    /// Opens a connection that only moves the log into the database.
    pub(super) fn checkpointer(file: &Path) -> Result<Self> {
        let conn = Self::open(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        conn.batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -64; PRAGMA wal_autocheckpoint = 0;")?;
        conn.leave_log();
        Ok(conn)
    }

    /// How much is in the log.
    pub(super) fn log_pages(&self) -> Result<LogPages> {
        let mut statement = self.inner.prepare_cached("PRAGMA wal_checkpoint(NOOP)").map_err(error)?;
        let pages = |row: &rusqlite::Row<'_>| {
            let all = row.get::<_, i64>(1)?;
            Ok(LogPages { all, left: all - row.get::<_, i64>(2)? })
        };
        statement.query_row([], pages).map_err(error)
    }

    /// Moves what no reader needs any more, without waiting for anybody.
    pub(super) fn move_log(&self) -> Result<()> {
        let mut statement = self.inner.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)").map_err(error)?;
        statement.query_row([], |_| Ok(())).map_err(error)
    }

    fn open(file: &Path, flags: OpenFlags) -> Result<Self> {
        let inner = Connection::open_with_flags(file, flags).map_err(error)?;
        inner.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        // A plan that depends on the values of parameters is made anew whenever they change.
        inner.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(error)?;
        let conn = Self { inner, texts: Texts::default(), faults: None };
        conn.batch(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS};"))?;
        Ok(conn)
    }

    /// Runs statements whose rows, if any, do not matter.
    pub(super) fn batch(&self, sql: &str) -> Result<()> {
        self.inner.execute_batch(sql).map_err(error)
    }

    /// Runs one statement without parameters; cheap when repeated.
    pub(super) fn command(&self, sql: &str) -> Result<()> {
        self.inner.prepare_cached(sql).and_then(|mut statement| statement.raw_execute()).map(drop).map_err(error)
    }

    /// Whether a transaction is open.
    pub(super) fn in_transaction(&self) -> bool {
        !self.inner.is_autocommit()
    }

    /// Leaves the write-ahead log as it is when this connection goes: what it holds is checked
    /// when the database is next opened.
    pub(super) fn leave_log(&self) {
        let _ = self.inner.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }

    /// Closes it; the last one to close empties the write-ahead log.
    pub(super) fn close(self) -> Result<()> {
        self.inner.close().map_err(|(_, cause)| error(cause))
    }

    fn run_query(&mut self, sql: &str, params: &[Value<'_>], on_row: &mut OnRow<'_>) -> Result<()> {
        let mut statement = self.statement(sql, params)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(error)? {
            on_row(&SqliteRow(row))?;
        }
        Ok(())
    }

    fn run_execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        let changed = self.statement(sql, params)?.raw_execute().map_err(error)?;
        Ok(changed as u64)
    }

    fn statement(&mut self, sql: &str, params: &[Value<'_>]) -> Result<CachedStatement<'_>> {
        if let Some(faults) = &self.faults {
            faults.on_call()?;
        }
        let text = self.texts.rewritten(sql);
        let mut statement = self.inner.prepare_cached(&text).map_err(error)?;
        if statement.parameter_count() != params.len() {
            return Err(StoreError::Statement(format!(
                "{} parameters for {} places in `{sql}`",
                params.len(),
                statement.parameter_count()
            )));
        }
        for (index, param) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, Param(param)).map_err(error)?;
        }
        Ok(statement)
    }
}

impl Conn for SqliteConn {
    fn query<'a>(&'a mut self, sql: &'a str, params: &'a [Value<'a>], on_row: &'a mut OnRow<'_>) -> BoxFuture<'a, Result<()>> {
        future::ready(self.run_query(sql, params, on_row)).boxed()
    }

    fn execute<'a>(&'a mut self, sql: &'a str, params: &'a [Value<'a>]) -> BoxFuture<'a, Result<u64>> {
        future::ready(self.run_execute(sql, params)).boxed()
    }

    fn try_lock<'a>(&'a mut self, _name: &'a str) -> BoxFuture<'a, Result<bool>> {
        future::ready(Ok(true)).boxed()
    }

    fn try_lock_shared<'a>(&'a mut self, _name: &'a str) -> BoxFuture<'a, Result<bool>> {
        future::ready(Ok(true)).boxed()
    }
}

struct Param<'a>(&'a Value<'a>);

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(int) => ValueRef::Integer(*int),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Owned(text) => ValueRef::Text(text.as_bytes()),
            Value::Short(text) => ValueRef::Text(text.as_str().as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

struct SqliteRow<'a>(&'a rusqlite::Row<'a>);

impl SqliteRow<'_> {
    fn get(&self, column: usize) -> Result<ValueRef<'_>> {
        self.0.get_ref(column).map_err(error)
    }
}

impl Row for SqliteRow<'_> {
    fn opt_int(&self, column: usize) -> Result<Option<i64>> {
        self.get(column)?.as_i64_or_null().map_err(|_| unfit(column, "an integer"))
    }
    fn opt_text(&self, column: usize) -> Result<Option<&str>> {
        self.get(column)?.as_str_or_null().map_err(|_| unfit(column, "text"))
    }
    fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>> {
        self.get(column)?.as_blob_or_null().map_err(|_| unfit(column, "bytes"))
    }
}

fn unfit(column: usize, wanted: &str) -> StoreError {
    StoreError::Corrupt(format!("column {column} is not {wanted}"))
}

/// What an error of the library means.
pub(super) fn error(cause: rusqlite::Error) -> StoreError {
    let Some(code) = cause.sqlite_error_code() else {
        return StoreError::Statement(cause.to_string());
    };
    match code {
        ErrorCode::ConstraintViolation => StoreError::Constraint(cause.to_string()),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt(cause.to_string()),
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::DiskFull
        | ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::OutOfMemory
        | ErrorCode::PermissionDenied
        | ErrorCode::ReadOnly => StoreError::Unavailable(cause.to_string()),
        _ => StoreError::Statement(cause.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_version;

    /// Abuse case L6: old versions can corrupt a write-ahead log.
    #[test]
    fn l6_old_libraries_are_refused() {
        for old in [3_000_000, 3_050_004, 3_051_002] {
            assert!(check_version(old).is_err(), "{old}");
        }
        let text = check_version(3_051_002).unwrap_err().to_string();
        assert!(text.contains("3.51.2"), "{text}");
        for good in [3_051_003, 3_053_000, 4_000_000] {
            assert!(check_version(good).is_ok(), "{good}");
        }
        check_version(rusqlite::version_number()).unwrap();
    }
}
