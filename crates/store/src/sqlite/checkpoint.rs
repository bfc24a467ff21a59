//! Moves the write-ahead log into the database beside the writer, so that no commit waits for it.
//!
//! The writer says that it committed; this thread looks now and then how much of the log is not in
//! the database yet, and moves it. While commits go on something is always left, and a log starts
//! over only when nothing is: so, once it is long, the writer moves what a pass has left, when that is
//! little and after it has answered; who comes meanwhile waits for so many pages.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::conn::SqliteConn;
use crate::error::{Result, StoreError};
use crate::store::Shared;

/// Pages in the log that are worth a pass; fewer are little for the writer, too. A commit that
/// meets a pass on the disk waits for what the pass has written, so passes are small (decision 0025
/// has what was measured).
const PAGES_LEAST: i64 = 500;
/// Pages after which the log should start over.
const LOG_PAGES_ENOUGH: i64 = 12_000;
/// The shortest time between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The thread that does it.
pub(super) struct Checkpointer {
    wake: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Checkpointer {
    /// Starts it over a connection of its own.
    pub(super) fn start(file: &Path, shared: Arc<Shared>) -> Result<Self> {
        let conn = SqliteConn::checkpointer(file)?;
        let (wake, woken) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || work(conn, &woken, &shared))
            .map_err(|cause| StoreError::Unavailable(format!("the checkpoint's thread cannot start: {cause}")))?;
        Ok(Self { wake, thread })
    }

    /// Says that something was committed. Never waits.
    pub(super) fn wake(&self) {
        match self.wake.try_send(()) {
            // It knows already, or it is gone and the writer moves the log itself.
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }

    /// Ends it after the pass that is under way.
    pub(super) fn stop(self) {
        drop(self.wake);
        let _ = self.thread.join();
    }
}

fn work(conn: SqliteConn, woken: &Receiver<()>, shared: &Shared) {
    while woken.recv().is_ok() {
        // After a failed commit nobody knows what the disk holds of the log: it stays as it is.
        if shared.is_poisoned() {
            break;
        }
        let outcome = conn.log_pages().and_then(|pages| if pages.left >= PAGES_LEAST { conn.move_log() } else { Ok(()) });
        if let Err(error) = outcome {
            tracing::warn!(%error, "the log could not be moved; the writer will");
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Lets a long log start over with the next commit, if little of it is left to move.
pub(super) fn finish(writer: &SqliteConn) -> Result<()> {
    let pages = writer.log_pages()?;
    let now = pages.all >= LOG_PAGES_ENOUGH && (1..PAGES_LEAST).contains(&pages.left);
    if now { writer.move_log() } else { Ok(()) }
}
