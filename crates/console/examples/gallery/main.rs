//! Writes every page with sample data, and the files beside the pages, into a directory.
//!
//! `cargo run -p clinicos-console --example gallery -- DIRECTORY`, then serve that directory.

mod samples;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use clinicos_console::assets;
use clinicos_console::frame::Theme;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: gallery DIRECTORY")?;
    for (theme, name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        let into = directory.join(name);
        fs::create_dir_all(&into)?;
        for (page, html) in samples::pages(&samples::Say { text: &str::to_owned, theme: Some(theme) })? {
            fs::write(into.join(format!("{page}.html")), html)?;
        }
    }
    write_assets(&directory)
}

/// Writes each file at the address that pages give it.
fn write_assets(directory: &Path) -> Result<(), Box<dyn Error>> {
    for name in assets::names() {
        let url = assets::url(name);
        let asset = url.strip_prefix(assets::PREFIX).and_then(assets::asset).ok_or("a file without an address")?;
        let path = directory.join(url.trim_start_matches('/'));
        fs::create_dir_all(path.parent().ok_or("a path without a parent")?)?;
        fs::write(path, asset.bytes)?;
    }
    Ok(())
}
