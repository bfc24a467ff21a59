//! One run over all files of a mapping.

use std::collections::VecDeque;
use std::path::Path;

use anyhow::Context as _;
use bytes::Bytes;
use clinicos_contract::Schema;
use clinicos_gate::Catalogue;
use clinicos_intake::{Event, FilePlan, Mapping, Refused, Taken, Taking, WAITS};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::known::{self, Known};
use super::mappings;
use super::plainly::plainly;
use super::rejects::Rejects;
use super::report::FileCount;
use super::way::{Answer, Batch, RowAnswer, RowError, Way};

/// Records of a batch: its rows, and the records of other files that belong to them. While a batch is
/// written nobody else's answer is, so lines count, too, and a batch is smaller than an operation
/// allows: with 500 records, others waited half as long again, and a tenth more rows went in.
const BATCH_RECORDS_MAX: usize = 300;
/// Bytes of a batch, well below what its operation takes.
const BATCH_BYTES_MAX: usize = 6 << 20;
/// Batches under way at once: one is being written while the next is being read and checked.
const BATCHES_UNDER_WAY_MAX: usize = 2;
/// Refused records of a file before they are handed on, where no batch comes in between.
const REFUSED_AT_A_TIME: usize = 200;
/// Most characters of a key that are said.
const NAMED_CHARS_MAX: usize = 200;

/// Told how far a run is.
pub trait Progress: Send {
    /// A file begins.
    fn begin(&mut self, file: &str, records: u64);
    /// So many of its records are through.
    fn settled(&mut self, records: u64);
    /// Before each batch, with what became of the files so far: an error stops the run.
    fn before_batch<'p>(&'p mut self, _so_far: &'p [FileCount]) -> BoxFuture<'p, anyhow::Result<()>> {
        std::future::ready(Ok(())).boxed()
    }
}

/// A run over the files of a directory.
pub struct Run<'r> {
    /// What becomes what.
    pub mapping: &'r Mapping,
    /// Where the files are.
    pub dir: &'r Path,
    /// Whether it only tells what would happen.
    pub dry_run: bool,
    /// Names the batches.
    pub import_id: &'r str,
    /// Every operation.
    pub catalogue: &'r Catalogue,
    /// How batches reach the door.
    pub way: &'r dyn Way,
    /// Where refused records go.
    pub rejects: &'r mut dyn Rejects,
    /// Told how far it is.
    pub progress: &'r mut dyn Progress,
    known: Known,
}

/// A batch under way, and the rows in it.
struct Flight {
    rows: Vec<Taken>,
    answer: BoxFuture<'static, anyhow::Result<Answer>>,
}

/// One file on its way.
struct FileRun<'m> {
    taking: Taking<'m>,
    path: &'static str,
    /// What its rows may hold.
    schema: Option<&'static Schema>,
    number: usize,
    batches: usize,
    counts: Vec<FileCount>,
    /// How many files of the report stand before these.
    before: usize,
    flights: VecDeque<Flight>,
}

impl<'r> Run<'r> {
    /// A run with nothing known yet.
    #[expect(clippy::too_many_arguments, reason = "each is a part that only the caller has")]
    pub fn new(
        mapping: &'r Mapping,
        dir: &'r Path,
        dry_run: bool,
        import_id: &'r str,
        catalogue: &'r Catalogue,
        way: &'r dyn Way,
        rejects: &'r mut dyn Rejects,
        progress: &'r mut dyn Progress,
    ) -> Self {
        Self { mapping, dir, dry_run, import_id, catalogue, way, rejects, progress, known: Known::default() }
    }

