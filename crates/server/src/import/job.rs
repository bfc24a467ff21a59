//! Imports that were sent along: the server runs them, one at a time.
//!
//! A run may be cut off at any moment and begun again: its batches have the names that they had.
//! Each batch is a call of its own, as whoever started the import and with what they may do by
//! then; the report is the operator's, because it is about the work and not about the records.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use clinicos_gate::{Answer as DoorAnswer, Behalf, Body, Credential, Door, Origin, Request};
use clinicos_intake::{Mapping, Refused};
use clinicos_store::Store;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::rejects::Rejects;
use super::report::FileCount;
use super::rows::{self, Waiting};
use super::way::{Answer, Batch, Way};
use super::{Progress, Run, mappings, preview};

/// How often the server looks for work.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Refused records that are reported at a time.
const REJECTS_AT_A_TIME: usize = 200;
/// Bytes of them, so that a report stays below what its operation takes, however much is escaped in it.
const REJECTS_BYTES_MAX: usize = 1 << 20;
/// Files that a report tells of.
const FILES_TOLD_MAX: usize = 50;
/// Longest original of a refused record that is kept.
const ORIGINAL_BYTES_MAX: usize = 64 << 10;
/// Waits for the budget, before a batch is given up.
const TRIES_MAX: u32 = 600;

/// The server's imports.
#[derive(Clone)]
pub struct Jobs {
    door: Arc<dyn Door>,
    store: Store,
}

impl Jobs {
    /// Over this door and store.
    pub fn new(door: Arc<dyn Door>, store: Store) -> Self {
        Self { door, store }
    }

