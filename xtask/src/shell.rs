//! Runs other programs.

use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::stop::{self, Stop};

/// Most time that a command has to end well once it was told to stop.
const STOP_MAX: Duration = Duration::from_secs(10);

/// The root of the repository.
pub fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.parent().context("xtask lies in no directory")?.to_owned())
}

/// The cargo that runs us.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The command as a person would type it.
pub fn text_of(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// Shows it, runs it, and fails if it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let text = text_of(command);
    eprintln!("$ {text}");
    let status = command.status().with_context(|| format!("cannot start `{text}`"))?;
    if status.success() { Ok(()) } else { bail!("`{text}` failed with {status}") }
}

/// Runs it quietly, whatever comes of it.
pub fn output(command: &mut Command) -> Result<Output> {
    let text = text_of(command);
    command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{text}`"))
}

/// Runs it quietly and gives what it printed; fails with its errors if it fails.
pub fn read(command: &mut Command) -> Result<String> {
    let output = output(command)?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed with {}: {}", text_of(command), output.status, errors.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether it runs and succeeds.
pub fn succeeds(command: &mut Command) -> bool {
    output(command).is_ok_and(|output| output.status.success())
}

/// Where a program is on the path.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|directory| directory.join(program)).find(|file| file.is_file())
}

/// Whether a program is on the path.
pub fn has(program: &str) -> bool {
    find(program).is_some()
}

/// Whether we may install and start things.
pub fn is_root() -> bool {
    read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// What came of a command with a time limit.
#[derive(Debug)]
pub struct Timed {
    /// Whether it succeeded; `None` if its time ran out.
    pub success: Option<bool>,
    /// What it printed to both streams.
    pub printed: String,
}

/// Runs it in a process group of its own, and ends the group when its time is over or this program
/// is told to stop.
pub fn run_for(command: &mut Command, limit: Duration) -> Result<Timed> {
    run_until(command, limit, stop::listen()?)
}

fn run_until(command: &mut Command, limit: Duration, stop: &Stop) -> Result<Timed> {
    let text = text_of(command);
    let (mut reader, writer) = std::io::pipe()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start `{text}`"))?;
    // The command keeps the writing ends of the pipe; they must go for the reader to see an end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let printed = std::thread::spawn(move || {
        let mut printed = Vec::new();
        let _ = reader.read_to_end(&mut printed);
        String::from_utf8_lossy(&printed).into_owned()
    });
    let ended = end_within(&mut child, limit, stop);
    let printed = printed.join().unwrap_or_default();
    Ok(Timed { success: ended?, printed })
}

/// The same, with what it prints shown at once. `None` if its time ran out.
pub fn watch_for(command: &mut Command, limit: Duration) -> Result<Option<bool>> {
    let (text, stop) = (text_of(command), stop::listen()?);
    let mut child = command.stdin(Stdio::null()).process_group(0).spawn().with_context(|| format!("cannot start `{text}`"))?;
    end_within(&mut child, limit, stop)
}

/// Waits for its end, and ends its group after it. What is told to stop is told so first, as by
/// Ctrl-C: it may have something to put away.
fn end_within(child: &mut Child, limit: Duration, stop: &Stop) -> Result<Option<bool>> {
    let mut success = wait_for(child, limit, || stop.is_told())?;
    let is_stopped = success.is_none() && stop.is_told();
    if is_stopped {
        signal_group(child, "-INT");
        success = wait_for(child, STOP_MAX, || false)?;
    }
    // What is left of the group: the hung test, or helpers that it forgot.
    signal_group(child, "-KILL");
    child.wait()?;
    if is_stopped { bail!("stopped") } else { Ok(success) }
}

/// Whether it succeeded; `None` if it did not end in time, or until nobody wants to wait any more.
fn wait_for(child: &mut Child, limit: Duration, is_enough: impl Fn() -> bool) -> Result<Option<bool>> {
    let end = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if Instant::now() >= end || is_enough() {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The group may be gone already.
fn signal_group(child: &Child, signal: &str) {
    let _ = output(Command::new("kill").args([signal, "--", &format!("-{}", child.id())]));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a stopped command started is stopped, too: it holds the pipe, so that reading ends only
    /// with it.
    #[test]
    fn a_stopped_command_ends_with_all_that_it_started() {
        let started = Instant::now();
        let stop = Stop::default();
        stop.tell();
        let script = "trap 'echo put away; exit 0' INT; sleep 60 & sleep 60 & echo started; wait";
        let error = run_until(Command::new("sh").args(["-c", script]), Duration::from_secs(60), &stop).unwrap_err();
        assert_eq!(error.to_string(), "stopped");
        assert!(started.elapsed() < Duration::from_secs(30), "it ended by itself");
    }

    #[test]
    fn a_command_that_is_not_stopped_says_how_it_went() {
        let run = |script: &str, limit| run_until(Command::new("sh").args(["-c", script]), limit, &Stop::default()).unwrap();
        let minute = Duration::from_secs(60);
        let good = run("echo good", minute);
        assert_eq!((good.success, good.printed.as_str()), (Some(true), "good\n"));
        assert_eq!(run("exit 3", minute).success, Some(false));
        assert_eq!(run("sleep 60 & wait", Duration::ZERO).success, None);
    }
}
