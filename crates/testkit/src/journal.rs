//! What the store holds, read beside the door.

use std::collections::BTreeMap;

use clinicos_contract::id;
use clinicos_store::journal::audit::{self, Entry, Search};
use clinicos_store::journal::outbox::{self, Placed};
use clinicos_store::{Conn, Effect, Engine, Journal, ReadWork, Receipt, Result, Store, Value, WriteWork};
use futures_util::future::BoxFuture;

/// More entries or events than a test makes.
const ALL: i64 = 1_000_000;

struct Read<F, T>(F, Option<T>);

impl<F, T> ReadWork for Read<F, T>
where
    F: for<'c> FnMut(&'c mut dyn Conn) -> BoxFuture<'c, T> + Send,
    T: Send,
{
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async { self.1 = Some((self.0)(conn).await) })
    }
}

async fn read<T: Send>(store: &Store, work: impl for<'c> FnMut(&'c mut dyn Conn) -> BoxFuture<'c, Result<T>> + Send) -> T {
    store.sealed().await.unwrap();
    let mut work = Read(work, None);
    store.read(&mut work).await.unwrap();
    work.1.unwrap().unwrap()
}

/// Every audit entry, newest first.
pub(crate) async fn entries(store: &Store) -> Vec<Entry> {
    let search = Search { limit: 1_000_000, ..Search::default() };
    let found = read(store, move |conn| {
        let search = search.clone();
        Box::pin(async move { audit::search(conn, &audit::Tail::default(), &search).await })
    })
    .await;
    found.into_iter().map(|found| found.entry).collect()
}

/// The audit entries of a request: exactly one, if all is well.
pub(crate) async fn entries_of(store: &Store, request_id: &str) -> Vec<Entry> {
    let Some((_, bytes)) = id::parse_any(request_id) else { panic!("`{request_id}` is no request id") };
    entries(store).await.into_iter().filter(|entry| entry.request_id == bytes).collect()
}

/// Every committed event, oldest first.
pub(crate) async fn events(store: &Store) -> Vec<Placed> {
    read(store, |conn| Box::pin(outbox::after(conn, 0, ALL))).await
}

/// Takes events away up to a position, as a job does that keeps them for a while.
pub(crate) async fn forget_events(store: &Store, until: i64) {
    store.sealed().await.unwrap();
    let sql = "DELETE FROM outbox WHERE position <= $1 AND position < (SELECT max(position) FROM outbox)";
    execute(store, sql, vec![Value::Int(until)]).await;
}

/// Changes rows as nothing of the server would.
pub(crate) async fn execute(store: &Store, sql: &'static str, params: Vec<Value<'static>>) {
    let (reply, done) = tokio::sync::oneshot::channel();
    store.submit(Box::new(Statement { sql, params, reply }));
    done.await.unwrap();
}

struct Statement {
    sql: &'static str,
    params: Vec<Value<'static>>,
    reply: tokio::sync::oneshot::Sender<()>,
}

impl WriteWork for Statement {
    fn is_security(&self) -> bool {
        false
    }

    fn attempt<'c>(&'c mut self, conn: &'c mut dyn Conn, _: i64) -> BoxFuture<'c, Effect> {
        Box::pin(async {
            conn.execute(self.sql, &self.params).await.unwrap();
            let (entry, events) = (Entry::default(), Vec::new());
            Effect::Keep(Box::new(Journal { entry, beside: Vec::new(), events, idempotency: None, security: Vec::new() }))
        })
    }

    fn settle(self: Box<Self>, outcome: Result<Receipt>) {
        outcome.map(drop).unwrap();
        self.reply.send(()).unwrap();
    }
}

/// All rows of these tables as text, read at once.
pub(crate) async fn rows(store: &Store, tables: impl Iterator<Item = &'static str>) -> BTreeMap<String, String> {
    let engine = store.engine();
    let tables: Vec<&str> = tables.collect();
    let read_all = read(store, move |conn| {
        let tables = tables.clone();
        Box::pin(async move {
            let mut parts = Vec::with_capacity(tables.len());
            for table in tables {
                let row = match engine {
                    Engine::Postgres => "t::text".to_owned(),
                    Engine::Sqlite => {
                        let columns =
                            "SELECT group_concat('quote(' || name || ')', ' || char(9) || ') FROM pragma_table_info($1)";
                        conn.one(columns, &[Value::Text(table)], |row| row.text(0).map(str::to_owned)).await?.unwrap_or_default()
                    }
                };
                let all = match engine {
                    Engine::Postgres => format!("string_agg({row}, '\n' ORDER BY {row})"),
                    Engine::Sqlite => format!("group_concat({row}, char(10))"),
                };
                parts.push(format!("SELECT '{table}' AS name, coalesce({all}, '') AS rows FROM {table} t"));
            }
            conn.all(&parts.join(" UNION ALL "), &[], |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).await
        })
    });
    read_all.await.into_iter().collect()
}

/// The text that a statement reads of the row with an id.
pub(crate) async fn text(store: &Store, sql: String, id: &str) -> String {
    let found = read(store, move |conn| {
        let (sql, id) = (sql.clone(), id.to_owned());
        Box::pin(async move { conn.one(&sql, &[Value::Owned(id)], |row| row.text(0).map(str::to_owned)).await })
    });
    found.await.unwrap_or_default()
}

/// Puts a text into a column of a row, and gives what stood there.
pub(crate) async fn put_text(store: &Store, (table, column): (&str, &str), id: &str, new: &str) -> String {
    let before = text(store, format!("SELECT {column} FROM {table} WHERE id = $1"), id).await;
    let params = [new, id].map(|text| Value::Owned(text.to_owned())).into_iter().collect();
    execute(store, format!("UPDATE {table} SET {column} = $1 WHERE id = $2").leak(), params).await;
    before
}

/// How many rows a table has.
pub(crate) async fn count(store: &Store, table: &'static str) -> i64 {
    let rows = read(store, move |conn| {
        Box::pin(async move { conn.one(&format!("SELECT count(*) FROM {table}"), &[], |row| row.int(0)).await })
    })
    .await;
    rows.unwrap_or(0)
}