    /// Runs it to its end; `report` holds what became of the files so far, whatever happens.
    pub async fn run(&mut self, report: &mut Vec<FileCount>) -> anyhow::Result<()> {
        let todo = &self.mapping.todo;
        anyhow::ensure!(self.dry_run || todo.is_empty(), "the mapping is not finished: {}", todo.join(" "));
        // Everything that can be wrong with the mapping and the files is found before anything is written.
        for name in self.mapping.file_names() {
            anyhow::ensure!(self.dir.join(name).is_file(), "`{name}` is not in `{}`", self.dir.display());
        }
        self.mapping.check_files(self.dir)?;
        for (number, plan) in self.mapping.files.iter().enumerate() {
            let taking = Taking::open(self.mapping, plan, self.dir)?;
            let counts = counts(plan, &taking);
            let path = mappings::path(self.catalogue, &plan.resource)?;
            let schema = known::schema(self.catalogue, &plan.resource);
            let (batches, flights) = (0, VecDeque::new());
            let mut file = FileRun { taking, path, schema, number, batches, counts, before: report.len(), flights };
            self.progress.begin(&plan.name, file.counts.first().map_or(0, |count| count.of));
            let done = self.file(&mut file, report).await;
            report.truncate(file.before);
            report.append(&mut file.counts);
            // What was refused before it ended is told, however it ended.
            done.and(self.rejects.hand_on().await)?;
        }
        Ok(())
    }

    /// Runs a file to its end, and counts what is under way, whatever the end is.
    async fn file(&mut self, file: &mut FileRun<'_>, report: &mut Vec<FileCount>) -> anyhow::Result<()> {
        let mut done = self.batches(file, report).await;
        while !file.flights.is_empty() {
            let landed = self.land(file).await;
            done = done.and(landed);
        }
        done
    }

    async fn batches(&mut self, file: &mut FileRun<'_>, report: &mut Vec<FileCount>) -> anyhow::Result<()> {
        let (mut rows, mut bytes, mut records, mut refused) = (Vec::new(), 0, 0, 0_usize);
        // A row that would make its batch too large begins the next one.
        let mut over: Option<Taken> = None;
        loop {
            let event = over.take().map(|row| Ok(Some(Event::Row(row)))).unwrap_or_else(|| file.taking.next_event())?;
            if let Some(Event::Row(row)) = &event
                && let Some((pointer, why)) = file.schema.and_then(|schema| self.known.ambiguous(schema, &row.json))
            {
                for one in file.taking.refuse(row, &[(&pointer, WAITS, &why)]) {
                    self.refuse(file, &one)?;
                }
                continue;
            }
            match event {
                Some(Event::Row(row)) if row.json.len() > BATCH_BYTES_MAX => {
                    let detail = format!("becomes a row of more than {BATCH_BYTES_MAX} bytes");
                    for one in file.taking.refuse(&row, &[("", "too_large", &detail)]) {
                        self.refuse(file, &one)?;
                    }
                    continue;
                }
                Some(Event::Row(row)) if !rows.is_empty() && bytes + row.json.len() > BATCH_BYTES_MAX => over = Some(row),
                Some(Event::Row(row)) => {
                    bytes += row.json.len();
                    records += 1 + row.parts().sum::<usize>();
                    rows.push(row);
                    if records < BATCH_RECORDS_MAX && bytes < BATCH_BYTES_MAX {
                        continue;
                    }
                }
                Some(Event::Stays(part)) => {
                    if let Some(count) = file.counts.get_mut(part) {
                        count.count("unchanged", 1);
                    }
                    continue;
                }
                Some(Event::Refused(one)) => {
                    self.refuse(file, &one)?;
                    refused += 1;
                    // A file of which everything is refused makes no batch, and must not fill the memory.
                    if refused.is_multiple_of(REFUSED_AT_A_TIME) {
                        self.before_batch(file, report).await?;
                    }
                    continue;
                }
                None if rows.is_empty() => return Ok(()),
                None => {}
            }
            self.before_batch(file, report).await?;
            while file.flights.len() >= BATCHES_UNDER_WAY_MAX {
                self.land(file).await?;
            }
            self.send(file, std::mem::take(&mut rows));
            (bytes, records) = (0, 0);
        }
    }

    async fn before_batch(&mut self, file: &FileRun<'_>, report: &mut Vec<FileCount>) -> anyhow::Result<()> {
        report.truncate(file.before);
        report.extend(file.counts.iter().cloned());
        self.progress.before_batch(report).await?;
        self.rejects.hand_on().await
    }

