//! Runs every test on both engines. Finds, starts or installs the databases that they need.

mod postgres;
mod schemathesis;

use anyhow::Result;

use crate::shell::{self, cargo};

/// Where tests find a superuser's database. Unset: tests on PostgreSQL are not run.
pub const POSTGRES_VARIABLE: &str = "CLINICOS_TEST_POSTGRES";

/// A superuser's database for tests, made if it must be.
pub fn postgres_url() -> Result<String> {
    Ok(postgres::ensure()?.url)
}

/// Runs `cargo xtask test [filter..]`. Arguments go to `cargo test` as they are; without any, the
/// running API is tested against its document, too. `cargo xtask test schemathesis` does only that.
pub fn run(arguments: Vec<String>) -> Result<()> {
    if let [first, rest @ ..] = arguments.as_slice()
        && first == "schemathesis"
    {
        return schemathesis::run(rest.to_vec());
    }
    let found = postgres::ensure()?;
    println!("SQLite      bundled");
    println!("PostgreSQL  {} ({})", found.url, found.how);
    println!("Redis       not used yet");
    println!("toolchain   {}", shell::read(cargo().arg("--version"))?.trim());
    println!("cores       {}", std::thread::available_parallelism()?);
    let mut tests = cargo();
    tests.args(["test", "--workspace"]).args(&arguments);
    shell::run(tests.env(POSTGRES_VARIABLE, &found.url).current_dir(shell::root()?))?;
    if arguments.is_empty() { schemathesis::run(Vec::new()) } else { Ok(()) }
}
