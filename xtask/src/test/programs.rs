//! The programs that the samples of the documentation are written for: tests run them all.

use std::process::Command;

use anyhow::{Result, bail};

use crate::shell;

/// A program, and the Debian package that has it.
const PROGRAMS: &[(&str, &str)] =
    &[("bash", "bash"), ("curl", "curl"), ("openssl", "openssl"), ("jq", "jq"), ("python3", "python3"), ("node", "nodejs")];

/// Installs what is missing, if we are root on Debian.
pub fn ensure() -> Result<()> {
    let missing: Vec<(&str, &str)> = PROGRAMS.iter().copied().filter(|(program, _)| !shell::has(program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|(_, package)| *package).collect();
    if !(shell::is_root() && shell::has("apt-get")) {
        let programs: Vec<&str> = missing.iter().map(|(program, _)| *program).collect();
        bail!(
            "tests run the samples of the documentation, and these programs are missing: {}. Install them \
             (Debian: `sudo apt-get install {}`)",
            programs.join(", "),
            packages.join(" ")
        );
    }
    shell::run(Command::new("apt-get").args(["update", "--quiet"]))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages);
    shell::run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}
