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
    _database: Database,
}

impl Demo {
    /// Starts it with a small clinic.
    pub fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[], |url| url.to_owned())
    }

    /// Starts it with more in its environment, and a database's address changed.
    pub fn start_with(engine: Engine, environment: &[(&str, &str)], url: impl Fn(&str) -> String) -> Self {
        let database = Database::for_program(engine);
        let directory = tempfile::tempdir().unwrap();
        let log = std::fs::File::create(directory.path().join("stderr")).unwrap();
        let mut command = clean(CLINICOS, directory.path());
        command.args([
            "demo",
            "--still",
            "--listen",
            "127.0.0.1:0",
            "--json",
            "--clients",
            "20",
            "--invoices",
            "60",
            "--data-dir",
            DATA_DIR,
        ]);
        command.envs(environment.iter().copied()).envs(database.url().map(|at| ("CLINICOS_DATABASE_URL", url(at))));
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let mut demo = Self { made: Value::Null, child, directory, _database: database };
        demo.made = serde_json::from_str(&line).unwrap_or_else(|_| panic!("`demo` does not start: {}", demo.log()));
        demo
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

/// A command with nothing of this process's environment but where programs are.
#[expect(clippy::disallowed_methods, reason = "programs are found as whoever runs the tests finds them")]
pub fn clean(program: &str, directory: &Path) -> Command {
    let bin = Path::new(CLINICOS).parent().unwrap().display().to_string();
    let mut command = Command::new(program);
    command.env_clear().env("PATH", format!("{bin}:{}", std::env::var("PATH").unwrap())).env("HOME", directory);
    command.current_dir(directory);
    command
}
