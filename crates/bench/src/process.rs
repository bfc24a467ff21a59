//! Programs that are measured: started on a core of their own, read through `/proc`, and ended
//! when they go out of scope.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;

/// The core that servers run on.
pub const SERVER_CORE: u32 = 0;
/// The core that loads run on.
pub const LOAD_CORE: u32 = 1;
/// Ticks of `utime` and `stime` in a second, on every Linux that we know (`getconf CLK_TCK`).
pub const TICKS_PER_S: f64 = 100.0;
/// How long a server may take to stop when it is asked to.
const STOP_MAX: Duration = Duration::from_secs(20);
/// How long a server may go on working after its load has ended.
const SETTLE_MAX: Duration = Duration::from_secs(30);
const SETTLE_LOOK: Duration = Duration::from_millis(120);

/// A command that runs on one core.
pub fn pinned(core: u32, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.arg("-c").arg(core.to_string()).arg(program);
    command
}

/// The command as a person would type it.
pub fn text_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// Memory of a process of its own, without what it maps from files, in MiB.
pub fn anonymous_mib(id: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib: f64 = line.and_then(|line| line.split_whitespace().next()).context("`/proc/PID/status` has changed")?.parse()?;
    Ok(kib / 1024.0)
}

/// Runs it to its end, and fails if it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let text = text_of(command);
    eprintln!("$ {text}");
    let status = command.status().with_context(|| format!("cannot start `{text}`"))?;
    if status.success() { Ok(()) } else { bail!("`{text}` failed with {status}") }
}

/// Runs it to its end, and gives what it printed.
pub fn read(command: &mut Command) -> Result<String> {
    let text = text_of(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start `{text}`"))?;
    if !output.status.success() {
        bail!("`{text}` failed with {}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A server that said it is ready.
pub struct Server {
    child: Child,
    /// What it said.
    pub said: Json,
    /// Kept open: a server that prints into a closed pipe would end.
    _printed: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a server and waits for a line of JSON that has this name in it. Its errors go
    /// into `log`.
    pub fn start(command: &mut Command, name: &str, log: &Path) -> Result<Self> {
        let text = text_of(command);
        let errors = std::fs::File::create(log)?;
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).spawn()?;
        let mut printed = BufReader::new(child.stdout.take().context("the server has no output")?);
        let mut line = String::new();
        loop {
            line.clear();
            if printed.read_line(&mut line)? == 0 {
                let status = child.wait()?;
                let errors = std::fs::read_to_string(log).unwrap_or_default();
                bail!("`{text}` ended with {status} before it was ready:\n{}", errors.trim_end());
            }
            if let Ok(said) = serde_json::from_str::<Json>(&line)
                && said.get(name).is_some()
            {
                return Ok(Self { child, said, _printed: printed });
            }
        }
    }

    /// A text of what it said.
    pub fn said(&self, name: &str) -> Result<&str> {
        self.said.get(name).and_then(Json::as_str).with_context(|| format!("the server did not say its `{name}`"))
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Processor time that it has used, in seconds.
    pub fn cpu_s(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id()))?;
        // The name, in brackets, may hold anything; after it come fields 3 and on.
        let (_, rest) = stat.rsplit_once(')').context("`/proc/PID/stat` has changed")?;
        let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? / TICKS_PER_S)
    }

    /// Memory of its own, without what it maps from files, in MiB.
    pub fn anonymous_mib(&self) -> Result<f64> {
        anonymous_mib(self.id())
    }

    /// Waits until it has nothing left to do, so that one round does not pay for another.
    pub fn settle(&self) -> Result<()> {
        let end = Instant::now() + SETTLE_MAX;
        let mut before = self.cpu_s()?;
        loop {
            std::thread::sleep(SETTLE_LOOK);
            let now = self.cpu_s()?;
            // One tick may be a timer's.
            if now - before < 1.5 / TICKS_PER_S {
                return Ok(());
            }
            if Instant::now() > end {
                bail!("a server still works {} seconds after its load has ended", SETTLE_MAX.as_secs());
            }
            before = now;
        }
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(mut self) -> Result<()> {
        run_quietly(Command::new("kill").args(["-TERM", &self.id().to_string()]))?;
        let end = Instant::now() + STOP_MAX;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > end {
                bail!("a server did not stop within {} seconds", STOP_MAX.as_secs());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Ends it as a crash would.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run_quietly(command: &mut Command) -> Result<()> {
    let text = text_of(command);
    let status = command.status().with_context(|| format!("cannot start `{text}`"))?;
    if status.success() { Ok(()) } else { bail!("`{text}` failed with {status}") }
}
