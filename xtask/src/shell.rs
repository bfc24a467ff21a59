//! Runs other programs.

use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

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

/// Runs it in a process group of its own and ends the group when its time is over.
pub fn run_for(command: &mut Command, limit: Duration) -> Result<Timed> {
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
    let success = end_within(&mut child, limit)?;
    Ok(Timed { success, printed: printed.join().unwrap_or_default() })
}

/// The same, with what it prints shown at once. `None` if its time ran out.
pub fn watch_for(command: &mut Command, limit: Duration) -> Result<Option<bool>> {
    let text = text_of(command);
    let mut child = command.stdin(Stdio::null()).process_group(0).spawn().with_context(|| format!("cannot start `{text}`"))?;
    end_within(&mut child, limit)
}

/// Waits for its end, and ends its group after it.
fn end_within(child: &mut Child, limit: Duration) -> Result<Option<bool>> {
    let end = Instant::now() + limit;
    let mut success = None;
    while success.is_none() && Instant::now() < end {
        success = child.try_wait()?.map(|status| status.success());
        std::thread::sleep(Duration::from_millis(50));
    }
    // What is left of the group: the hung test, or helpers that it forgot.
    let _ = output(Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]));
    child.wait()?;
    Ok(success)
}
