//! Measures, in a program of its own: it needs the product's crates, and this one does not.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::shell::{self, cargo};
use crate::test::{POSTGRES_VARIABLE, postgres_url};

/// Runs `cargo xtask bench door|console|consent|records|profile [..]`; `cargo xtask bench help` tells what those take.
/// `cargo xtask bench apart [pairs]` measures whether times tell what is hidden.
pub fn run(arguments: Vec<String>) -> Result<()> {
    let root = shell::root()?;
    if let Some(("apart", pairs)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        let mut example = cargo();
        example.args(["run", "--release", "--quiet", "--package", "clinicos-testkit", "--example", "apart", "--"]);
        return shell::run(example.args(pairs).current_dir(&root));
    }
    let mut build = cargo();
    build.args(["build", "--release", "--quiet", "--package", "clinicos-bench"]);
    shell::run(build.current_dir(&root))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut bench = Command::new(target.join("release/clinicos-bench"));
    bench.args(&arguments).current_dir(&root);
    let has = |flag: &str| arguments.iter().any(|argument| argument.starts_with(flag));
    if arguments.first().is_some_and(|command| ["door", "console", "records"].contains(&command.as_str()))
        && !["--postgres", "--no-postgres", "--help"].map(has).contains(&true)
    {
        bench.env(POSTGRES_VARIABLE, postgres_url()?);
    }
    // It takes this process's place, so that its end and its signals are the command's.
    Err(bench.exec()).context("the benchmark does not start")
}
