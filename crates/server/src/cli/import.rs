//! `clinicos import`

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use clinicos_gate::Catalogue;
use clinicos_intake::{Mapping, Proposal, read};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::bar::Bar;
use super::client::Client;
use super::{Place, System, clinic, output, watch};
use crate::compose;
use crate::import::way::{Answer, Batch, Way};
use crate::import::{FileCount, Progress, Run, mappings, preview, rejects, report};

/// What is said when the server ends beneath an import.
const GONE: &str = "the server ended, or was ended, while records were being imported. What was written stays, and what stands above \
     is what was heard of it. Start the server again if it is to run, and give the same command again: the import goes on where it \
     was cut off";

/// The exit code that says: it is done, and some records were not imported.
const SOME_REJECTED: u8 = 3;

/// What `import` takes.
#[derive(Args, Clone)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The clinic's id
    #[arg(long, required_unless_present = "propose", default_value = "", hide_default_value = true)]
    clinic: String,
    /// The mapping: a file, or the name of one that comes with the program (northwind, petclinic)
    #[arg(long, value_name = "FILE", required_unless_present = "propose", default_value = "", hide_default_value = true)]
    mapping: String,
    /// Where the files are
    #[arg(value_name = "DIR", required_unless_present_any = ["watch", "propose"])]
    dir: Option<PathBuf>,
    /// Only print a mapping that the CSV files of a directory speak for, to be looked at and changed
    #[arg(long, value_name = "DIR", conflicts_with_all = ["watch", "dir", "dry_run", "rejects"])]
    propose: Option<PathBuf>,
    /// Only tell what would happen
    #[arg(long)]
    dry_run: bool,
    /// Where the files of rejected records go, which is made if it is not there; beside the files themselves unless given, and
    /// with --dry-run nowhere
    #[arg(long, value_name = "DIR")]
    rejects: Option<PathBuf>,
    /// Keep looking at a directory: import what appears there, and move it to `done` or `failed`
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    watch: Option<PathBuf>,
    /// How often to look, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "watch", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: u64,
}

/// What one import came to.
pub struct Done {
    /// What became of each file.
    pub files: Vec<FileCount>,
    /// The files of rejected records.
    pub rejects: Vec<PathBuf>,
    /// The first reasons of rejected records, if no files tell them.
    pub reasons: Vec<String>,
    /// Why it could not go on, if it could not.
    pub failed: Option<anyhow::Error>,
    import_id: String,
    /// When the import was begun that this one goes on with, if it was cut off.
    began: Option<String>,
}

impl Done {
    fn is_whole(&self) -> bool {
        self.files.iter().all(|file| file.rejected + file.held_back == 0)
    }
}

/// Runs it.
pub async fn run(arguments: Arguments, system: System) -> anyhow::Result<ExitCode> {
    if let Some(dir) = &arguments.propose {
        return propose(dir);
    }
    let catalogue = Arc::new(compose::catalogue()?);
    let text = mapping_text(&arguments.mapping)?;
    let mapping = mappings::read(&text, &catalogue).with_context(|| format!("`{}`", arguments.mapping))?;
    if let Some(dir) = arguments.watch.clone() {
        let job = Job { arguments: &arguments, system: &system, mapping: &mapping, text: &text, catalogue };
        job.tell_watch(&dir);
        watch::run(&job, &dir, Duration::from_secs(arguments.every)).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let dir = arguments.dir.clone().context("name the directory of the files")?;
    let job = Job { arguments: &arguments, system: &system, mapping: &mapping, text: &text, catalogue };
    let done = job.import(&dir, &mut |done| job.tell(done)).await?;
    let whole = done.is_whole();
    match done.failed {
        Some(error) => Err(error),
        None => Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(SOME_REJECTED) }),
    }
}

