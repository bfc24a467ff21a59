//! The follower: the program of `docs/site/changes.md` that keeps its copy in a database.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::shell;

/// Where the program stands, and what it alone holds.
const PAGE: &str = "docs/site/changes.md";
const MARK: &str = "sqlite3.connect";
/// Between one look at a follower that runs and the next.
const LOOK: Duration = Duration::from_millis(2);

/// Prints where the copy stands, then each record.
const DUMP: &str = "\
import json, sqlite3, sys
copy = sqlite3.connect(sys.argv[1])
print(json.dumps(copy.execute('SELECT pages, gaps FROM place').fetchone()))
for (record,) in copy.execute('SELECT record FROM records'):
    print(record)
";

/// A program that can be run again and again.
pub struct Follower {
    python: String,
    program: PathBuf,
    copy: PathBuf,
    log: PathBuf,
    base_url: String,
    key: String,
}

/// What it holds.
pub struct Copy {
    pub records: BTreeMap<String, Value>,
    pub pages: u64,
    pub gaps: u64,
}

impl Follower {
    pub fn new(home: &Path, base_url: &str, key: &str) -> Result<Self> {
        let page = std::fs::read_to_string(shell::root()?.join(PAGE))?;
        let blocks = page.split("\n```python\n").skip(1).filter_map(|rest| rest.split("\n```").next());
        let text = blocks.into_iter().find(|block| block.contains(MARK));
        let program = home.join("follower.py");
        std::fs::write(&program, text.with_context(|| format!("{PAGE} has no program with `{MARK}`"))?)?;
        // Without what a version manager puts before it: that would be killed in its place.
        let python = shell::read(Command::new("python3").args(["-c", "import sys; print(sys.executable)"]))?;
        let (copy, log) = (home.join("copy.db"), home.join("follower.log"));
        Ok(Self { python: python.trim().to_owned(), program, copy, log, base_url: base_url.to_owned(), key: key.to_owned() })
    }

    fn command(&self, seconds: u64) -> Result<Command> {
        let mut command = Command::new(&self.python);
        command.arg(&self.program).env("BASE", &self.base_url).env("KEY", &self.key).env("COPY", &self.copy);
        let log = std::fs::File::options().create(true).append(true).open(&self.log)?;
        command.env("FOLLOW_SECONDS", seconds.to_string()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Ok(command)
    }

    /// Follows, and is killed after this time, or when there is no need to wait for it. Tells whether
    /// it was.
    pub fn killed_after(&self, moment: Duration, is_over: impl Fn() -> bool) -> Result<bool> {
        let mut running = self.command(3_600)?.spawn()?;
        let end = Instant::now() + moment;
        while Instant::now() < end && !is_over() {
            if let Some(status) = running.try_wait()? {
                ensure!(status.success(), "the follower failed by itself; see {}", self.log.display());
                return Ok(false);
            }
            std::thread::sleep(LOOK);
        }
        running.kill()?;
        running.wait()?;
        Ok(true)
    }

    /// Follows until there is nothing more.
    pub fn run(&self) -> Result<()> {
        let status = shell::status(&mut self.command(0)?)?;
        ensure!(status.success(), "the follower failed; see {}", self.log.display());
        Ok(())
    }

    /// What it holds.
    pub fn copy(&self) -> Result<Copy> {
        let dump = shell::read(Command::new(&self.python).args(["-c", DUMP]).arg(&self.copy))?;
        let mut lines = dump.lines();
        let (pages, gaps) = serde_json::from_str(lines.next().context("the copy stands nowhere")?)?;
        let mut records = BTreeMap::new();
        for line in lines {
            let record: Value = serde_json::from_str(line)?;
            let id = record.get("id").and_then(Value::as_str).context("a record without an id")?.to_owned();
            records.insert(id, record);
        }
        Ok(Copy { records, pages, gaps })
    }
}
