//! Runs in which something breaks: the power, or the server.

mod feed;
mod import;
mod kill;
mod load;
pub mod server;
mod verify;

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::bench;
use crate::flags::Flags;
use crate::shell::{self, cargo};

/// Runs `cargo xtask fault cut|feed|flood|import|kill`.
pub fn run(arguments: Vec<String>) -> Result<()> {
    if arguments.first().is_some_and(|first| first == "flood") {
        // It measures, so it lives beside the benchmark.
        return bench::run(arguments);
    }
    let mut flags = Flags::new(arguments);
    let rounds = flags.number("--rounds", 10)?;
    let seed = flags.number("--seed", 1)?;
    let json = flags.switch("--json");
    match flags.word().as_deref() {
        Some("cut") => {
            let no_sync = flags.switch("--no-sync");
            flags.end()?;
            cut(rounds, seed, no_sync, json)
        }
        Some("kill") => {
            let release = flags.switch("--release");
            flags.end()?;
            kill::run(&kill::Plan { rounds, seed, release, json })
        }
        Some("import") => {
            let release = flags.switch("--release");
            let binary = flags.text("--binary")?.map(PathBuf::from);
            flags.end()?;
            import::kills(rounds, seed, &binary.map_or_else(|| server::build(release), Ok)?)
        }
        Some("feed") => feed::begin(flags, seed),
        _ => bail!("`cargo xtask fault` wants `cut`, `feed`, `flood`, `import` or `kill`"),
    }
}

/// The power cuts live beside the file layer that makes them.
fn cut(rounds: u64, seed: u64, no_sync: bool, json: bool) -> Result<()> {
    let mut example = cargo();
    example.args(["run", "--quiet", "--package", "clinicos-faultvfs", "--example", "cut", "--"]);
    example.args(["--rounds", &rounds.to_string(), "--seed", &seed.to_string()]);
    example.args(no_sync.then_some("--no-sync")).args(json.then_some("--json"));
    shell::run(example.current_dir(shell::root()?))
}
