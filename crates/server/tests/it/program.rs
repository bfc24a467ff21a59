//! The program itself, started as anyone starts it, in a directory of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use clinicos_testkit::{Database, Engine};
use serde_json::Value;

/// The program.
pub const CLINICOS: &str = env!("CARGO_BIN_EXE_clinicos");
/// Where `demo` puts its data, within the directory.
pub const DATA_DIR: &str = "clinicos-demo";

/// `clinicos demo`, running.
pub struct Demo {
    /// What it printed when it was ready.
    pub made: Value,
    child: Child,
    directory: tempfile::TempDir,
    database: Database,
}

impl Demo {
    /// Starts it with a small clinic.
    pub fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[], |url| url.to_owned())
    }

    /// Starts it as anybody does, with a past, but with a clinic that few come to.
    pub fn start_whole(engine: Engine) -> Self {
        let database = Database::for_program(engine);
        let directory = tempfile::tempdir().unwrap();
        let mut command = begun(directory.path(), database.url().map(str::to_owned));
        let child = command.args(["--visits-per-day", "2", "--json"]).spawn().unwrap();
        let mut demo = Self { made: Value::Null, child, directory, database };
        demo.made = demo.line_of_json();
        demo
    }

    /// Starts it with more in its environment, and a database's address changed.
    pub fn start_with(engine: Engine, environment: &[(&str, &str)], url: impl Fn(&str) -> String) -> Self {
        let database = Database::for_program(engine);
        let directory = tempfile::tempdir().unwrap();
        let mut command = command(directory.path(), database.url().map(url));
        let child = command.arg("--json").envs(environment.iter().copied()).spawn().unwrap();
        let mut demo = Self { made: Value::Null, child, directory, database };
        demo.made = demo.line_of_json();
        demo
    }

    /// Stops it and starts it again over the same data.
    pub fn again(&mut self) {
        self.stop();
        self.child = command(self.directory(), self.database.url().map(str::to_owned)).arg("--json").spawn().unwrap();
        self.made = self.line_of_json();
    }

    /// The same, and gives what it prints for people until it is ready.
    pub fn again_for_people(&mut self) -> String {
        self.stop();
        self.child = command(self.directory(), self.database.url().map(str::to_owned)).spawn().unwrap();
        let lines = BufReader::new(self.child.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
        let mut told = String::new();
        for line in lines {
            told += &format!("{line}\n");
            if line.starts_with("Stop the demo") {
                return told;
            }
        }
        panic!("`demo` does not start: {}", self.log());
    }

    fn line_of_json(&mut self) -> Value {
        let mut line = String::new();
        BufReader::new(self.child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("`demo` does not start: {}", self.log()))
    }

    /// Where it was started.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// What it printed, by name.
    pub fn made(&self, name: &str) -> &str {
        self.made[name].as_str().unwrap()
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory().join("stderr")).unwrap()
    }

    /// Stops it as Ctrl-C does, and gives what it printed after it was ready.
    pub fn stop(&mut self) -> String {
        let stopped = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(stopped.success());
        let mut rest = String::new();
        self.child.stdout.as_mut().unwrap().read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{}", self.log());
        rest
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `demo`, about to start with a small clinic.
fn command(directory: &Path, database_url: Option<String>) -> Command {
    let mut command = begun(directory, database_url);
    command.args(["--still", "--clients", "20", "--invoices", "60"]);
    command
}

/// `demo`, about to start.
fn begun(directory: &Path, database_url: Option<String>) -> Command {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(directory.join("stderr")).unwrap();
    let mut command = clean(CLINICOS, directory);
    command.args(["demo", "--listen", "127.0.0.1:0", "--data-dir", DATA_DIR]);
    command.envs(database_url.map(|url| ("CLINICOS_DATABASE_URL", url))).stdout(Stdio::piped()).stderr(log);
    command
}

/// A command with nothing of this process's environment but where programs are.
#[expect(clippy::disallowed_methods, reason = "programs are found as whoever runs the tests finds them")]
pub fn clean(program: &str, directory: &Path) -> Command {
    let bin = Path::new(CLINICOS).parent().unwrap().display().to_string();
    let mut command = Command::new(program);
    command.env_clear().env("PATH", format!("{bin}:{}", std::env::var("PATH").unwrap())).env("HOME", directory);
    command.current_dir(directory);
    command
}
