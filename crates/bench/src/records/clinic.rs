//! A clinic that took in an export: served, walked through, and written out again.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;

use super::directory;
use super::report::{Export, Import};
use crate::client;
use crate::demo::{DATABASE_VARIABLE, Demo, Sizes, Start, next_target};
use crate::process::{self, SERVER_CORE, TICKS_PER_S, pinned};

/// The server begins with a clinic of its own; that one is only as large as it must be.
const SIZES: Sizes = Sizes { invoices: 50, clients: 20 };
/// Records of the pages that lead to the middle.
const STRIDE: u64 = 200;

/// Where a clinic is.
pub struct Place<'p> {
    /// The server.
    pub binary: &'p Path,
    /// Its data directory.
    pub directory: PathBuf,
    /// A database on PostgreSQL in place of a file.
    pub postgres: Option<&'p str>,
}

/// A clinic with records, served.
pub struct Clinic<'p> {
    place: Place<'p>,
    /// The server.
    pub demo: Demo,
    id: String,
    /// A key that reads everything.
    pub key: String,
}

impl<'p> Clinic<'p> {
    /// Makes a clinic and takes an export in. The server is started again behind that, so that nothing
    /// of the making is in its memory.
    pub fn make(place: Place<'p>, export: &Path) -> Result<(Self, Import)> {
        let demo = place.start()?;
        let clinic = place.ask(&["clinic", "create", "--organization", "Bench", "--name", "Bench"])?;
        let id = text(&clinic, "id")?;
        let began = Instant::now();
        let mut import = place.command(Command::new(place.binary), &["import-record", "--json", "--clinic", &id]);
        let said: Json = serde_json::from_str(&process::read(import.arg("--from").arg(export))?)?;
        let records = said.get("records").and_then(Json::as_u64).context("the import told no `records`")?;
        let import = Import { records, wall_s: began.elapsed().as_secs_f64() };
        let granted = ["key", "create", "--clinic", &id, "--name", "Bench", "--reason", "Measures lists", "--admin"];
        let key = text(&place.ask(&granted)?, "secret")?;
        demo.server.stop()?;
        let demo = place.start()?;
        Ok((Self { place, demo, id, key }, import))
    }

    /// The page in the middle of a list of so many.
    pub fn middle(&self, resource: &str, records: u64, limit: usize) -> Result<String> {
        // A cursor is bound to filters and sort, not to fields and limit: thin, long pages lead there sooner.
        let mut target = format!("/v1/{resource}?limit={STRIDE}&fields=id");
        for _ in 0..records / 2 / STRIDE {
            let page = client::get_json(self.demo.address, &target, Some(&self.key))?;
            target = next_target(&page)?.context("the list ended before its middle")?;
        }
        Ok(target.replace("&fields=id", "").replace(&format!("limit={STRIDE}"), &format!("limit={limit}")))
    }

    /// How many records a page has.
    pub fn page_records(&self, target: &str) -> Result<usize> {
        let page = client::get_json(self.demo.address, target, Some(&self.key))?;
        Ok(page.get("data").and_then(Json::as_array).context("the list has no `data`")?.len())
    }

    /// Stops the server, and writes the clinic's record out on one core. What was taken in must come out.
    pub fn export(self, engine: &'static str, taken_in: &Path, to: &Path) -> Result<Export> {
        self.demo.server.stop()?;
        let mut export = self.place.command(pinned(SERVER_CORE, self.place.binary), &["export", "--json", "--clinic", &self.id]);
        let (cpu_before, began) = (children_cpu_s()?, Instant::now());
        process::read(export.arg("--to").arg(to))?;
        let (wall_s, cpu_s) = (began.elapsed().as_secs_f64(), children_cpu_s()? - cpu_before);
        let (before, after) = (directory::files(taken_in)?, directory::files(to)?);
        for (resource, file) in &before {
            // The status of an invoice follows from the day, so their bytes may differ.
            let same = |other: &directory::File| other == file || (resource == "invoices" && other.records == file.records);
            if !after.get(resource).is_some_and(same) {
                bail!("what came out of {resource} is not what was taken in");
            }
        }
        let (records, bytes) = (after.values().map(|file| file.records).sum(), after.values().map(|file| file.bytes).sum());
        Ok(Export::new(engine, records, bytes, wall_s, cpu_s))
    }
}

impl Place<'_> {
    fn start(&self) -> Result<Demo> {
        Demo::start(Start { binary: self.binary, directory: &self.directory, sizes: SIZES, postgres: self.postgres })
    }

    /// A command of the server's program on this data.
    fn command(&self, mut command: Command, arguments: &[&str]) -> Command {
        command.args(arguments).arg("--data-dir").arg(&self.directory);
        match self.postgres {
            Some(url) => command.env(DATABASE_VARIABLE, url),
            None => command.env_remove(DATABASE_VARIABLE),
        };
        command
    }

    fn ask(&self, arguments: &[&str]) -> Result<Json> {
        let said = process::read(self.command(Command::new(self.binary), arguments).arg("--json"))?;
        Ok(serde_json::from_str(&said)?)
    }
}

fn text(said: &Json, name: &str) -> Result<String> {
    said.get(name).and_then(Json::as_str).map(str::to_owned).with_context(|| format!("the server did not say its `{name}`"))
}

/// Processor time of the programs that this one started and that have ended, in seconds.
fn children_cpu_s() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name, in brackets, may hold anything; after it come fields 3 and on.
    let (_, rest) = stat.rsplit_once(')').context("`/proc/self/stat` has changed")?;
    let ticks = rest.split_whitespace().skip(13).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / TICKS_PER_S)
}
