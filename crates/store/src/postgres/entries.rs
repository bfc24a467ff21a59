//! The entries of reads: one task takes what is waiting and inserts it as one row.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::Context;
use super::conn::PgConn;
use crate::error::Result;
use crate::journal::audit::fold::Folder;
use crate::journal::audit::{Entry, batch};
use crate::sql::{Conn, Value};
use crate::work::Receipt;

/// Most entries in one row.
pub(super) const BATCH_ENTRIES_MAX: usize = 512;
/// Durable entries that wait for their positions.
pub(super) const INSERT_PENDING: &str = "INSERT INTO audit_pending (batch) VALUES ($1)";

pub(super) enum Job {
    Entry(Box<Entry>, oneshot::Sender<Result<Receipt>>),
    /// Stop after what came before.
    Close(oneshot::Sender<Result<()>>),
}

pub(super) async fn run(context: Arc<Context>, mut queue: mpsc::UnboundedReceiver<Job>) {
    let mut folder = Folder::default();
    let mut jobs = Vec::with_capacity(BATCH_ENTRIES_MAX);
    let mut closing = None;
    while closing.is_none() && queue.recv_many(&mut jobs, BATCH_ENTRIES_MAX).await > 0 {
        let (mut entries, mut waiting) = (Vec::new(), Vec::new());
        for job in jobs.drain(..) {
            match job {
                Job::Entry(entry, reply) => {
                    entries.push(*entry);
                    waiting.push(reply);
                }
                Job::Close(reply) => closing = Some(reply),
            }
        }
        folder.fold(&mut entries, context.setup.clock.now().as_micros());
        let done = insert(&context, &entries).await;
        for reply in waiting {
            let _ = reply.send(done.clone().map(|()| Receipt { _on_disk: () }));
        }
        context.wake_sealer();
    }
    if let Some(reply) = closing {
        let _ = reply.send(Ok(()));
    }
}

async fn insert(context: &Context, entries: &[Entry]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    context.shared.check_poison()?;
    let packed = batch::pack(entries)?;
    if let Some(faults) = &context.setup.faults {
        faults.on_commit()?;
    }
    let mut conn = PgConn::take(&context.pool).await?;
    conn.execute(INSERT_PENDING, &[Value::Bytes(&packed)]).await.map(drop)
}
