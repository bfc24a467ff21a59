//! A database of its own on a PostgreSQL server that is named.

use anyhow::{Context as _, Result};
use tokio_postgres::NoTls;

/// Made anew for each run, and dropped behind it.
const DATABASE: &str = "clinicos_bench";

/// A database that goes when this does.
pub struct Database {
    server: String,
    name: &'static str,
    /// Where it is.
    pub url: String,
}

impl Database {
    /// Makes it, by the URL of a database whose user may.
    pub fn create(server: &str) -> Result<Self> {
        Self::create_as(server, DATABASE)
    }

    /// The same under another name, for a second one beside it.
    pub fn create_as(server: &str, name: &'static str) -> Result<Self> {
        let url = with_database(server, name).context("the URL of PostgreSQL must be `postgres://…/database`")?;
        execute(server, &[&drop_text(name), &format!("CREATE DATABASE {name}")])?;
        Ok(Self { server: server.to_owned(), name, url })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Err(error) = execute(&self.server, &[&drop_text(self.name)]) {
            eprintln!("the database `{}` was left behind: {error:#}", self.name);
        }
    }
}

fn drop_text(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}

fn execute(url: &str, statements: &[&str]) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("connecting to PostgreSQL")?;
        let connection = tokio::spawn(connection);
        for statement in statements {
            client.batch_execute(statement).await?;
        }
        drop(client);
        Ok(connection.await??)
    })
}

/// The same server and options with another database.
fn with_database(url: &str, name: &str) -> Option<String> {
    let (address, options) = url.split_once('?').map_or((url, None), |(address, options)| (address, Some(options)));
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split('/').next()?;
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    Some(format!("{scheme}://{host}/{name}{options}"))
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn another_database_of_the_same_server() {
        let of = |url| with_database(url, "b");
        assert_eq!(of("postgres://me@h:5432/postgres").as_deref(), Some("postgres://me@h:5432/b"));
        assert_eq!(of("postgres://me@h?a=c").as_deref(), Some("postgres://me@h/b?a=c"));
        assert_eq!(of("host=h"), None);
    }
}
