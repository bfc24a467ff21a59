//! Tests the running API against its own OpenAPI document, on both engines, with every check on.
//!
//! Schemathesis is a program in Python; it is installed into a directory of the build. What it
//! is told lies in `xtask/schemathesis`: versions, settings, and each exception with its reason.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::fault::server::{self, Server};
use crate::flags::Flags;
use crate::http::Client;
use crate::shell;
use crate::test::database::Database;
use crate::test::postgres_url;

/// The seed of every run that is told no other, so that a failure can be repeated.
const SEED: u64 = 1;
/// Runs until its breaking down is believed to have a cause.
const TRIES: usize = 2;
/// Test cases of each operation in the phase that makes them up.
const EXAMPLES: u64 = 12;
/// All phases together take a third of it on two cores that have other work, too.
const RUN_MAX: Duration = Duration::from_secs(2_400);
/// Records of each kind that tests are told of.
const RECORDS: usize = 40;
/// Kinds of records, by the list that gives them.
const KINDS: [&str; 8] = ["audit_entries", "clients", "clinics", "connections", "invoices", "keys", "organizations", "payments"];
/// Names the database for the server.
const DATABASE_VARIABLE: &str = "CLINICOS_DATABASE_URL";
/// What the demo calls the connection whose key the tests show.
const OWN_CONNECTION: &str = "Demo admin";

/// Runs `cargo xtask test schemathesis [--seed N | --random] [--examples N]`.
pub fn run(arguments: Vec<String>) -> Result<()> {
    let mut flags = Flags::new(arguments);
    let random = flags.switch("--random").then(|| u64::from(std::process::id()));
    let seed = flags.number("--seed", random.unwrap_or(SEED))?;
    let examples = flags.number("--examples", EXAMPLES)?;
    flags.end()?;
    let program = installed()?;
    let binary = server::build(false)?;
    let home = shell::root()?.join("target/schemathesis");
    let scale = (seed, examples);
    let url = postgres_url()?;
    // One run keeps one core busy: it is one thread of Python.
    std::thread::scope(|scope| {
        let sqlite = scope.spawn(|| on_engine(&program, &binary, &home.join("sqlite"), || Ok(None), scale).context("on SQLite"));
        let database = || Database::create(&url, "schemathesis").map(Some);
        let postgres = on_engine(&program, &binary, &home.join("postgres"), database, scale).context("on PostgreSQL");
        sqlite.join().unwrap_or_else(|_| bail!("the run on SQLite panicked")).and(postgres)
    })
}

/// The program, in an environment of its own.
fn installed() -> Result<PathBuf> {
    let root = shell::root()?;
    let (environment, requirements) =
        (root.join("target/schemathesis/environment"), root.join("xtask/schemathesis/requirements.txt"));
    let (program, mark) = (environment.join("bin/schemathesis"), environment.join("requirements.txt"));
    let wanted = std::fs::read_to_string(&requirements)?;
    if program.is_file() && std::fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(program);
    }
    let make = || shell::status(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
    if !make().is_ok_and(|status| status.success()) {
        install_venv()?;
        if !make()?.success() {
            bail!("`python3 -m venv` fails although it is installed");
        }
    }
    let mut install = Command::new(environment.join("bin/pip"));
    shell::run(install.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&requirements))?;
    std::fs::write(mark, wanted)?;
    Ok(program)
}

fn install_venv() -> Result<()> {
    if !(shell::is_root() && shell::has("apt-get")) {
        bail!(
            "Python's `venv` is missing. Install Python 3.10 or newer with it (Debian: `sudo apt-get install python3-venv`; Fedora: \
             `sudo dnf install python3`; macOS: `brew install python`)"
        );
    }
    shell::run(Command::new("apt-get").args(["update", "--quiet"]))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends", "python3-venv"]);
    shell::run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}

fn fresh(home: &Path) -> Result<PathBuf> {
    if home.exists() {
        std::fs::remove_dir_all(home)?;
    }
    std::fs::create_dir_all(home)?;
    Ok(home.to_owned())
}

/// Runs it against a server on one engine, in a directory of its own; once more if it broke down by
/// itself, which says nothing about the server.
fn on_engine(
    program: &Path,
    binary: &Path,
    home: &Path,
    database: impl Fn() -> Result<Option<Database>>,
    scale: (u64, u64),
) -> Result<()> {
    for _ in 0..TRIES {
        let database = database()?;
        let url = database.as_ref().map(|database| database.url.as_str());
        if once(program, binary, &fresh(home)?, url, scale)? {
            return reached(home);
        }
        eprintln!("schemathesis broke down by itself: {}", home.join("report.json").display());
    }
    bail!("schemathesis broke down by itself {TRIES} times")
}

