//! Has the decision about clients' data compared with what says the same in other ways.

use anyhow::Result;

use crate::flags::Flags;
use crate::shell::{self, cargo};

/// Runs `cargo xtask oracle [--cases N] [--seed S] [--cedar]`.
pub fn run(arguments: Vec<String>) -> Result<()> {
    let mut flags = Flags::new(arguments);
    let cases = flags.number("--cases", 1_000_000)?;
    let seed = flags.number("--seed", 1)?;
    let cedar = flags.switch("--cedar");
    flags.end()?;
    let mut oracle = cargo();
    oracle.args(["run", "--quiet", "--release", "--package", "clinicos-oracle"]);
    oracle.args(cedar.then_some("--features=cedar"));
    oracle.args(["--", "--cases", &cases.to_string(), "--seed", &seed.to_string()]);
    shell::run(oracle.current_dir(shell::root()?))
}
