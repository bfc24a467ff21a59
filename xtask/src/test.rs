//! Runs every test on both engines, the API against its document, then the console in a browser. Finds,
//! starts or installs what they need.

mod browser;
pub mod database;
mod postgres;
mod programs;
mod schemathesis;

use anyhow::{Result, bail};

use crate::fault::server;
use crate::shell::{self, cargo};

/// Where tests find a superuser's database. Unset: tests on PostgreSQL are not run.
pub const POSTGRES_VARIABLE: &str = "CLINICOS_TEST_POSTGRES";

/// A superuser's database for tests, made if it must be.
pub fn postgres_url() -> Result<String> {
    Ok(postgres::ensure()?.url)
}

/// Runs `cargo xtask test [filter..]`, `cargo xtask test schemathesis` or `cargo xtask test browser
/// [name..]`. Without arguments all kinds of tests run; else they go to `cargo test` as they are.
pub fn run(mut arguments: Vec<String>) -> Result<()> {
    match arguments.first().map(String::as_str) {
        Some("browser") => return browser::run(arguments.split_off(1)),
        Some("schemathesis") => return schemathesis::run(arguments.split_off(1)),
        _ => {}
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
    if everything { beside_each_other() } else { Ok(()) }
}

/// Both wait most of the time for one thread of somebody else's.
fn beside_each_other() -> Result<()> {
    server::build(false)?;
    std::thread::scope(|scope| {
        let api = scope.spawn(|| schemathesis::run(Vec::new()));
        let pages = browser::run(Vec::new());
        api.join().unwrap_or_else(|_| bail!("the test of the API panicked")).and(pages)
    })
}