/// Prints a mapping that the files of a directory speak for. Nothing is opened but the files.
fn propose(dir: &Path) -> anyhow::Result<ExitCode> {
    let cannot = || format!("`{}` cannot be read", dir.display());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(cannot)? {
        names.push(entry.with_context(cannot)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let (mut samples, mut unread) = (Vec::new(), Vec::new());
    let is_table = |name: &&String| {
        let name = name.to_ascii_lowercase();
        // What an earlier import left there is no file of the other system.
        [".csv", ".tsv", ".txt", ".jsonl", ".ndjson"].iter().any(|end| name.ends_with(end)) && !name.ends_with(rejects::SUFFIX)
    };
    for name in names.iter().filter(is_table) {
        match preview::head(dir, name)? {
            Ok(sample) => samples.push(sample),
            Err(why) => unread.push(format!("{name} is left out. {}", why.replace(['\n', '\r'], " "))),
        }
    }
    anyhow::ensure!(
        !samples.is_empty(),
        "`{}` has no CSV files with a line of column names on top{}",
        dir.display(),
        unread.iter().map(|why| format!("; {why}")).collect::<String>()
    );
    for why in &unread {
        output::line(&format!("# {why}"));
    }
    output::line(Proposal::of(samples).toml_with_guesses().trim_end());
    Ok(ExitCode::SUCCESS)
}

fn mapping_text(name: &str) -> anyhow::Result<String> {
    if let (false, Some(text)) = (Path::new(name).exists(), clinicos_intake::built_in(name)) {
        return Ok(text.to_owned());
    }
    match std::fs::read_to_string(name) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let own = clinicos_intake::built_in_names().join(" or ");
            anyhow::bail!(
                "--mapping: there is no file `{name}`, and no mapping of that name comes with the program; name {own}, or the file \
                 of a mapping of your own"
            )
        }
        read => read.with_context(|| format!("--mapping: the file `{name}` cannot be read")),
    }
}

/// What every import of this command shares.
pub struct Job<'j> {
    arguments: &'j Arguments,
    system: &'j System,
    /// What becomes what.
    pub mapping: &'j Mapping,
    text: &'j str,
    catalogue: Arc<Catalogue>,
}