/// One run; false if it broke down by itself.
fn once(program: &Path, binary: &Path, home: &Path, database: Option<&str>, (seed, examples): (u64, u64)) -> Result<bool> {
    let mut command = Command::new(binary);
    match database {
        Some(url) => command.env(DATABASE_VARIABLE, url),
        None => command.env_remove(DATABASE_VARIABLE),
    };
    // `demo` reads its own flags in any order.
    let data = home.join("data");
    let server = Server::start_with(&mut command, &data, &home.join("server.log"))?;
    let own = prepare(&server, home)?;
    let mut tests = Command::new(program);
    tests.args(["--config-file", "schemathesis.toml", "run"]).arg(format!("{}/v1/openapi.json", server.base_url));
    tests.args(["--header", &format!("Authorization: Bearer {}", server.admin_key), "--checks", "all"]);
    tests.args(["--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure", "--report-json-path", "report.json"]);
    tests.args(["--seed", &seed.to_string(), "--max-examples", &examples.to_string()]);
    tests.env("CLINICOS_OWN_IDS", own.join(",")).env("CLINICOS_BASE_URL", &server.base_url);
    tests.env("CLINICOS_AUTHORIZATION", format!("Bearer {}", server.admin_key)).current_dir(home);
    eprintln!("$ schemathesis run --checks all --seed {seed} --max-examples {examples}    # in {}", home.display());
    // Shown at its end, since another run shows its own.
    let ran = shell::run_for(&mut tests, RUN_MAX).context("schemathesis")?;
    println!("\nschemathesis in {}\n{}", home.display(), ran.printed);
    let passed = ran.success.with_context(|| format!("schemathesis did not end within {} seconds", RUN_MAX.as_secs()))?;
    // A run that lost its key would have shown nothing.
    Client::connect(&server.base_url, &server.admin_key)?.get("/v1/clients?limit=1")?.success().context("the tests' own key")?;
    let panics = server::panics(&data)?;
    server.kill()?;
    if panics > 0 {
        bail!("the server panicked {panics} times; see {}", home.join("server.log").display());
    }
    if !passed && broke_down(&report(home)?) {
        return Ok(false);
    }
    if !passed {
        bail!("schemathesis has findings; its report is {}", home.join("report.json").display());
    }
    Ok(true)
}

fn report(home: &Path) -> Result<Value> {
    Ok(serde_json::from_str(&std::fs::read_to_string(home.join("report.json"))?)?)
}

/// Whether a run found nothing and ended early in an error of Python's own. Seen of CPython 3.11:
/// "AST constructor recursion depth mismatch". What the server does wrong is a failure, or an error
/// of the network or the document.
fn broke_down(report: &Value) -> bool {
    let list = |name: &str| report.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let errors = list("errors");
    let is_its_own = |error: &Value| error.get("title").and_then(Value::as_str) == Some("Runtime Error");
    list("failures").is_empty() && !errors.is_empty() && errors.iter().all(is_its_own)
}

/// Writes what the tests are told, and gives the ids that they must leave alone.
fn prepare(server: &Server, home: &Path) -> Result<Vec<String>> {
    let settings = shell::root()?.join("xtask/schemathesis");
    for file in ["schemathesis.toml", "hooks.py"] {
        std::fs::copy(settings.join(file), home.join(file)).with_context(|| format!("`{file}` cannot be copied"))?;
    }
    let mut client = Client::connect(&server.base_url, &server.admin_key)?;
    let mut list = |kind: &str| -> Result<Vec<Value>> {
        let page = client.get(&format!("/v1/{kind}?limit={RECORDS}"))?.success()?;
        Ok(page.get("data").and_then(Value::as_array).cloned().unwrap_or_default())
    };
    let text = |record: &Value, name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let connections = list("connections")?;
    let mut own: Vec<String> =
        connections.iter().filter(|one| text(one, "name") == OWN_CONNECTION).map(|one| text(one, "id")).collect();
    let keys = list("keys")?;
    own.extend(
        keys.iter().filter(|key| own.contains(&text(key, "connection_id"))).map(|key| text(key, "id")).collect::<Vec<_>>(),
    );
    if own.len() != 2 {
        bail!("the demo has no connection `{OWN_CONNECTION}` with one key");
    }
    for kind in KINDS {
        let ids = list(kind)?.iter().map(|record| text(record, "id")).filter(|id| !own.contains(id)).collect::<Vec<_>>();
        let lines: String = ids.iter().map(|id| format!("\"{id}\"\n")).collect();
        std::fs::write(home.join(format!("{kind}.dict")), lines)?;
    }
    Ok(own)
}

/// Checks that each operation was not only called but done: else its checks saw refusals alone.
fn reached(home: &Path) -> Result<()> {
    let report = report(home)?;
    let rates =
        report.get("valid_rates").and_then(Value::as_object).context("the report has changed: it has no `valid_rates`")?;
    let done = |phases: &Value| {
        phases
            .as_object()
            .is_some_and(|phases| phases.values().any(|phase| phase.get("accepted").and_then(Value::as_u64).unwrap_or(0) > 0))
    };
    let refused: Vec<&str> = rates.iter().filter(|(_, phases)| !done(phases)).map(|(operation, _)| operation.as_str()).collect();
    println!(
        "{} operations, of which {} were done at least once; only refused: {}",
        rates.len(),
        rates.len() - refused.len(),
        refused.join(", ")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::broke_down;

    #[test]
    fn only_what_python_does_wrong_is_tried_again() {
        let own = json!({"title": "Runtime Error", "count": 1});
        assert!(broke_down(&json!({"failures": [], "errors": [own]})));
        for found in [
            json!({"failures": [{}], "errors": [own]}),
            json!({"failures": [], "errors": [own, {"title": "Network Error", "count": 1}]}),
            json!({"failures": [], "errors": []}),
            json!({}),
        ] {
            assert!(!broke_down(&found), "{found}");
        }
    }
}
