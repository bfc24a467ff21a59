//! `clinicos spec`

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use serde_json::Value;

use super::output;
use crate::compose;
use crate::documents::{openapi, reference};

/// What `spec` takes.
#[derive(Args)]
pub struct Arguments {
    /// Write all documents into this directory; without it, print the OpenAPI document
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Accepted for uniformity: the document is JSON
    #[arg(long)]
    json: bool,
}

/// Writes the documents that derive from the catalogue.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let catalogue = compose::catalogue()?;
    let document: Value = openapi::document(&catalogue, "/");
    let openapi = serde_json::to_string_pretty(&document)? + "\n";
    let Some(dir) = &arguments.to else {
        output::line(openapi.trim_end());
        return Ok(());
    };
    std::fs::create_dir_all(dir).with_context(|| format!("`{}` cannot be made", dir.display()))?;
    let files = [
        ("openapi.json", openapi),
        ("scopes.md", reference::scopes(&catalogue)),
        ("events.md", reference::events(&catalogue)),
        ("problems.md", reference::problems()),
        ("pages.json", serde_json::to_string_pretty(&reference::pages())? + "\n"),
    ];
    for (name, text) in files {
        std::fs::write(dir.join(name), text).with_context(|| format!("`{}` cannot be written", dir.join(name).display()))?;
    }
    Ok(())
}
