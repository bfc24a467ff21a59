//! Kills imports at random moments, and runs them again until they come to their end; what is there
//! then must equal what an import leaves that nobody disturbed: every value but ids and times, and
//! the report.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::fault::kill::mix;
use crate::fault::server::{self, Server};
use crate::shell;

/// Clients, invoices and payments of the files.
const CLIENTS: u64 = 600;
const INVOICES: u64 = 4_000;
const PAYMENTS: u64 = 1_500;

const MAPPING: &str = r#"
system = "old"

[[file]]
name = "clients.csv"
resource = "clients"
key = "id"

[file.fields]
family_name = "name"

[[file]]
name = "invoices.csv"
resource = "invoices"
key = "id"

[file.fields]
client_external_id = "client"
number = { template = "K-{id}" }
stage = { value = "open" }
issued_on = "day"

[file.fields.lines]
file = "lines.csv"
parent = "invoice"

[file.fields.lines.fields]
description = "what"
quantity = "quantity"
unit_price = "price"

[[file]]
name = "payments.csv"
resource = "payments"
key = "id"

[file.fields]
client_external_id = "client"
amount = "amount"
method = { value = "cash" }
tendered_at = "day"
allocations = [{ invoice_external_id = "invoice", amount = "amount" }]
"#;

/// Most kills of one import.
const KILLS_OF_ONE: u64 = 3;

/// Runs imports of this program that are killed, up to three times each, and compares what they
/// come to.
pub fn kills(rounds: u64, seed: u64, binary: &Path) -> Result<()> {
    let home = shell::root()?.join("target/fault/import");
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    let files = home.join("files");
    write_files(&files)?;
    let empty = Place::make(binary, &home.join("empty"))?;
    let calm = empty.copy(&home.join("calm"))?;
    let started = Instant::now();
    let report = calm.import(&files)?.wait()?.context("an import that nobody disturbs must end")?;
    let whole = started.elapsed();
    let expected = calm.everything()?;
    for (what, rows) in &expected {
        println!("{what}: {} rows are expected", rows.len());
    }
    let mut kills = 0;
    for round in 0..rounds {
        let place = empty.copy(&home.join("disturbed"))?;
        let (mut moments, mut told) = (Vec::new(), None);
        for kill in 0..1 + mix(seed ^ round) % KILLS_OF_ONE {
            let part = mix(seed.wrapping_add(round * KILLS_OF_ONE + kill)) % 1_000;
            let moment = whole.mul_f64(0.02 + 0.9 * part as f64 / 1_000.0);
            let ended = place.import(&files)?.kill_after(moment)?;
            if ended.killed {
                moments.push(moment.as_millis());
            }
            told = ended.report;
            if told.is_some() || !ended.killed {
                break;
            }
        }
        kills += moments.len();
        let last = match told {
            Some(told) => told,
            None => place.import(&files)?.wait()?.context("the last run must end")?,
        };
        compare(&place, &expected, &report, &last)
            .with_context(|| format!("round {round}, killed after {moments:?} ms; see {}", place.data.display()))?;
        eprintln!("round {round}: killed after {moments:?} ms, and whole");
        std::fs::remove_dir_all(&place.data)?;
    }
    ensure!(kills as u64 >= rounds / 2, "only {kills} kills in {rounds} rounds: they show nothing");
    println!("{rounds} imports, {kills} kills: each result equals an undisturbed import, and so does each report");
    Ok(())
}

fn compare(place: &Place, expected: &[(&str, Vec<String>)], report: &Value, last: &Value) -> Result<()> {
    ensure!(last.get("files") == report.get("files"), "the reports differ: {report} and {last}");
    let found = place.everything()?;
    for (what, expected) in expected {
        let found = found.iter().find(|(name, _)| name == what).map(|(_, rows)| rows);
        ensure!(found == Some(expected), "{what}: the rows differ");
    }
    let complaints = server::doctor(&place.binary, &place.data)?;
    ensure!(complaints.is_empty(), "{}", complaints.join("; "));
    Ok(())
}

fn write_files(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir)?;
    std::fs::write(dir.join("old.toml"), MAPPING)?;
    let table = |head: &str, rows: Vec<String>| format!("{head}\n{}\n", rows.join("\n"));
    let clients = (0..CLIENTS).map(|id| format!("{id},Owner {id}"));
    std::fs::write(dir.join("clients.csv"), table("id,name", clients.collect()))?;
    let client = |invoice: u64| mix(invoice) % CLIENTS;
    let invoices = (0..INVOICES).map(|id| format!("{id},{},2025-{:02}-{:02}", client(id), id % 12 + 1, id % 28 + 1));
    std::fs::write(dir.join("invoices.csv"), table("id,client,day", invoices.collect()))?;
    let lines = (0..INVOICES * 2).map(|id| format!("{},Thing {},{}.5,{}.25", id / 2, id % 9, id % 3 + 1, id % 200 + 5));
    std::fs::write(dir.join("lines.csv"), table("invoice,what,quantity,price", lines.collect()))?;
    let payments = (0..PAYMENTS).map(|id| format!("{id},{},{id},{}.00,2025-12-0{}", client(id), id % 5 + 1, id % 9 + 1));
    std::fs::write(dir.join("payments.csv"), table("id,client,invoice,amount,day", payments.collect()))?;
    Ok(())
}