    /// Works until told to stop.
    pub async fn work(self, mut stop: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.next(&stop).await {
                tracing::error!(error = format!("{error:#}"), "an import could not go on; it is tried again");
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Runs the import that waits for the longest, if there is one.
    pub async fn next(&self, stop: &watch::Receiver<bool>) -> anyhow::Result<bool> {
        let Some(waiting) = rows::first(&self.store).await? else { return Ok(false) };
        let waiting = Arc::new(waiting);
        let (jobs, handle, stop) = (self.clone(), tokio::runtime::Handle::current(), stop.clone());
        let same = waiting.clone();
        // Reading files takes the thread that it runs on.
        let ran = tokio::task::spawn_blocking(move || handle.block_on(jobs.run(&same, &stop)));
        match ran.await {
            Ok(done) => done?,
            // It would end in the same way each time, and no other import would ever run.
            Err(ended) if ended.is_panic() => {
                self.close(&waiting, "failed", "the import ended in a fault of this server; its log tells where").await?
            }
            // The server stops; it goes on after the next start.
            Err(ended) => return Err(ended).context("the import was not begun"),
        }
        Ok(true)
    }

    /// Ends an import without a word of what its files hold.
    async fn close(&self, waiting: &Waiting, state: &str, detail: &str) -> anyhow::Result<()> {
        self.report("imports.finish", waiting, &json!({"state": state, "detail": detail, "files": []})).await
    }

    async fn run(&self, waiting: &Waiting, stop: &watch::Receiver<bool>) -> anyhow::Result<()> {
        let mut files = Vec::new();
        let done = self.import(waiting, stop, &mut files).await;
        if *stop.borrow() || !rows::still_runs(&self.store, waiting).await? {
            // It goes on after the next start, or somebody cancelled it.
            return Ok(());
        }
        let (state, detail) = match &done {
            Ok(()) if waiting.dry_run => ("checked", None),
            Ok(()) => ("done", None),
            Err(error) => ("failed", Some(format!("{error:#}").chars().take(2_000).collect::<String>())),
        };
        files.truncate(FILES_TOLD_MAX);
        let (status, told) =
            self.tell("imports.finish", waiting, json!({"state": state, "detail": detail, "files": files})).await;
        if matches!(status, 400 | 413 | 415 | 422) {
            // It would be refused each time, and no other import would ever run.
            tracing::error!(status, "the report of an import was refused: {told}");
            return self
                .close(waiting, state, "what became of each file could not be stored; the log of the server tells why")
                .await;
        }
        anyhow::ensure!(status < 300, "`imports.finish` was answered {status}: {told}");
        Ok(())
    }

    async fn import(&self, waiting: &Waiting, stop: &watch::Receiver<bool>, files: &mut Vec<FileCount>) -> anyhow::Result<()> {
        let mapping = mappings::read(&waiting.mapping, self.door.catalogue())?;
        let behalf = Behalf::parse(&waiting.started_by).context("nobody is known who started it")?;
        let dir = tempfile::tempdir().context("there is no room for the files")?;
        self.unpack(waiting, dir.path()).await?;
        // Before anything is opened, and without a word about where the server puts files.
        for name in mapping.file_names() {
            anyhow::ensure!(dir.path().join(name).is_file(), "`{name}` is not among the files");
        }
        if waiting.dry_run {
            self.preview(waiting, &mapping, dir.path()).await?;
        }
        let name = format!("{}-{}", waiting.id, waiting.run);
        let way = Creator { door: self.door.clone(), behalf, stop: stop.clone() };
        let mut rejects = Sent { jobs: self, waiting, kept: Vec::new() };
        let mut told = Told { jobs: self, waiting, stop };
        Run::new(&mapping, dir.path(), waiting.dry_run, &name, self.door.catalogue(), &way, &mut rejects, &mut told)
            .run(files)
            .await
    }

    /// Writes the files that were sent along into a directory.
    async fn unpack(&self, waiting: &Waiting, dir: &Path) -> anyhow::Result<()> {
        for (name, part) in rows::parts(&self.store, waiting).await? {
            let content = rows::content(&self.store, waiting, &part).await?.context("a part of a file is gone")?;
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(dir.join(name))?;
            std::io::Write::write_all(&mut file, &content)?;
        }
        Ok(())
    }

    async fn preview(&self, waiting: &Waiting, mapping: &Mapping, dir: &Path) -> anyhow::Result<()> {
        let preview = preview::of(mapping, dir)?;
        self.report("imports.report", waiting, &json!({"preview": preview})).await
    }

    /// Says something about the work, as the operator.
    async fn report(&self, operation: &'static str, waiting: &Waiting, body: &Value) -> anyhow::Result<()> {
        let (status, body) = self.tell(operation, waiting, body.clone()).await;
        anyhow::ensure!(status < 300, "`{operation}` was answered {status}: {body}");
        Ok(())
    }

    /// The same; gives the status and what was answered.
    async fn tell(&self, operation: &'static str, waiting: &Waiting, body: Value) -> (u16, String) {
        let random = clinicos_contract::source::random::<16>(&*self.door.services().entropy);
        let call = Call {
            operation,
            credential: Credential::Operator,
            path: vec![("import_id", waiting.id.clone())],
            query: format!("clinic_id={}", waiting.clinic),
            key: clinicos_gate::keyring::to_hex(&random),
            body: Bytes::from(tellable(body).to_string()),
        };
        let (status, answer) = parts(call.send(&*self.door).await);
        (status, answer.to_string())
    }
}

struct Call<'c> {
    operation: &'c str,
    credential: Credential,
    path: Vec<(&'static str, String)>,
    query: String,
    key: String,
    body: Bytes,
}

impl Call<'_> {
    async fn send(self, door: &dyn Door) -> Option<DoorAnswer> {
        let operation = door.catalogue().find(self.operation)?;
        let request = Request {
            operation,
            credential: self.credential,
            path: self.path,
            query: self.query,
            body: Body { bytes: self.body, content_type: Some("application/json".to_owned()), content_encoding: None },
            idempotency_key: Some(self.key),
            if_match: None,
            version: None,
            caused_by: None,
            as_events: false,
            origin: Origin {
                address: None,
                page: None,
                target: String::new(),
                arrived_ns: door.services().clock.monotonic_ns(),
                unattended: true,
            },
        };
        Some(door.call(request).await)
    }
}

fn parts(answer: Option<DoorAnswer>) -> (u16, Value) {
    let Some(answer) = answer else { return (404, Value::Null) };
    let status = answer.status();
    let (_, bytes) = answer.into_parts();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// The way of whoever started the import.
struct Creator {
    door: Arc<dyn Door>,
    behalf: Behalf,
    stop: watch::Receiver<bool>,
}

impl Way for Creator {
    fn send(&self, batch: Batch) -> BoxFuture<'static, anyhow::Result<Answer>> {
        let (door, behalf, stop) = (self.door.clone(), self.behalf, self.stop.clone());
        async move {
            let operation = door.catalogue().operations().find(|one| one.spec().route.path == batch.path);
            let operation = operation.context("there is no such operation")?.spec().id;
            for _ in 0..TRIES_MAX {
                anyhow::ensure!(!*stop.borrow(), "the server stops");
                let call = Call {
                    operation,
                    credential: Credential::Behalf(behalf),
                    path: Vec::new(),
                    query: String::new(),
                    key: batch.key.clone(),
                    body: batch.body.clone(),
                };
                let (status, body) = parts(call.send(&*door).await);
                match status {
                    200 => return serde_json::from_value(body).context("the answer is not the one of an import"),
                    // The budget is spent, or the server is busy: it will go on.
                    409 | 429 | 503 => tokio::time::sleep(LOOK_EVERY).await,
                    _ => {
                        let detail = body.get("detail").and_then(Value::as_str).unwrap_or("the batch was refused").to_owned();
                        anyhow::bail!("{detail} ({operation} was answered {status})");
                    }
                }
            }
            anyhow::bail!("the budget for imports was spent for too long")
        }
        .boxed()
    }
}

/// What files hold, so that a text of a report may hold it: control characters that no text may have are
/// written as JSON escapes them. Within a text that is JSON itself they mean the same.
fn tellable(value: Value) -> Value {
    match value {
        Value::String(text) => {
            let forbidden = |c: char| c.is_control() && !['\n', '\r', '\t'].contains(&c);
            let written = match text.contains(forbidden) {
                true => {
                    text.chars().map(|c| if forbidden(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
                }
                false => text,
            };
            // White space alone says nothing, and no text may be so.
            Value::String(if !written.is_empty() && written.trim().is_empty() { format!("{written:?}") } else { written })
        }
        Value::Array(items) => items.into_iter().map(tellable).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, tellable(value))).collect(),
        other => other,
    }
}

/// Reports what was refused, some at a time.
struct Sent<'s> {
    jobs: &'s Jobs,
    waiting: &'s Waiting,
    kept: Vec<Value>,
}

