//! The programs that are measured, built as they are shipped.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process;

/// The feature that leaves out the wait for the audit entry. Never shipped.
const NO_WAIT_FEATURE: &str = "measure-no-audit-wait";

/// Where the programs are.
#[derive(Debug)]
pub struct Binaries {
    /// The server.
    pub server: PathBuf,
    /// This program, for loads and for the bare server.
    pub bench: PathBuf,
    /// The directory of build results.
    pub target: PathBuf,
}

impl Binaries {
    /// Builds the server, and finds the rest.
    pub fn build() -> Result<Self> {
        check_machine()?;
        let bench = std::env::current_exe()?;
        let target = bench.ancestors().nth(2).context("this program lies in no target directory")?.to_owned();
        let server = build(&target, &[])?;
        Ok(Self { server, bench, target })
    }

    /// Builds the server that does not wait for the audit entry.
    pub fn build_no_wait(&self) -> Result<PathBuf> {
        // A directory of its own, so that it can never be taken for the real one.
        build(&self.target.join("bench-nowait"), &["--features", NO_WAIT_FEATURE])
    }
}

/// The root of the repository.
pub fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.ancestors().nth(2).context("the crate lies in no repository")?.to_owned())
}

fn build(target: &Path, more: &[&str]) -> Result<PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--release", "--quiet", "--package", "clinicos-server", "--bin", "clinicos"]).args(more);
    process::run(cargo.arg("--target-dir").arg(target).current_dir(root()?))?;
    Ok(target.join("release/clinicos"))
}

fn check_machine() -> Result<()> {
    if !Path::new("/proc/self/stat").exists() {
        bail!("measuring reads `/proc`, so it needs Linux");
    }
    if std::thread::available_parallelism()?.get() < 2 {
        bail!("measuring needs two cores: one for the server, one for the load");
    }
    process::read(Command::new("taskset").arg("--version"))
        .map(drop)
        .context("measuring pins programs with `taskset` (util-linux)")
}