/// A data directory with one clinic.
struct Place {
    binary: PathBuf,
    data: PathBuf,
    clinic: String,
}

/// An import that runs.
struct Running(std::process::Child);

impl Place {
    fn make(binary: &Path, data: &Path) -> Result<Self> {
        run(binary, data, &["init", "--environment", "sandbox"])?;
        let clinic = run(binary, data, &["clinic", "create", "--organization", "Fault", "--name", "Fault"])?;
        let clinic = clinic.get("id").and_then(Value::as_str).context("the clinic has no id")?.to_owned();
        Ok(Self { binary: binary.to_owned(), data: data.to_owned(), clinic })
    }

    /// The same again, elsewhere.
    fn copy(&self, data: &Path) -> Result<Self> {
        if data.exists() {
            std::fs::remove_dir_all(data)?;
        }
        std::fs::create_dir_all(data)?;
        for entry in std::fs::read_dir(&self.data)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                std::fs::copy(entry.path(), data.join(entry.file_name()))?;
            }
        }
        Ok(Self { binary: self.binary.clone(), data: data.to_owned(), clinic: self.clinic.clone() })
    }

    fn import(&self, files: &Path) -> Result<Running> {
        let mut command = Command::new(&self.binary);
        command.args(["import", "--json", "--clinic", &self.clinic, "--mapping"]).arg(files.join("old.toml")).arg(files);
        command.arg("--data-dir").arg(&self.data).stdout(Stdio::piped()).stderr(Stdio::null());
        Ok(Running(command.spawn()?))
    }

    /// Every record, without what two imports cannot have in common.
    fn everything(&self) -> Result<Vec<(&'static str, Vec<String>)>> {
        let key = run(
            &self.binary,
            &self.data,
            &["key", "create", "--clinic", &self.clinic, "--name", "Fault", "--reason", "A test", "--admin"],
        )?;
        let key = key.get("secret").and_then(Value::as_str).context("the key has no secret")?.to_owned();
        let server = Server::serve(&self.binary, &self.data, &self.data.with_extension("log"))?;
        let mut client = crate::http::Client::connect(&server.base_url, &key)?;
        let mut all = Vec::new();
        for (what, list) in [
            ("clients", "/v1/clients?limit=200"),
            ("invoices", "/v1/invoices?limit=100&include=lines"),
            ("payments", "/v1/payments?limit=200"),
        ] {
            let mut rows = Vec::new();
            let mut next = Some(list.to_owned());
            while let Some(target) = next {
                let answer = client.get(&target)?;
                if answer.status == 429 {
                    std::thread::sleep(Duration::from_secs(2));
                    next = Some(target);
                    continue;
                }
                let page = answer.success()?;
                for record in page.get("data").and_then(Value::as_array).into_iter().flatten() {
                    rows.push(plain(record.clone()).to_string());
                }
                let url = page.get("next_page_url").and_then(Value::as_str);
                next = url.and_then(|url| Some(url.get(server.base_url.len()..)?.to_owned()));
            }
            rows.sort();
            all.push((what, rows));
        }
        Ok(all)
    }
}

/// Runs a command that prints JSON.
fn run(binary: &Path, data: &Path, arguments: &[&str]) -> Result<Value> {
    let output = shell::output(Command::new(binary).args(arguments).arg("--json").arg("--data-dir").arg(data))?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout).unwrap_or_default())
}

/// A record without ids of ours and times of ours.
fn plain(mut record: Value) -> Value {
    if let Value::Object(members) = &mut record {
        for name in ["id", "clinic_id", "client_id", "invoice_id", "created_at", "updated_at", "version"] {
            members.remove(name);
        }
        for inner in members.values_mut().filter_map(Value::as_array_mut).flatten() {
            *inner = plain(inner.take());
        }
    }
    record
}

impl Running {
    /// The report, if it ended well.
    fn wait(self) -> Result<Option<Value>> {
        let output = self.0.wait_with_output()?;
        Ok(if output.status.success() { serde_json::from_slice(&output.stdout).ok() } else { None })
    }

    /// Kills it, unless it is over before.
    fn kill_after(mut self, moment: Duration) -> Result<Ended> {
        let end = Instant::now() + moment;
        let mut killed = true;
        while Instant::now() < end {
            if let Some(status) = self.0.try_wait()? {
                ensure!(status.success(), "the import failed by itself: {status}");
                killed = false;
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        // Of one that is over already, this does nothing.
        self.0.kill()?;
        let output = self.0.wait_with_output()?;
        // What it told before it was killed was told: the next run is another import.
        Ok(Ended { killed, report: serde_json::from_slice(&output.stdout).ok() })
    }
}

/// How a run came to its end.
struct Ended {
    killed: bool,
    report: Option<Value>,
}