impl Rejects for Sent<'_> {
    fn take(&mut self, file: &str, header: &[String], refused: &Refused) -> anyhow::Result<()> {
        let faults: Vec<Value> = refused
            .faults
            .iter()
            .take(100)
            .map(|fault| json!({"column": fault.column, "code": fault.code, "detail": fault.detail.chars().take(4_000).collect::<String>()}))
            .collect();
        let size: usize = refused.original.iter().map(String::len).sum();
        let original = if size <= ORIGINAL_BYTES_MAX { refused.original.clone() } else { Vec::new() };
        self.kept.push(json!({
            "file": file, "line": refused.line, "held_back": refused.held, "faults": faults,
            "header": json!(header).to_string(), "original": json!(original).to_string(),
        }));
        Ok(())
    }

    fn hand_on(&mut self) -> BoxFuture<'_, anyhow::Result<()>> {
        async move {
            while !self.kept.is_empty() {
                let mut bytes = 0;
                let fits = self.kept.iter().take(REJECTS_AT_A_TIME).take_while(|one| {
                    bytes += one.to_string().len();
                    bytes <= REJECTS_BYTES_MAX
                });
                let some: Vec<Value> = {
                    let count = fits.count().max(1);
                    self.kept.drain(..count).collect()
                };
                self.jobs.report("import_rejects.add", self.waiting, &json!({"rejects": some})).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

/// Stops when told.
struct Told<'t> {
    jobs: &'t Jobs,
    waiting: &'t Waiting,
    stop: &'t watch::Receiver<bool>,
}

impl Progress for Told<'_> {
    fn begin(&mut self, _file: &str, _records: u64) {}

    fn settled(&mut self, _records: u64) {}

    fn before_batch(&mut self) -> BoxFuture<'_, anyhow::Result<()>> {
        async move {
            anyhow::ensure!(!*self.stop.borrow(), "the server stops");
            anyhow::ensure!(rows::still_runs(&self.jobs.store, self.waiting).await?, "it was cancelled");
            Ok(())
        }
        .boxed()
    }
}
