//! The rules of the house that a machine can check. Each looks at the text of the repository
//! and names what it finds by file and line.

mod documents;
mod edges;
mod folders;
mod manifest;
mod rust_text;
mod shape;
mod sources;
mod sql;

use std::collections::BTreeMap;
use std::fmt;
use std::process::Command;

use anyhow::{Result, bail};

use crate::flags::Flags;
use crate::shell;
use rust_text::RustFile;

/// Files that are larger are no source: they are not looked at.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// One breach of a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where.
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// The text of the repository.
#[derive(Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, String>,
    rust: Vec<RustFile>,
}

impl Tree {
    /// From paths and contents.
    pub fn new(files: BTreeMap<String, String>) -> Self {
        let rust = files.iter().filter(|(path, _)| path.ends_with(".rs")).map(|(path, text)| RustFile::new(path, text)).collect();
        Self { files, rust }
    }

    /// What git tracks or would track.
    fn of_repository() -> Result<Self> {
        let root = shell::root()?;
        let mut list = Command::new("git");
        list.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]).current_dir(&root);
        let mut files = BTreeMap::new();
        for path in shell::read(&mut list)?.split('\0').filter(|path| !path.is_empty()) {
            let full = root.join(path);
            if std::fs::metadata(&full).is_ok_and(|found| found.is_file() && found.len() <= FILE_BYTES_MAX)
                && let Ok(text) = std::fs::read_to_string(&full)
            {
                files.insert(path.to_owned(), text);
            }
        }
        Ok(Self::new(files))
    }

    /// The content of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Every file.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Every Rust file.
    pub fn rust(&self) -> &[RustFile] {
        &self.rust
    }

    #[cfg(test)]
    fn of(files: &[(&str, &str)]) -> Self {
        Self::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }
}

type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: &[(&str, Rule)] = &[
    ("crates depend in one direction", edges::directions),
    ("drivers, HTTP and outbound clients stay at home", edges::homes),
    ("every crate keeps the lints", edges::lints),
    ("statements stay at home", sql::homes),
    ("statements name the clinic", sql::clinics),
    ("only the store ends transactions", sql::transactions),
    ("files are short, full and well named", shape::files),
    ("resource folders never use each other's operations, and form no circle", folders::folders),
    ("clock, randomness and environment are read in main", sources::sources),
    ("decisions and architecture are in shape", documents::documents),
    ("no text names a registry", documents::registries),
];

/// Runs `cargo xtask tidy`.
pub fn run(arguments: Vec<String>) -> Result<()> {
    Flags::new(arguments).end()?;
    let tree = Tree::of_repository()?;
    let mut findings = 0;
    for (name, rule) in RULES {
        let mut found = rule(&tree);
        found.sort();
        found.dedup();
        if !found.is_empty() {
            println!("{name}:");
        }
        for finding in &found {
            println!("  {finding}");
        }
        findings += found.len();
    }
    if findings > 0 {
        bail!("{findings} things are out of order");
    }
    println!("tidy: {} rules hold over {} files", RULES.len(), tree.files.len());
    Ok(())
}

/// Whether a file is no part of the product: a unit-test file, an integration test, a bench or an example.
fn is_test_path(path: &str) -> bool {
    let folders = ["/tests/", "/benches/", "/examples/"];
    path.ends_with("/tests.rs") || path.ends_with("_tests.rs") || folders.iter().any(|folder| path.contains(folder))
}

/// The crate that a path belongs to: `store` for `crates/store/src/lib.rs`, or `xtask`.
fn crate_of(path: &str) -> Option<&str> {
    match path.strip_prefix("crates/") {
        Some(rest) => rest.split_once('/').map(|(name, _)| name),
        None => path.starts_with("xtask/").then_some("xtask"),
    }
}
