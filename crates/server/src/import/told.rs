//! What the server tells of an import while it runs: how far it is, and what was refused. Both are the
//! operator's calls, because they are about the work and not about the records.

use clinicos_intake::Refused;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::behalf::check;
use super::job::{FILES_TOLD_MAX, Jobs};
use super::rejects::Rejects;
use super::rows::Waiting;
use super::{FileCount, Progress};

/// Refused records that are reported at a time.
const REJECTS_AT_A_TIME: usize = 200;
/// Bytes of them, so that a report stays below what its operation takes, however much is escaped in it.
const REJECTS_BYTES_MAX: usize = 1 << 20;
/// Longest original of a refused record that is kept.
const ORIGINAL_BYTES_MAX: usize = 64 << 10;
/// Most texts of it: columns, or lines behind a quote that is not closed.
const ORIGINAL_TEXTS_MAX: usize = 1_100;
/// Most characters of a reason, below what is kept of one.
const DETAIL_CHARS_MAX: usize = 3_900;
/// How often it is told how far an import is, in nanoseconds.
const TOLD_EVERY_NS: u64 = 2_000_000_000;

/// Reports what was refused, some at a time.
pub(super) struct Sent<'s> {
    pub(super) jobs: &'s Jobs,
    pub(super) waiting: &'s Waiting,
    pub(super) stop: &'s watch::Receiver<bool>,
    pub(super) kept: Vec<Value>,
}

impl Rejects for Sent<'_> {
    fn take(&mut self, file: &str, header: &[String], refused: &Refused) -> anyhow::Result<()> {
        let size: usize = refused.original.iter().map(String::len).sum();
        let is_kept = size <= ORIGINAL_BYTES_MAX && refused.original.len() <= ORIGINAL_TEXTS_MAX;
        let faults: Vec<Value> = refused
            .faults
            .iter()
            .take(100)
            .map(|fault| {
                let mut detail: String = fault.detail.chars().take(DETAIL_CHARS_MAX).collect();
                if !is_kept {
                    detail.push_str("; it is too large to be repeated here, so mend it in the file itself");
                }
                json!({"column": fault.column, "code": fault.code, "detail": detail})
            })
            .collect();
        let original = if is_kept { refused.original.clone() } else { Vec::new() };
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
                self.jobs.report_in_time("import_rejects.add", self.waiting, json!({"rejects": some}), self.stop).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

/// Tells how far it is, and stops when told.
pub(super) struct Told<'t> {
    pub(super) jobs: &'t Jobs,
    pub(super) waiting: &'t Waiting,
    pub(super) stop: &'t watch::Receiver<bool>,
    /// When it was told last; never of this file, if there is none.
    pub(super) told_ns: Option<u64>,
}

impl Progress for Told<'_> {
    fn begin(&mut self, _file: &str, _records: u64) {
        self.told_ns = None;
    }

    fn settled(&mut self, _records: u64) {}

    fn before_batch<'p>(&'p mut self, so_far: &'p [FileCount]) -> BoxFuture<'p, anyhow::Result<()>> {
        async move {
            check(self.jobs.store(), self.waiting, self.stop).await?;
            let now_ns = self.jobs.now_ns();
            if self.told_ns.is_some_and(|told_ns| now_ns < told_ns.saturating_add(TOLD_EVERY_NS)) {
                return Ok(());
            }
            self.told_ns = Some(now_ns);
            let files = so_far.get(..FILES_TOLD_MAX.min(so_far.len())).unwrap_or_default();
            self.jobs.report_in_time("imports.report", self.waiting, json!({"files": files}), self.stop).await
        }
        .boxed()
    }
}
