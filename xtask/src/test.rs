//! Runs every test on both engines, then the console in a browser. Finds, starts or installs what they need.

mod browser;
mod postgres;
mod programs;

use anyhow::Result;

use crate::shell::{self, cargo};

/// Where tests find a superuser's database. Unset: tests on PostgreSQL are not run.
pub const POSTGRES_VARIABLE: &str = "CLINICOS_TEST_POSTGRES";

/// A superuser's database for tests, made if it must be.
pub fn postgres_url() -> Result<String> {
    Ok(postgres::ensure()?.url)
}

/// Runs `cargo xtask test [filter..]` or `cargo xtask test browser [name..]`. Without arguments both
/// kinds of tests run; else they go to `cargo test` as they are.
pub fn run(mut arguments: Vec<String>) -> Result<()> {
    if arguments.first().is_some_and(|first| first == "browser") {
        return browser::run(arguments.split_off(1));
    }
    let everything = arguments.is_empty();
    let found = postgres::ensure()?;
    programs::ensure()?;
    println!("SQLite      bundled");
    println!("PostgreSQL  {} ({})", found.url, found.how);
    println!("samples     run by bash, curl, jq, python3 and node");
    println!("Redis       not used yet");
    println!("toolchain   {}", shell::read(cargo().arg("--version"))?.trim());
    println!("cores       {}", std::thread::available_parallelism()?);
    let mut tests = cargo();
    tests.args(["test", "--workspace"]).args(arguments);
    shell::run(tests.env(POSTGRES_VARIABLE, &found.url).current_dir(shell::root()?))?;
    if everything { browser::run(Vec::new()) } else { Ok(()) }
}
