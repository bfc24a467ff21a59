//! Finds a browser, Node and its packages; installs what is missing if we are root on Debian.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};

use crate::shell;

/// Names a Chromium, or a browser made from it.
const CHROMIUM_VARIABLE: &str = "CLINICOS_TEST_CHROMIUM";
const CHROMIUMS: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const CHROME_OF_MACOS: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
const NODE_MAJOR_MIN: u32 = 18;

/// What the tests run with.
pub struct Tools {
    /// The browser.
    pub chromium: PathBuf,
    /// What it calls itself.
    pub chromium_version: String,
    /// `v20.20.2`
    pub node_version: String,
}

/// Finds or installs them.
pub fn ensure() -> Result<Tools> {
    let missing = missing();
    if !missing.is_empty() {
        install(&missing)?;
    }
    let chromium = chromium().with_context(|| format!("no Chromium was found; name one in {CHROMIUM_VARIABLE}"))?;
    let said = shell::read(Command::new(&chromium).arg("--version"))?;
    let node_version = shell::read(Command::new("node").arg("--version"))?.trim().to_owned();
    if major(&node_version).is_none_or(|major| major < NODE_MAJOR_MIN) {
        bail!("Node {NODE_MAJOR_MIN} or newer is needed for the browser's tests; `node` is {node_version}");
    }
    Ok(Tools { chromium, chromium_version: said.trim().to_owned(), node_version })
}

/// Debian's packages of what is not there.
fn missing() -> Vec<&'static str> {
    let needed = [
        ("chromium", chromium().is_some()),
        ("nodejs", shell::has("node")),
        ("npm", shell::has("npm")),
        ("curl", shell::has("curl")),
    ];
    needed.into_iter().filter(|(_, is_there)| !is_there).map(|(package, _)| package).collect()
}

fn install(packages: &[&str]) -> Result<()> {
    if !(shell::is_root() && shell::has("apt-get")) {
        let list = packages.join(" ");
        bail!(
            "the browser's tests need {list}. Install them (Debian: `sudo apt-get install {list}`; Fedora: `sudo dnf install \
             chromium nodejs npm curl`; macOS: `brew install node` and Google Chrome), or name a Chromium that you have in \
             {CHROMIUM_VARIABLE}"
        );
    }
    shell::run(Command::new("apt-get").args(["update", "--quiet"]))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages);
    shell::run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}

fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(CHROMIUM_VARIABLE).filter(|named| !named.is_empty()) {
        return Some(named.into());
    }
    let on_path = CHROMIUMS.into_iter().find_map(shell::find);
    on_path.or_else(|| Some(PathBuf::from(CHROME_OF_MACOS)).filter(|program| program.is_file()))
}

/// 20 of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Installs the tests' packages as the lock file names them, unless that was done since it changed.
pub fn packages(home: &Path) -> Result<()> {
    let installed = modified(&home.join("node_modules/.package-lock.json"));
    let wanted = modified(&home.join("package-lock.json")).context("`browser/package-lock.json` is missing")?;
    if installed.is_some_and(|installed| installed >= wanted) {
        return Ok(());
    }
    // No package of ours has a script to run, and none that comes along shall.
    shell::run(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(home))
}

fn modified(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|metadata| metadata.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn reads_the_version_of_node() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        assert_eq!(major("20"), None);
    }
}
