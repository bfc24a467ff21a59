//! Bare SQLite: a connection for each thread, used where the request is handled.

use std::cell::RefCell;
use std::path::Path;

use clinicos_clinic::ids::InvoiceId;
use clinicos_clinic::invoices::model::Invoice;
use clinicos_clinic::invoices::rows;
use clinicos_contract::time::Date;
use clinicos_gate::ClinicId;
use clinicos_store::page::Statement;
use clinicos_store::sql::OnRow;
use clinicos_store::{Conn, Row, StoreError, Value};
use futures_util::FutureExt as _;
use futures_util::future::{self, BoxFuture};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};

use super::Page;

type Result<T> = std::result::Result<T, StoreError>;

/// The settings of the store's readers.
const SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; \
    PRAGMA cache_size = -2048;";

struct Reader {
    connection: Connection,
    /// Statements with SQLite's placeholders, behind the text that they were made from. There
    /// are three, so they are looked through.
    texts: Vec<(String, String)>,
}

thread_local! {
    static READER: RefCell<Option<Reader>> = const { RefCell::new(None) };
}

fn with_reader<T>(file: &Path, work: impl FnOnce(&mut Reader) -> Result<T>) -> Result<T> {
    READER.with_borrow_mut(|slot| match slot {
        Some(reader) => work(reader),
        None => work(slot.insert(Reader::open(file)?)),
    })
}

/// Reads a page.
pub(super) fn list(file: &Path, statement: &Statement, page: &mut Page<'_>) -> Result<()> {
    with_reader(file, |reader| reader.run(&statement.sql, &statement.params, &mut |row| page.take(row)))
}

/// Reads one invoice with its lines.
pub(super) fn one(file: &Path, clinic: ClinicId, today: Date, id: InvoiceId) -> Result<Option<Invoice<'static>>> {
    with_reader(file, |reader| {
        let found = rows::find(reader, clinic, today, id).now_or_never();
        found.unwrap_or_else(|| Err(StoreError::Statement("the read waited".to_owned())))
    })
}

impl Reader {
    fn open(file: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags).map_err(error)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(error)?;
        connection.execute_batch(SETTINGS).map_err(error)?;
        Ok(Self { connection, texts: Vec::new() })
    }

    fn run(&mut self, sql: &str, params: &[Value<'_>], on_row: &mut OnRow<'_>) -> Result<()> {
        let known = self.texts.iter().position(|(portable, _)| portable == sql);
        let place = known.unwrap_or_else(|| {
            self.texts.push((sql.to_owned(), sql.replace('$', "?")));
            self.texts.len() - 1
        });
        let text = self.texts.get(place).map(|(_, text)| text.as_str()).unwrap_or_default();
        let mut statement = self.connection.prepare_cached(text).map_err(error)?;
        for (index, param) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, Param(param)).map_err(error)?;
        }
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(error)? {
            on_row(&SqliteRow(row))?;
        }
        Ok(())
    }
}

impl Conn for Reader {
    fn query<'a>(&'a mut self, sql: &'a str, params: &'a [Value<'a>], on_row: &'a mut OnRow<'_>) -> BoxFuture<'a, Result<()>> {
        future::ready(self.run(sql, params, on_row)).boxed()
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
        self.get(column)?.as_i64_or_null().map_err(|cause| StoreError::Corrupt(cause.to_string()))
    }
    fn opt_text(&self, column: usize) -> Result<Option<&str>> {
        self.get(column)?.as_str_or_null().map_err(|cause| StoreError::Corrupt(cause.to_string()))
    }
    fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>> {
        self.get(column)?.as_blob_or_null().map_err(|cause| StoreError::Corrupt(cause.to_string()))
    }
}

fn error(cause: rusqlite::Error) -> StoreError {
    StoreError::Statement(cause.to_string())
}
