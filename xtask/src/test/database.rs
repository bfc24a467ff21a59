//! Databases that are dropped when nobody needs them.

use std::process::Command;

use anyhow::{Context as _, Result};

use crate::shell;

/// An empty database, dropped with this value.
pub struct Database {
    server: String,
    name: String,
    /// Where it is.
    pub url: String,
}

impl Database {
    /// Makes it beside a superuser's database; a word says for what.
    pub fn create(server: &str, word: &str) -> Result<Self> {
        let name = format!("clinicos_{word}_{}", std::process::id());
        let (start, _) = server.rsplit_once('/').context("the URL of PostgreSQL names no database")?;
        let database = Self { server: server.to_owned(), url: format!("{start}/{name}"), name };
        database.say(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", database.name))?;
        database.say(&format!("CREATE DATABASE {}", database.name))?;
        Ok(database)
    }

    fn say(&self, statement: &str) -> Result<()> {
        let mut psql = Command::new("psql");
        psql.args(["--no-password", "--no-psqlrc", "--quiet", "--dbname", &self.server, "--command", statement]);
        shell::put_away(&mut psql)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Err(error) = self.say(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)) {
            eprintln!("{error:#}");
        }
    }
}