    fn send(&mut self, file: &mut FileRun<'_>, rows: Vec<Taken>) {
        let listed = if file.counts.len() > 1 || self.dry_run { "all" } else { "rejected" };
        let system = Value::String(self.mapping.system.clone());
        let mut body =
            format!("{{\"system\":{system},\"dry_run\":{},\"results\":\"{listed}\",\"rows\":[", self.dry_run).into_bytes();
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                body.push(b',');
            }
            body.extend_from_slice(&row.json);
        }
        body.extend_from_slice(b"]}");
        let key = format!("{}-{}-{}-{}", self.import_id, file.number, file.batches, short_digest(&body));
        file.batches += 1;
        let answer = tokio::spawn(self.way.send(Batch { path: file.path, key, body: Bytes::from(body) }));
        let answer = Box::pin(async move { answer.await.context("the batch was dropped")? });
        file.flights.push_back(Flight { rows, answer });
    }

    /// Waits for the batch that was sent first.
    async fn land(&mut self, file: &mut FileRun<'_>) -> anyhow::Result<()> {
        let Some(flight) = file.flights.pop_front() else { return Ok(()) };
        let answer = flight.answer.await?;
        let listed_all = file.counts.len() > 1 || self.dry_run;
        for row in &answer.rows {
            let taken = flight.rows.get(row.index).context("the answer names a row that was not sent")?;
            let body = serde_json::from_slice::<Value>(&taken.json).unwrap_or_default();
            let wrong = self.wrong(file, &body, row);
            if row.outcome == "rejected" && (row.errors.is_empty() || !wrong.is_empty()) {
                for refused in self.refused(file, taken, &body, &wrong) {
                    self.refuse(file, &refused)?;
                }
                continue;
            }
            let outcome = if row.outcome == "rejected" { "created" } else { row.outcome.as_str() };
            let claimed = (self.dry_run && outcome != "unchanged").then(|| self.known.claim(file.prefix(), &body)).flatten();
            if let Some(error) = claimed {
                for refused in file.taking.refuse(taken, &[(&error.pointer, &error.code, &error.detail)]) {
                    self.refuse(file, &refused)?;
                }
                continue;
            }
            if listed_all {
                let parts: Vec<u64> = std::iter::once(1).chain(taken.parts().map(|count| count as u64)).collect();
                for (count, records) in file.counts.iter_mut().zip(parts) {
                    count.count(outcome, records);
                }
            }
            if self.dry_run && outcome == "created" {
                self.known.comes(file.prefix(), &taken.key);
            }
        }
        if !listed_all && let Some(count) = file.counts.first_mut() {
            count.count("created", answer.created);
            count.count("changed", answer.changed);
            count.count("unchanged", answer.unchanged);
        }
        self.progress.settled(file.counts.first().map_or(0, |count| count.read));
        Ok(())
    }

    /// What is wrong with a row. A dry run finds nothing for what would be made before it, and that is
    /// not wrong.
    fn wrong<'e>(&self, file: &FileRun<'_>, body: &Value, row: &'e RowAnswer) -> Vec<&'e RowError> {
        let is_coming = |error: &RowError| {
            let named = self.dry_run.then(|| file.named(body, error)).flatten();
            named.is_some_and(|(prefix, key)| self.known.is_coming(prefix, key))
        };
        let wrong: Vec<&RowError> = row.errors.iter().filter(|error| !is_coming(error)).collect();
        // A run refuses a row for what it names before it looks any further.
        let unknown: Vec<&RowError> = wrong.iter().copied().filter(|error| file.named(body, error).is_some()).collect();
        if self.dry_run && !unknown.is_empty() { unknown } else { wrong }
    }

    /// What becomes of the records of a rejected row: one that names a record which was refused itself is
    /// held back, whatever is wrong with the others of the row.
    fn refused(&self, file: &FileRun<'_>, taken: &Taken, body: &Value, wrong: &[&RowError]) -> Vec<Refused> {
        let waits = |error: &RowError| {
            let (prefix, key) = file.named(body, error)?;
            self.known.refused(prefix, key).or_else(|| self.known.blurred(prefix))
        };
        let told: Vec<(&str, &str, String)> = wrong
            .iter()
            .map(|error| match waits(error) {
                Some(why) => (error.pointer.as_str(), WAITS, why),
                None if let Some((prefix, key)) = file.named(body, error) => {
                    (error.pointer.as_str(), error.code.as_str(), self.unknown(prefix, key))
                }
                None => (error.pointer.as_str(), error.code.as_str(), plainly(&error.detail, self.mapping.currency())),
            })
            .collect();
        let told: Vec<(&str, &str, &str)> = told.iter().map(|(pointer, code, detail)| (*pointer, *code, &**detail)).collect();
        file.taking.refuse(taken, &told)
    }

    /// What is said of a record that a row names and nobody knows: by which key, and where it was looked for.
    fn unknown(&self, prefix: &str, key: &str) -> String {
        let is_of = |resource: &str| known::schema(self.catalogue, resource).and_then(known::own_prefix) == Some(prefix);
        let files: Vec<String> =
            self.mapping.files.iter().filter(|plan| is_of(&plan.resource)).map(|plan| format!("`{}`", plan.name)).collect();
        let key: String = key.chars().take(NAMED_CHARS_MAX).collect();
        if files.is_empty() {
            return format!("“{key}” is no record of the clinic, and no file of this import could bring it");
        }
        format!("“{key}” is neither a record of {} nor one of the clinic", files.join(" or "))
    }

    fn refuse(&mut self, file: &mut FileRun<'_>, refused: &Refused) -> anyhow::Result<()> {
        let prefix = file.prefix();
        if let Some(count) = file.counts.get_mut(refused.file) {
            count.refuse(refused.held);
            if let Some(key) = &refused.key {
                self.known.refuse(prefix, key, &count.name, (refused.line, refused.held));
                if refused.doubles {
                    self.known.double(prefix, key, &count.name, refused.line);
                }
            }
            for (line, key) in &refused.behind.keys {
                self.known.refuse(prefix, key, &count.name, (*line, false));
            }
            if let Some(lines) = refused.behind.unknown {
                self.known.blur(prefix, &count.name, lines);
            }
            let headers = file.taking.headers();
            self.rejects.take(&count.name, headers.get(refused.file).copied().unwrap_or_default(), refused)?;
        }
        Ok(())
    }
}

