//! The real server as a process of its own.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::shell::{self, cargo};

/// The first start writes two years of data.
const READY_MAX: Duration = Duration::from_secs(600);

/// A running server. It is killed when this is dropped.
pub struct Server {
    process: Child,
    /// `http://127.0.0.1:…`
    pub base_url: String,
    /// A key that may do everything in the clinic.
    pub admin_key: String,
    /// The smaller clinic of the demo; empty where there is no demo.
    pub other_clinic_id: String,
}

/// Builds it and gives the path of the binary.
pub fn build(release: bool) -> Result<PathBuf> {
    let root = shell::root()?;
    let mut build = cargo();
    build.args(["build", "--quiet", "--package", "clinicos-server", "--bin", "clinicos"]);
    shell::run(build.args(release.then_some("--release")).current_dir(&root))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join(if release { "release" } else { "debug" }).join("clinicos"))
}

impl Server {
    /// Starts it and waits for the line that says it is ready.
    pub fn start(binary: &Path, data: &Path, log: &Path) -> Result<Self> {
        Self::start_with(&mut Command::new(binary), data, log)
    }

    /// The same, with what the command holds already.
    pub fn start_with(command: &mut Command, data: &Path, log: &Path) -> Result<Self> {
        let (mut server, line) =
            Self::ready(command.args(["demo", "--still", "--no-limits", "--clients", "2000", "--invoices", "15000"]), data, log)?;
        let field = |name: &str| {
            line.get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
                .with_context(|| format!("the line of `demo --json` lacks `{name}`"))
        };
        server.base_url = field("base_url")?;
        server.admin_key = field("admin_key")?;
        server.other_clinic_id = field("other_clinic_id")?;
        Ok(server)
    }

    /// Serves a data directory that exists, without a key of its own.
    pub fn serve(binary: &Path, data: &Path, log: &Path) -> Result<Self> {
        let (mut server, line) = Self::ready(Command::new(binary).arg("serve"), data, log)?;
        let base_url = line.get("base_url").and_then(Value::as_str);
        server.base_url = base_url.context("the line of `serve --json` lacks `base_url`")?.to_owned();
        Ok(server)
    }

    /// Starts it; gives the line that says it is ready.
    fn ready(command: &mut Command, data: &Path, log: &Path) -> Result<(Self, Value)> {
        let log = File::options().create(true).append(true).open(log)?;
        command.args(["--json", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data);
        let process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn();
        let mut process = process.with_context(|| format!("cannot start `{}`", shell::text_of(command)))?;
        let output = process.stdout.take().context("the server has no output")?;
        let (found, ready) = channel();
        // It reads on to the end, so that the server never waits for a full pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Ok(value) = serde_json::from_str::<Value>(&line) {
                    let _ = found.send(value);
                }
            }
        });
        let server = Self { process, base_url: String::new(), admin_key: String::new(), other_clinic_id: String::new() };
        let line = ready.recv_timeout(READY_MAX).context("the server ended or said nothing; see its log")?;
        Ok((server, line))
    }

    /// Kills it at once: SIGKILL.
    pub fn kill(mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How often a server panicked, as it tells whoever can open its control socket.
pub fn panics(data: &Path) -> Result<u64> {
    let mut stream = UnixStream::connect(data.join("control.sock")).context("the control socket cannot be opened")?;
    stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: clinicos\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    let told: Value = serde_json::from_str(body).with_context(|| format!("health said `{answer}`"))?;
    told.get("panics").and_then(Value::as_u64).context("health on the control socket does not count panics")
}

/// What `clinicos doctor` finds in a data directory that nobody serves.
pub fn doctor(binary: &Path, data: &Path) -> Result<Vec<String>> {
    let output = shell::output(Command::new(binary).args(["doctor", "--json", "--data-dir"]).arg(data))?;
    // It fails when it finds something, but prints what it found all the same.
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text
        .lines()
        .next_back()
        .with_context(|| format!("`clinicos doctor` said nothing: {}", String::from_utf8_lossy(&output.stderr).trim()))?;
    let found: Value = serde_json::from_str(line).context("`clinicos doctor --json` printed no JSON")?;
    let Some(fields) = found.as_object() else { bail!("`clinicos doctor --json` printed no object") };
    if fields.get("audit_entries").and_then(Value::as_u64).unwrap_or(0) == 0 {
        bail!("`clinicos doctor` found no audit entries at all");
    }
    // Counts of what there is are good; counts of what must not be are zero.
    let bad = |name: &str| ["_without_", "gaps", "damaged", "doubled"].iter().any(|word| name.contains(word));
    let complaints = fields.iter().filter(|(name, count)| bad(name) && count.as_u64() != Some(0));
    let mut complaints: Vec<String> = complaints.map(|(name, count)| format!("doctor: {name} is {count}")).collect();
    if complaints.is_empty() && !output.status.success() {
        complaints.push(format!("doctor: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(complaints)
}
