//! Measures. Not built yet.

use anyhow::{Result, bail};

/// Runs `cargo xtask bench`.
pub fn run(_arguments: Vec<String>) -> Result<()> {
    bail!("not built")
}
