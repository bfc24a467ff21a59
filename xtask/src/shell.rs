//! Runs other programs.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::stop::{self, Stop};

/// Most time that a command has to end well once it was told to stop.
const STOP_MAX: Duration = Duration::from_secs(10);
/// Between one look at a command that runs and the next: short at first, for those that end at once.
const LOOK_MIN: Duration = Duration::from_millis(1);
const LOOK_MAX: Duration = Duration::from_millis(50);

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
    let status = status(command)?;
    if status.success() { Ok(()) } else { bail!("`{text}` failed with {status}") }
}

/// Runs it, whatever comes of it. It ends when this program is told to stop.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    status_until(command, stop::listen()?)
}

fn status_until(command: &mut Command, stop: &Stop) -> Result<ExitStatus> {
    let mut child = start(command, stop)?;
    end_or_stop(&mut child, stop)
}

/// Runs it quietly, whatever comes of it. It ends when this program is told to stop.
pub fn output(command: &mut Command) -> Result<Output> {
    output_until(command, stop::listen()?)
}

fn output_until(command: &mut Command, stop: &Stop) -> Result<Output> {
    let mut child = start(command.stdout(Stdio::piped()).stderr(Stdio::piped()), stop)?;
    let (stdout, stderr) = (child.stdout.take().map(drain), child.stderr.take().map(drain));
    let status = end_or_stop(&mut child, stop)?;
    let all = |reader: Option<JoinHandle<Vec<u8>>>| reader.and_then(|reader| reader.join().ok()).unwrap_or_default();
    Ok(Output { status, stdout: all(stdout), stderr: all(stderr) })
}

