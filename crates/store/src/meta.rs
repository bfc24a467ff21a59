//! Facts about the database that are checked when it is opened.

use crate::error::{Result, StoreError};
use crate::sql::{Conn, Value};
use crate::store::Engine;

/// The epoch of a new database; a restore from a backup starts the next.
const EPOCH_FIRST: &str = "1";

/// Writes the facts of a new database; refuses one of another environment. Returns the epoch.
pub(crate) async fn check(conn: &mut dyn Conn, engine: Engine, environment: &str) -> Result<u32> {
    let found = read(conn, "environment").await?;
    match found {
        Some(found) if found != environment => {
            return Err(StoreError::Unavailable(format!(
                "this database belongs to the environment `{found}` and cannot be opened as `{environment}`"
            )));
        }
        Some(_) => {}
        None => {
            write(conn, "environment", environment).await?;
            write(conn, "epoch", EPOCH_FIRST).await?;
            let id = conn.one(random_id(engine), &[], |row| row.text(0).map(str::to_owned)).await?;
            write(conn, "store_id", id.as_deref().unwrap_or_default()).await?;
        }
    }
    let epoch = read(conn, "epoch").await?.and_then(|epoch| epoch.parse().ok());
    epoch.ok_or_else(|| StoreError::Corrupt("the epoch in `store_meta`".to_owned()))
}

/// Tells databases apart. Drawn by the database itself: nothing secret hangs on it.
fn random_id(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SELECT lower(hex(randomblob(16)))",
        Engine::Postgres => "SELECT replace(gen_random_uuid()::text, '-', '')",
    }
}

async fn read(conn: &mut dyn Conn, key: &str) -> Result<Option<String>> {
    conn.one("SELECT value FROM store_meta WHERE key = $1", &[Value::Text(key)], |row| row.text(0).map(str::to_owned)).await
}

async fn write(conn: &mut dyn Conn, key: &str, value: &str) -> Result<()> {
    let params = [Value::Text(key), Value::Text(value)];
    conn.execute("INSERT INTO store_meta (key, value) VALUES ($1, $2)", &params).await.map(drop)
}
