//! What the server reads to go on with its imports. It shows nobody anything: what it does with
//! it goes through the door.

use clinicos_contract::Timestamp;
use clinicos_store::{Conn, ReadWork, Store, StoreError, Value};
use futures_util::future::BoxFuture;

/// An import that the server runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its clinic.
    pub clinic: String,
    /// Its id.
    pub id: String,
    /// The mapping.
    pub mapping: String,
    /// Whether it only tells what would happen.
    pub dry_run: bool,
    /// Which run it is.
    pub run: i64,
    /// For whom.
    pub started_by: String,
}

struct First(Result<Option<Waiting>, StoreError>);

impl ReadWork for First {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move {
            let sql = "SELECT clinic_id, id, mapping, dry_run, runs, started_by FROM imports WHERE state = 'running' \
                       AND mapping IS NOT NULL ORDER BY updated_at, id LIMIT 1 -- all clinics: the server runs the imports of all";
            self.0 = conn
                .one(sql, &[], |row| {
                    Ok(Waiting {
                        clinic: row.text(0)?.to_owned(),
                        id: row.text(1)?.to_owned(),
                        mapping: row.text(2)?.to_owned(),
                        dry_run: row.int(3)? != 0,
                        run: row.int(4)?,
                        started_by: row.text(5)?.to_owned(),
                    })
                })
                .await;
        })
    }
}

/// The import that waits for the longest.
pub async fn first(store: &Store) -> Result<Option<Waiting>, StoreError> {
    let mut first = First(Ok(None));
    store.read(&mut first).await?;
    first.0
}

struct State<'s> {
    of: &'s Waiting,
    found: Result<bool, StoreError>,
}

impl ReadWork for State<'_> {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move {
            let sql = "SELECT 1 FROM imports WHERE clinic_id = $1 AND id = $2 AND state = 'running' AND runs = $3";
            let params = [Value::Text(&self.of.clinic), Value::Text(&self.of.id), Value::Int(self.of.run)];
            self.found = conn.one(sql, &params, |_| Ok(())).await.map(|found| found.is_some());
        })
    }
}

/// Whether an import still runs: nobody cancelled it.
pub async fn still_runs(store: &Store, waiting: &Waiting) -> Result<bool, StoreError> {
    let mut state = State { of: waiting, found: Ok(false) };
    store.read(&mut state).await?;
    state.found
}

struct Names<'s> {
    of: &'s Waiting,
    found: Result<Vec<(String, String)>, StoreError>,
}

impl ReadWork for Names<'_> {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move {
            let sql = "SELECT name, id FROM import_files WHERE clinic_id = $1 AND import_id = $2 ORDER BY name, part";
            let params = [Value::Text(&self.of.clinic), Value::Text(&self.of.id)];
            self.found = conn.all(sql, &params, |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).await;
        })
    }
}

/// Name and id of each part of a file, in order.
pub async fn parts(store: &Store, waiting: &Waiting) -> Result<Vec<(String, String)>, StoreError> {
    let mut names = Names { of: waiting, found: Ok(Vec::new()) };
    store.read(&mut names).await?;
    names.found
}

struct Content<'s> {
    of: &'s Waiting,
    part: &'s str,
    found: Result<Option<Vec<u8>>, StoreError>,
}

impl ReadWork for Content<'_> {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move {
            let sql = "SELECT content FROM import_files WHERE clinic_id = $1 AND id = $2";
            let params = [Value::Text(&self.of.clinic), Value::Text(self.part)];
            self.found = conn.one(sql, &params, |row| Ok(row.bytes(0)?.to_vec())).await;
        })
    }
}

/// The bytes of a part; none if it is gone.
pub async fn content(store: &Store, waiting: &Waiting, part: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let mut content = Content { of: waiting, part, found: Ok(None) };
    store.read(&mut content).await?;
    content.found
}

/// An import that nobody goes on with.
#[derive(Debug)]
pub struct Stale {
    /// Which one.
    pub waiting: Waiting,
    /// Whether it waits with files that were sent along. If not, a command line that read its files
    /// was cut off.
    pub has_files: bool,
}

struct Forgotten {
    files_before: Timestamp,
    begun_before: Timestamp,
    found: Result<Vec<Stale>, StoreError>,
}

impl ReadWork for Forgotten {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move {
            let sql = "SELECT clinic_id, id, dry_run, runs, started_by, state FROM imports \
                       WHERE (state IN ('uploading', 'checked') AND updated_at < $1) \
                       OR (state = 'running' AND mapping IS NULL AND updated_at < $2) \
                       ORDER BY updated_at, id LIMIT 100 -- all clinics: the server ends what nobody goes on with";
            let params = [self.files_before.into(), self.begun_before.into()];
            self.found = conn
                .all(sql, &params, |row| {
                    let waiting = Waiting {
                        clinic: row.text(0)?.to_owned(),
                        id: row.text(1)?.to_owned(),
                        mapping: String::new(),
                        dry_run: row.int(2)? != 0,
                        run: row.int(3)?,
                        started_by: row.text(4)?.to_owned(),
                    };
                    Ok(Stale { waiting, has_files: row.text(5)? != "running" })
                })
                .await;
        })
    }
}

/// Imports with files that waited since then, and those of a command line that were begun before that.
pub async fn stale(store: &Store, files_before: Timestamp, begun_before: Timestamp) -> Result<Vec<Stale>, StoreError> {
    let mut forgotten = Forgotten { files_before, begun_before, found: Ok(Vec::new()) };
    store.read(&mut forgotten).await?;
    forgotten.found
}
