//! Imports that were sent along: the server runs them, one at a time.
//!
//! A run may be cut off at any moment and begun again: its batches have the names that they had.
//! Each batch is a call of its own, as whoever started the import and with what they may do by
//! then (`behalf.rs`); what is told of it (`told.rs`) is the operator's, because it is about the
//! work and not about the records. What nobody goes on with is ended after a while.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use clinicos_gate::{Behalf, Credential, Door};
use clinicos_intake::Halt;
use clinicos_store::Store;
use clinicos_store::journal::idempotency::KEPT_HOURS;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinError;

use super::behalf::OnBehalf;
use super::call::{Call, tellable};
use super::report::FileCount;
use super::rows::{self, Stale, Waiting};
use super::told::{Sent, Told};
use super::tries::Tries;
use super::{Run, mappings, preview};

/// How often the server looks for work.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Files that a report tells of.
pub(super) const FILES_TOLD_MAX: usize = 50;
/// Days that files wait for somebody who goes on with their import.
const KEPT_DAYS: i64 = 7;
/// How often the server looks for imports that nobody goes on with.
const SWEEP_EVERY_US: i64 = 3_600 * 1_000_000;

/// The server's imports.
#[derive(Clone)]
pub struct Jobs {
    door: Arc<dyn Door>,
    store: Store,
    /// When it was last looked for imports that nobody goes on with.
    swept_us: Arc<AtomicI64>,
}

/// How the thread of an import ended.
#[derive(Debug, PartialEq, Eq)]
enum How {
    /// Whatever came of it was told.
    Done,
    /// Nothing could be told; it is tried again.
    Later(String),
    /// It panicked. It would each time, and no other import would ever run.
    Broken,
    /// The server stops; it goes on after the next start.
    NotBegun,
}

impl How {
    fn of(ran: Result<anyhow::Result<()>, JoinError>) -> Self {
        match ran {
            Ok(Ok(())) => Self::Done,
            Ok(Err(error)) => Self::Later(format!("{error:#}")),
            Err(ended) if ended.is_panic() => Self::Broken,
            Err(_) => Self::NotBegun,
        }
    }
}