impl Job<'_> {
    /// The clock and so on.
    pub fn system(&self) -> &System {
        self.system
    }

    /// Imports the files of a directory. `told` is given what they came to before the clinic's
    /// record of the import is closed: one that is cut off until then goes on when it is started
    /// again, and tells of the whole.
    pub async fn import(&self, dir: &Path, told: &mut (dyn FnMut(&Done) + Send)) -> anyhow::Result<Done> {
        if let rejects::Place::Files(files) = self.rejects(dir)
            && (self.arguments.rejects.is_some() || dir.is_dir())
        {
            files.check()?;
        }
        let client = Arc::new(Client::open(&self.arguments.place, self.system.clone()).await?);
        let done = self.with(&client, dir, told).await;
        if let Some(client) = Arc::into_inner(client) {
            client.close().await?;
        }
        done
    }

    async fn with(&self, client: &Arc<Client>, dir: &Path, told: &mut (dyn FnMut(&Done) + Send)) -> anyhow::Result<Done> {
        let Arguments { clinic, dry_run, .. } = self.arguments;
        let name = Path::new(&self.arguments.mapping).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let begin = json!({"name": name, "digest": self.digest(dir)?, "dry_run": dry_run});
        let begun = client.call("POST", &format!("/v1/imports/begin?clinic_id={clinic}"), Some(&begin)).await;
        let begun = clinic::explain(client, &self.arguments.place, clinic, None, begun).await?;
        let import_id = output::text(&begun, "id");
        let goes_on = begun.get("version").and_then(Value::as_i64).is_some_and(|version| version > 1);
        let began = goes_on.then(|| output::text(&begun, "created_at"));
        self.tell_resumed(began.as_deref());
        let way = Operator { client: client.clone(), clinic: clinic.clone() };
        let mut rejected = self.rejects(dir);
        rejected.clear()?;
        let mut bar = Bar::new(self.arguments.place.json);
        let mut files = Vec::new();
        let run = Run::new(self.mapping, dir, *dry_run, &import_id, &self.catalogue, &way, &mut rejected, &mut bar);
        let failed = { run }.run(&mut files).await.err();
        bar.clear();
        if failed.is_some() && client.is_gone().await {
            // Nobody is there to be told, so it is still open: the same command goes on with it.
            let (rejects, reasons) = rejected.finish()?;
            told(&Done { files, rejects, reasons, failed: Some(anyhow::anyhow!(GONE)), import_id, began });
            bail!(GONE);
        }
        let detail = failed.as_ref().map(|error| format!("{error:#}"));
        let state = if failed.is_some() { "failed" } else { "done" };
        let end = json!({"state": state, "detail": detail, "files": report::json(&files)});
        let target = format!("/v1/imports/{import_id}/finish?clinic_id={clinic}");
        let (rejects, reasons) = rejected.finish()?;
        let done = Done { files, rejects, reasons, failed, import_id, began };
        told(&done);
        client.call("POST", &target, Some(&end)).await?;
        Ok(done)
    }

    /// Where what is not imported goes. A dry run leaves nothing beside the files unless it is asked to.
    fn rejects(&self, dir: &Path) -> rejects::Place {
        if self.arguments.dry_run && self.arguments.rejects.is_none() {
            return rejects::Place::Told(Vec::new());
        }
        let files = self.mapping.file_names().into_iter().map(|name| (name, self.mapping.delimiter_of(name)));
        rejects::Place::Files(rejects::Files::new(self.arguments.rejects.as_deref().unwrap_or(dir), files))
    }

    fn tell_resumed(&self, began: Option<&str>) {
        if let Some(began) = began.filter(|_| !self.arguments.place.json) {
            output::line(&format!("This goes on with the import of the same files that was begun at {began} and cut off."));
        }
    }

    /// Tells these files by this mapping for this clinic from anything else.
    fn digest(&self, dir: &Path) -> anyhow::Result<String> {
        let mut sum = Sha256::new();
        sum.update(format!("{}\n{}\n{}\n", self.arguments.clinic, self.arguments.dry_run, self.text));
        for name in self.mapping.file_names() {
            let digest = read::digest(dir, name).with_context(|| format!("in `{}`", dir.display()))?;
            sum.update(format!("{name}\n{digest}\n"));
        }
        Ok(sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Prints what is being waited for.
    fn tell_watch(&self, dir: &Path) {
        if !self.arguments.place.json {
            let names: Vec<String> = self.mapping.file_names().into_iter().map(|name| format!("`{name}`")).collect();
            let (dir, every) = (dir.display(), self.arguments.every);
            output::line(&format!("looking into `{dir}` every {every} s for {}; Ctrl-C ends it", names.join(", ")));
        }
    }

    /// Prints what an import came to.
    pub fn tell(&self, done: &Done) {
        let rejects: Vec<String> = done.rejects.iter().map(|path| path.display().to_string()).collect();
        if self.arguments.place.json {
            let failed = done.failed.as_ref().map(|error| format!("{error:#}"));
            output::json(&json!({
                "import_id": done.import_id, "dry_run": self.arguments.dry_run, "files": report::json(&done.files),
                "rejects": rejects, "reasons": done.reasons, "error": failed, "goes_on_from": done.began,
            }));
            return;
        }
        let (heading, rows) = report::table(&done.files);
        if !rows.is_empty() {
            output::table(heading, &rows);
        }
        for empty in done.files.iter().filter(|file| file.of == 0 && done.failed.is_none()) {
            output::line(&format!("`{}` has a heading and no records behind it.", empty.name));
        }
        for reason in &done.reasons {
            output::line(reason);
        }
        if !done.reasons.is_empty() {
            output::line(
                "These are the first reasons; with --rejects DIR every record that would not be imported is written there.",
            );
        }
        for path in rejects {
            output::line(&format!("what was not imported, and why: {path}"));
        }
        if done.files.iter().any(|file| file.held_back > 0) {
            output::line(
                "What was held back hangs on what was rejected: mend that, and import it all again. It was looked at only as far as \
                 that, so something in it may be wrong as well.",
            );
        }
        if self.arguments.dry_run && done.failed.is_none() {
            output::line("This was a dry run: nothing was changed.");
        }
    }
}

/// The operator's way to the door.
struct Operator {
    client: Arc<Client>,
    clinic: String,
}

impl Way for Operator {
    fn send(&self, batch: Batch) -> BoxFuture<'static, anyhow::Result<Answer>> {
        let (client, target) = (self.client.clone(), format!("{}?clinic_id={}", batch.path, self.clinic));
        async move {
            let answer: Value = client.post(&target, &batch.key, batch.body).await?;
            serde_json::from_value(answer).context("the answer is not the one of an import")
        }
        .boxed()
    }
}

impl Progress for Bar {
    fn begin(&mut self, file: &str, records: u64) {
        self.start(file, records);
    }

    fn settled(&mut self, records: u64) {
        self.set(records);
    }
}
