//! The console in a real browser, over the real server. The tests are in `browser/`; here is what
//! they need: a browser, Node, their packages, the built server, and an empty database.

mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::database::Database;
use super::postgres;
use crate::fault::server;
use crate::flags::Flags;
use crate::shell;

/// All tests together take a fifth of it on two cores that have no other work, and half where they do.
const SUITE_MAX: Duration = Duration::from_secs(1_800);
/// Test files that run at once.
const AT_ONCE: usize = 2;

/// Runs `cargo xtask test browser [--screenshots] [name..]`.
pub fn run(arguments: Vec<String>) -> Result<()> {
    let mut flags = Flags::new(arguments);
    let screenshots = flags.switch("--screenshots");
    let names = flags.words()?;
    let root = shell::root()?;
    let tools = tools::ensure()?;
    println!("browser     {} ({})", tools.chromium.display(), tools.chromium_version);
    println!("Node        {}", tools.node_version);
    let home = root.join("browser");
    tools::packages(&home)?;
    let binary = server::build(false)?;
    let work = root.join("target/browser");
    let pages = work.join("documents");
    shell::read(Command::new(&binary).args(["spec", "--to"]).arg(&pages))?;
    let database = Database::create(&postgres::ensure()?.url, "browser")?;
    let mut suite = suite(&home, &names, screenshots)?;
    suite.env("CLINICOS_BROWSER_BINARY", &binary).env("CLINICOS_BROWSER_CHROMIUM", &tools.chromium);
    suite.env("CLINICOS_BROWSER_PAGES", pages.join("pages.json")).env("CLINICOS_BROWSER_POSTGRES", &database.url);
    suite
        .env("CLINICOS_BROWSER_FAILURES", work.join("failures"))
        .env("CLINICOS_BROWSER_SCREENSHOTS", shots(&root, &work, screenshots));
    suite.env_remove("CLINICOS_DATABASE_URL").current_dir(&home);
    eprintln!("$ {}", shell::text_of(&suite));
    match shell::watch_for(&mut suite, SUITE_MAX)? {
        Some(true) => Ok(()),
        Some(false) => bail!("browser tests failed; pictures of the pages are in {}", work.join("failures").display()),
        None => bail!("browser tests did not end within {} seconds", SUITE_MAX.as_secs()),
    }
}

/// Where pictures go: into the documentation if they were asked for, else where nobody keeps them.
fn shots(root: &Path, work: &Path, asked: bool) -> PathBuf {
    if asked { root.join("docs/screenshots") } else { work.join("screenshots") }
}

/// Node's own runner over the files, or over the tests with such a name.
fn suite(home: &Path, names: &[String], screenshots: bool) -> Result<Command> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(home.join("tests")).context("`browser/tests` is missing")? {
        files.push(entry?.path());
    }
    files.sort();
    let is_of = |file: &PathBuf, name: &str| file.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name));
    let mut command = Command::new("node");
    command.args(["--test", "--test-reporter=spec", &format!("--test-concurrency={AT_ONCE}")]);
    let mut chosen = files.clone();
    if screenshots {
        chosen.retain(|file| is_of(file, "screenshots"));
    } else if !names.is_empty() {
        // A name is that of a file, or a part of a test's name.
        let (of_files, of_tests): (Vec<&String>, Vec<&String>) =
            names.iter().partition(|name| files.iter().any(|file| is_of(file, name)));
        if !of_files.is_empty() {
            chosen.retain(|file| of_files.iter().any(|name| is_of(file, name)));
        }
        command.args(of_tests.iter().map(|name| format!("--test-name-pattern={name}")));
    }
    command.args(chosen);
    Ok(command)
}