impl Jobs {
    /// Over this door and store.
    pub fn new(door: Arc<dyn Door>, store: Store) -> Self {
        Self { door, store, swept_us: Arc::new(AtomicI64::new(i64::MIN)) }
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    pub(super) fn now_ns(&self) -> u64 {
        self.door.services().clock.monotonic_ns()
    }

    /// Works until told to stop.
    pub async fn work(self, mut stop: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.next(&stop).await {
                tracing::error!(error = format!("{error:#}"), "an import could not go on; it is tried again");
            }
            if let Err(error) = self.sweep().await {
                tracing::error!(error = format!("{error:#}"), "imports that nobody goes on with could not be ended");
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
        let ran = tokio::task::spawn_blocking(move || handle.block_on(jobs.run(&same, &stop))).await;
        self.ended(&waiting, How::of(ran)).await?;
        Ok(true)
    }

    /// Looks at how the thread of an import ended.
    async fn ended(&self, waiting: &Waiting, how: How) -> anyhow::Result<()> {
        match how {
            How::Done => Ok(()),
            How::Broken => self.close(waiting, "failed", "the import ended in a fault of this server; its log tells where").await,
            How::NotBegun => anyhow::bail!("the import was not begun, because the server stops"),
            How::Later(why) => anyhow::bail!("{why}"),
        }
    }

    /// Ends imports that nobody goes on with, now and then.
    pub async fn sweep(&self) -> anyhow::Result<()> {
        let now = self.door.services().clock.now();
        if now.as_micros() < self.swept_us.load(Ordering::Relaxed).saturating_add(SWEEP_EVERY_US) {
            return Ok(());
        }
        let files_before = now.plus_seconds(-KEPT_DAYS * 86_400);
        let begun_before = now.plus_seconds(-KEPT_HOURS * 3_600);
        for Stale { waiting, has_files } in rows::stale(&self.store, files_before, begun_before).await? {
            let (state, detail) = if has_files {
                ("cancelled", format!("nobody went on with it for {KEPT_DAYS} days; its files were removed"))
            } else {
                ("failed", format!("it was cut off, and nobody went on with it for {KEPT_HOURS} hours"))
            };
            self.close(&waiting, state, &detail).await?;
        }
        self.swept_us.store(now.as_micros(), Ordering::Relaxed);
        Ok(())
    }

    /// Ends an import without a word of what its files hold.
    async fn close(&self, waiting: &Waiting, state: &str, detail: &str) -> anyhow::Result<()> {
        self.report("imports.finish", waiting, &json!({"state": state, "detail": detail, "files": []})).await
    }

    async fn run(&self, waiting: &Arc<Waiting>, stop: &watch::Receiver<bool>) -> anyhow::Result<()> {
        let mut files = Vec::new();
        let halt = Halt::default();
        let watching = tokio::spawn(self.clone().halts(waiting.clone(), stop.clone(), halt.clone()));
        let done = self.import(waiting, stop, &halt, &mut files).await;
        watching.abort();
        files.truncate(FILES_TOLD_MAX);
        if *stop.borrow() {
            // It goes on after the next start.
            return Ok(());
        }
        if !rows::still_runs(&self.store, waiting).await? {
            // Somebody cancelled it; what was written before that is told all the same.
            return self.report("imports.report", waiting, &json!({"files": files})).await;
        }
        let (state, detail) = match &done {
            Ok(()) if waiting.dry_run => ("checked", None),
            Ok(()) => ("done", None),
            Err(error) => ("failed", Some(format!("{error:#}").chars().take(2_000).collect::<String>())),
        };
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

    /// Stops the reading of files when the server stops, or somebody cancels the import: neither waits
    /// until a file is read.
    async fn halts(self, waiting: Arc<Waiting>, mut stop: watch::Receiver<bool>, halt: Halt) {
        loop {
            let is_told = tokio::time::timeout(LOOK_EVERY, stop.wait_for(|stop| *stop)).await.is_ok();
            // What cannot be asked now is asked again.
            if is_told || !rows::still_runs(&self.store, &waiting).await.unwrap_or(true) {
                break;
            }
        }
        halt.stop();
    }

    async fn import(
        &self,
        waiting: &Arc<Waiting>,
        stop: &watch::Receiver<bool>,
        halt: &Halt,
        files: &mut Vec<FileCount>,
    ) -> anyhow::Result<()> {
        let mut mapping = mappings::read(&waiting.mapping, self.door.catalogue())?;
        mapping.halt = halt.clone();
        let behalf = Behalf::parse(&waiting.started_by).context("nobody is known who started it")?;
        let dir = tempfile::tempdir().context("there is no room for the files")?;
        self.unpack(waiting, dir.path()).await?;
        // Before anything is opened, and without a word about where the server puts files.
        for name in mapping.file_names() {
            anyhow::ensure!(dir.path().join(name).is_file(), "`{name}` is not among the files");
        }
        if waiting.dry_run {
            let preview = preview::of(&mapping, dir.path())?;
            self.report_in_time("imports.report", waiting, json!({"preview": preview}), stop).await?;
        }
        let name = format!("{}-{}", waiting.id, waiting.run);
        let (door, store, waiting_too) = (self.door.clone(), self.store.clone(), waiting.clone());
        let way = OnBehalf { door, store, waiting: waiting_too, behalf, stop: stop.clone() };
        let mut rejects = Sent { jobs: self, waiting, stop, kept: Vec::new() };
        let mut told = Told { jobs: self, waiting, stop, told_ns: None };
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

    /// Says something about the work, as the operator.
    pub(super) async fn report(&self, operation: &'static str, waiting: &Waiting, body: &Value) -> anyhow::Result<()> {
        let (status, body) = self.tell(operation, waiting, body.clone()).await;
        anyhow::ensure!(status < 300, "`{operation}` was answered {status}: {body}");
        Ok(())
    }

    /// The same while it runs: it goes on once the server is no longer busy.
    pub(super) async fn report_in_time(
        &self,
        operation: &'static str,
        waiting: &Waiting,
        body: Value,
        stop: &watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let call = self.telling(operation, waiting, body);
        let tries = Tries { door: &*self.door, store: &self.store, waiting, stop: stop.clone() };
        let (status, body) = tries.answer(&call).await?;
        anyhow::ensure!(status < 300, "`{operation}` was answered {status}: {body}");
        Ok(())
    }

    /// Says it once; gives the status and what was answered.
    async fn tell(&self, operation: &'static str, waiting: &Waiting, body: Value) -> (u16, String) {
        let (status, _, answer) = self.telling(operation, waiting, body).send(&*self.door).await;
        (status, answer.to_string())
    }

    fn telling(&self, operation: &'static str, waiting: &Waiting, body: Value) -> Call<'static> {
        let random = clinicos_contract::source::random::<16>(&*self.door.services().entropy);
        Call {
            operation,
            credential: Credential::Operator,
            path: vec![("import_id", waiting.id.clone())],
            query: format!("clinic_id={}", waiting.clinic),
            key: clinicos_gate::keyring::to_hex(&random),
            body: Bytes::from(tellable(body).to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thread that never ran says nothing of its import; one that panicked does.
    #[tokio::test]
    async fn an_import_whose_thread_was_not_begun_is_tried_again() {
        let never = tokio::spawn(std::future::pending::<anyhow::Result<()>>());
        never.abort();
        assert_eq!(How::of(never.await), How::NotBegun);
        assert_eq!(How::of(Ok(Ok(()))), How::Done);
        assert_eq!(How::of(Ok(Err(anyhow::anyhow!("away")))), How::Later("away".to_owned()));
        let broken = tokio::spawn(async { panic!("a fault of the program") });
        assert_eq!(How::of(broken.await), How::Broken);
    }
}
