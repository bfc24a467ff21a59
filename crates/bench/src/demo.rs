//! The server over a synthetic clinic, as `clinicos demo` makes it.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;

use crate::client;
use crate::process::{SERVER_CORE, Server, pinned};

/// Names the database for the server.
pub const DATABASE_VARIABLE: &str = "CLINICOS_DATABASE_URL";
/// The database in a data directory.
pub const DATABASE_FILE: &str = "clinicos.db";
/// Ids that gets ask for in turn: enough that no cache line answers for all.
const IDS_MAX: usize = 1_000;

/// The first page of a list.
pub const LIST: &str = "/v1/invoices?limit=50";

/// How much data there is.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Invoices of the clinic.
    pub invoices: u32,
    /// Its clients.
    pub clients: u32,
}

/// What to start.
#[derive(Debug, Clone, Copy)]
pub struct Start<'s> {
    /// The server.
    pub binary: &'s Path,
    /// Its data directory; filled if it is new.
    pub directory: &'s Path,
    /// How much data it has.
    pub sizes: Sizes,
    /// A database on PostgreSQL in place of a file.
    pub postgres: Option<&'s str>,
}

/// A server that answers.
pub struct Demo {
    /// The process.
    pub server: Server,
    /// Where it listens.
    pub address: SocketAddr,
    /// The clinic.
    pub clinic: String,
    /// A key that may read the financial data.
    pub key: String,
    /// The key of the clinic's admin.
    pub admin_key: String,
}

impl Demo {
    /// Starts it on the server's core. It is ready when this returns.
    pub fn start(start: Start<'_>) -> Result<Self> {
        let mut command = pinned(SERVER_CORE, start.binary);
        command.args(["demo", "--json", "--still", "--no-limits", "--listen", "127.0.0.1:0", "--data-dir"]).arg(start.directory);
        command.args(["--invoices", &start.sizes.invoices.to_string(), "--clients", &start.sizes.clients.to_string()]);
        match start.postgres {
            Some(url) => command.env(DATABASE_VARIABLE, url),
            None => command.env_remove(DATABASE_VARIABLE),
        };
        let server = Server::start(&mut command, "base_url", &start.directory.with_extension("log"))?;
        let address = server.said("base_url")?.trim_start_matches("http://").trim_end_matches('/').parse()?;
        let text = |name| server.said(name).map(str::to_owned);
        let (clinic, key, admin_key) = (text("clinic_id")?, text("financial_key")?, text("admin_key")?);
        Ok(Self { server, address, clinic, key, admin_key })
    }

    /// Asks it something with the financial key.
    pub fn get(&self, target: &str) -> Result<Vec<u8>> {
        client::get(self.address, target, Some(&self.key))
    }

    /// The same as JSON.
    pub fn get_json(&self, target: &str) -> Result<Json> {
        client::get_json(self.address, target, Some(&self.key))
    }

    /// The clinic's day.
    pub fn today(&self) -> Result<String> {
        let clinic = client::get_json(self.address, &format!("/v1/clinics/{}", self.clinic), Some(&self.admin_key))?;
        let zone = clinic.get("timezone").and_then(Json::as_str).context("the clinic has no time zone")?;
        Ok(jiff::Timestamp::now().in_tz(zone)?.date().to_string())
    }

    /// What to ask for to get single invoices.
    pub fn get_targets(&self) -> Result<Vec<String>> {
        let mut targets = Vec::new();
        let mut next = Some("/v1/invoices?limit=200&fields=id".to_owned());
        while let Some(target) = next.take().filter(|_| targets.len() < IDS_MAX) {
            let page = self.get_json(&target)?;
            let records = page.get("data").and_then(Json::as_array).context("the list has no `data`")?;
            let ids = records.iter().filter_map(|record| record.get("id").and_then(Json::as_str));
            targets.extend(ids.map(|id| format!("/v1/invoices/{id}")));
            next = next_target(&page)?;
        }
        if targets.is_empty() {
            bail!("the clinic has no invoices");
        }
        Ok(targets)
    }

    /// Categories of an invoice that the key may not see, by what an answer says it left out.
    pub fn hidden(&self, get_target: &str) -> Result<Vec<String>> {
        let mut hidden = Vec::new();
        collect_hidden(&self.get_json(get_target)?, &mut hidden);
        hidden.sort();
        hidden.dedup();
        Ok(hidden)
    }
}

/// Path and query of the next page, if there is one.
pub fn next_target(page: &Json) -> Result<Option<String>> {
    let Some(url) = page.get("next_page_url").and_then(Json::as_str) else { return Ok(None) };
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let at = rest.find('/').context("`next_page_url` has no path")?;
    Ok(rest.get(at..).map(str::to_owned))
}

fn collect_hidden(json: &Json, hidden: &mut Vec<String>) {
    match json {
        Json::Object(object) => {
            let notes = object.get("_redactions").and_then(Json::as_array).into_iter().flatten();
            hidden.extend(notes.filter_map(|note| note.get("category").and_then(Json::as_str)).map(str::to_owned));
            object.values().for_each(|value| collect_hidden(value, hidden));
        }
        Json::Array(values) => values.iter().for_each(|value| collect_hidden(value, hidden)),
        _ => {}
    }
}

/// Copies a directory's files; sockets stay behind.
pub fn copy_directory(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy_directory(&entry.path(), &target)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