impl FileRun<'_> {
    /// What the ids of its records begin with.
    fn prefix(&self) -> &'static str {
        self.schema.and_then(known::own_prefix).unwrap_or_default()
    }

    /// The record of another row that an error finds missing: what its id would begin with, and its key.
    fn named<'b>(&self, body: &'b Value, error: &RowError) -> Option<(&'static str, &'b str)> {
        let key = body.pointer(&error.pointer).and_then(Value::as_str).filter(|_| error.code == "unknown_record")?;
        Some((known::prefix_at(self.schema?, &error.pointer)?, key))
    }
}

/// Tells bodies apart. After an upgrade a run that goes on may divide or write its rows otherwise: the same body is
/// answered as it was, and another one is a call of its own, which finds what is there already.
fn short_digest(body: &[u8]) -> String {
    const BYTES: usize = 8;
    use sha2::Digest as _;
    sha2::Sha256::digest(body).iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect()
}

fn counts(plan: &FilePlan, taking: &Taking<'_>) -> Vec<FileCount> {
    let names = std::iter::once(&plan.name).chain(plan.children.iter().map(|child| &child.name));
    let resource = |at: usize| if at == 0 { plan.resource.clone() } else { format!("parts of {}", plan.resource) };
    names
        .zip(taking.records())
        .enumerate()
        .map(|(at, (name, read))| FileCount { name: name.clone(), resource: resource(at), of: read, ..FileCount::default() })
        .collect()
}