/// Runs what puts something away: quietly, and also after this program was told to stop.
pub fn put_away(command: &mut Command) -> Result<()> {
    let text = text_of(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{text}`"))?;
    well(&text, &output)
}

fn well(text: &str, output: &Output) -> Result<()> {
    if output.status.success() {
        return Ok(());
    }
    bail!("`{text}` failed with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim())
}

/// Starts it in a process group of its own, so that it can be ended with all that it started.
fn start(command: &mut Command, stop: &Stop) -> Result<Child> {
    if stop.is_told() {
        bail!("stopped");
    }
    let text = text_of(command);
    command.stdin(Stdio::null()).process_group(0).spawn().with_context(|| format!("cannot start `{text}`"))
}

/// Reads a pipe to its end, so that nobody waits for a full one.
fn drain(mut pipe: impl std::io::Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut read = Vec::new();
        let _ = pipe.read_to_end(&mut read);
        read
    })
}

/// Runs it quietly and gives what it printed; fails with its errors if it fails.
pub fn read(command: &mut Command) -> Result<String> {
    let output = output(command)?;
    well(&text_of(command), &output)?;
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
    let (reader, writer) = std::io::pipe()?;
    let mut child = start(command.stdout(writer.try_clone()?).stderr(writer), stop)?;
    // The command keeps the writing ends of the pipe; they must go for the reader to see an end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let printed = drain(reader);
    let ended = end_within(&mut child, limit, stop);
    let printed = String::from_utf8_lossy(&printed.join().unwrap_or_default()).into_owned();
    Ok(Timed { success: ended?, printed })
}

/// The same, with what it prints shown at once. `None` if its time ran out.
pub fn watch_for(command: &mut Command, limit: Duration) -> Result<Option<bool>> {
    let stop = stop::listen()?;
    let mut child = start(command, stop)?;
    end_within(&mut child, limit, stop)
}

/// Waits for its end, and ends its group after it.
fn end_within(child: &mut Child, limit: Duration, stop: &Stop) -> Result<Option<bool>> {
    let ended = wait_for(child, Some(limit), || stop.is_told())?;
    if ended.is_none() && stop.is_told() {
        return stop_group(child);
    }
    // What is left of the group: the hung test, or helpers that it forgot.
    signal_group(child, "-KILL");
    child.wait()?;
    Ok(ended.map(|status| status.success()))
}

/// Waits for its end, however long that takes. What it leaves running on purpose runs on, such as a
/// database; when it is told to stop, all that it started ends with it.
fn end_or_stop(child: &mut Child, stop: &Stop) -> Result<ExitStatus> {
    match wait_for(child, None, || stop.is_told())? {
        Some(status) => Ok(status),
        None => stop_group(child),
    }
}

/// Ends it with all that it started. It is told so first, since it may have something to put away:
/// not as by Ctrl-C, which whatever was started in the background ignores.
fn stop_group<T>(child: &mut Child) -> Result<T> {
    signal_group(child, "-TERM");
    let _ = wait_for(child, Some(STOP_MAX), || false)?;
    signal_group(child, "-KILL");
    child.wait()?;
    bail!("stopped")
}

/// How it ended; `None` if it did not in time, or until nobody wants to wait any more.
fn wait_for(child: &mut Child, limit: Option<Duration>, is_enough: impl Fn() -> bool) -> Result<Option<ExitStatus>> {
    let begun = Instant::now();
    let mut pause = LOOK_MIN;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if limit.is_some_and(|limit| begun.elapsed() >= limit) || is_enough() {
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = LOOK_MAX.min(pause * 2);
    }
}

/// The group may be gone already.
fn signal_group(child: &Child, signal: &str) {
    let _ = put_away(Command::new("kill").args([signal, "--", &format!("-{}", child.id())]));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a stopped command started is stopped, too: it holds the pipe, so that reading ends only
    /// with it.
    #[test]
    fn a_stopped_command_ends_with_all_that_it_started() {
        let minute = Duration::from_secs(60);
        stopped(|command, stop| run_until(command, minute, stop).map(drop));
        stopped(|command, stop| output_until(command, stop).map(drop));
        stopped(|command, stop| status_until(command, stop).map(drop));
    }

    /// Runs a command that would take a minute, and stops it when it has started others.
    fn stopped(run: impl FnOnce(&mut Command, &Stop) -> Result<()>) {
        let (began, stop) = (Instant::now(), Stop::default());
        let directory = std::env::temp_dir().join(format!("xtask-stop-{}-{:?}", std::process::id(), began));
        std::fs::create_dir_all(&directory).unwrap();
        let script = "trap 'echo x > put_away; exit 0' TERM; sleep 60 & echo $! > helper; mv helper started; wait";
        let error = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !directory.join("started").exists() && began.elapsed() < Duration::from_secs(30) {
                    std::thread::yield_now();
                }
                stop.tell();
            });
            run(Command::new("sh").args(["-c", script]).current_dir(&directory), &stop).unwrap_err()
        });
        assert_eq!(error.to_string(), "stopped");
        assert!(began.elapsed() < Duration::from_secs(30), "it ended by itself");
        assert!(directory.join("put_away").exists(), "it was not told first");
        let helper = std::fs::read_to_string(directory.join("started")).unwrap();
        while lives(helper.trim()) {
            assert!(began.elapsed() < Duration::from_secs(30), "what it started lives on");
            std::thread::yield_now();
        }
        std::fs::remove_dir_all(directory).unwrap();
    }

    /// Whoever ended and was not fetched by its parent yet has the state `Z`.
    fn lives(process: &str) -> bool {
        let state = output_until(Command::new("ps").args(["-o", "stat=", "-p", process]), &Stop::default()).unwrap().stdout;
        state.first().is_some_and(|state| *state != b'Z')
    }

    #[test]
    fn nothing_is_started_after_the_stop_but_what_puts_away() {
        let stop = Stop::default();
        stop.tell();
        assert_eq!(output_until(&mut Command::new("true"), &stop).unwrap_err().to_string(), "stopped");
        assert_eq!(status_until(&mut Command::new("true"), &stop).unwrap_err().to_string(), "stopped");
        put_away(&mut Command::new("true")).unwrap();
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
