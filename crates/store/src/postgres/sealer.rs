//! The sealer numbers what was committed: positions and sequences of audit entries, positions
//! of events. One node holds its lock at a time; the others stand by.
//!
//! Numbers that the engine draws for rows are not in commit order; those given here are.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::conn::PgConn;
use super::entries::BATCH_ENTRIES_MAX;
use super::{Context, REST};
use crate::error::Result;
use crate::journal::audit::ledger::{BATCH_SPAN_MAX_US, Ledger};
use crate::journal::audit::{Entry, batch};
use crate::journal::outbox;
use crate::sql::{Conn, Value};

/// How often it looks on its own, for what other nodes committed.
const POLL: Duration = Duration::from_millis(100);
/// How often a node that stands by looks whether the other one is done, when it is asked.
const STAND_BY: Duration = Duration::from_millis(10);
const TRY_LOCK: &str = "SELECT CASE WHEN pg_try_advisory_lock(hashtextextended('clinicos.sealer', 0)) THEN 1 ELSE 0 END";
const UNLOCK: &str = "SELECT pg_advisory_unlock(hashtextextended('clinicos.sealer', 0))";
/// Rows taken in one transaction.
const ROWS_MAX: i64 = 64;

pub(super) enum Ask {
    /// Something was committed.
    Wake,
    /// Say when everything that was committed before is numbered.
    Seal(oneshot::Sender<Result<()>>),
    /// The same, then stop.
    Close(oneshot::Sender<Result<()>>),
}

/// What it holds while it is the one that seals.
struct Session {
    conn: PgConn,
    ledger: Ledger,
    event_position: i64,
}

pub(super) async fn run(context: Arc<Context>, epoch: u32, mut asks: mpsc::Receiver<Ask>) {
    let mut session = None;
    loop {
        let ask = match timeout(POLL, asks.recv()).await {
            Ok(Some(ask)) => ask,
            Ok(None) => return,
            Err(_) => Ask::Wake,
        };
        let mut done = round(&context, epoch, &mut session).await;
        if let Err(cause) = &done {
            tracing::warn!(error = %cause, "the sealer begins anew");
            session = None;
        }
        match ask {
            Ask::Wake if context.abandoned.load(Ordering::SeqCst) => return unlock(session).await,
            Ask::Wake if done.is_ok() => {}
            Ask::Wake => tokio::time::sleep(REST).await,
            Ask::Seal(reply) => {
                while session.is_none() && done.is_ok() && is_anything_left(&context).await {
                    tokio::time::sleep(STAND_BY).await;
                    done = round(&context, epoch, &mut session).await;
                }
                let _ = reply.send(done);
            }
            Ask::Close(reply) => {
                unlock(session).await;
                let _ = reply.send(done);
                return;
            }
        }
    }
}

/// Numbers everything that is committed now, if this node is the one to do it.
async fn round(context: &Context, epoch: u32, session: &mut Option<Session>) -> Result<()> {
    if session.is_none() {
        *session = begin(context, epoch).await?;
    }
    match session {
        Some(session) => while session.seal(context).await? {},
        // Whoever waits here for events learns of those that the other node numbers.
        None if context.shared.is_waited_for() => {
            let mut conn = context.begin_read().await?;
            context.shared.tell_events(outbox::latest(&mut conn).await?);
            conn.end("COMMIT").await?;
        }
        None => {}
    }
    Ok(())
}

/// Before anyone hears that this node closed, another one may take over.
async fn unlock(session: Option<Session>) {
    if let Some(mut session) = session {
        // If it fails the connection is dropped, and the lock with it.
        let _ = session.conn.end(UNLOCK).await;
    }
}

/// Whether another node still has rows to number.
async fn is_anything_left(context: &Context) -> bool {
    let Ok(mut conn) = PgConn::take(&context.pool).await else { return false };
    let sql = "SELECT (SELECT count(*) FROM audit_pending) + (SELECT count(*) FROM outbox WHERE position IS NULL)";
    let left = (&mut conn as &mut dyn Conn).one(sql, &[], |row| row.int(0)).await;
    left.is_ok_and(|left| left != Some(0))
}

async fn begin(context: &Context, epoch: u32) -> Result<Option<Session>> {
    let mut conn = PgConn::take(&context.pool).await?;
    if (&mut conn as &mut dyn Conn).one(TRY_LOCK, &[], |row| row.int(0)).await? != Some(1) {
        return Ok(None);
    }
    // From here on the connection holds a lock: it never goes back to the pool.
    conn.begin("BEGIN READ ONLY ISOLATION LEVEL REPEATABLE READ").await?;
    let ledger = Ledger::load(&mut conn, epoch, context.setup.segment_entries).await?;
    let event_position = outbox::latest(&mut conn).await?;
    conn.batch("COMMIT").await?;
    Ok(Some(Session { conn, ledger, event_position }))
}

impl Session {
    /// Numbers some rows; `false` if there were none. After an error the session is of no use.
    async fn seal(&mut self, context: &Context) -> Result<bool> {
        self.conn.batch("BEGIN").await?;
        let mut entries = taken(&mut self.conn).await?;
        let mut rest = entries.as_mut_slice();
        while let Some((batch, after)) = rest.split_at_mut_checked(fitting(rest)) {
            let Some(sealed) = self.ledger.seal(batch)? else { break };
            self.ledger.append(&mut self.conn, &sealed).await?;
            rest = after;
        }
        let placed = outbox::place(&mut self.conn, self.event_position, ROWS_MAX).await?;
        self.conn.batch("COMMIT").await?;
        let any = !entries.is_empty() || placed > self.event_position;
        self.event_position = placed;
        context.shared.tell_events(placed);
        Ok(any)
    }
}

/// How many of the first entries one batch takes. After a time in which nobody sealed they may have
/// arrived hours apart; a search by request relies on batches that span less.
fn fitting(entries: &[Entry]) -> usize {
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    let fits = |entry: &&Entry| {
        (first, last) = (first.min(entry.at), last.max(entry.at));
        last - first <= BATCH_SPAN_MAX_US
    };
    entries.iter().take(BATCH_ENTRIES_MAX).take_while(fits).count()
}

/// Takes the oldest entries out of the waiting room.
async fn taken(conn: &mut PgConn) -> Result<Vec<Entry>> {
    let sql = "DELETE FROM audit_pending WHERE id IN (SELECT id FROM audit_pending ORDER BY id LIMIT $1) RETURNING id, batch";
    let conn: &mut dyn Conn = conn;
    let mut rows = conn.all(sql, &[Value::Int(ROWS_MAX)], |row| Ok((row.int(0)?, batch::unpack(row.bytes(1)?)?))).await?;
    rows.sort_unstable_by_key(|(id, _)| *id);
    Ok(rows.into_iter().flat_map(|(_, entries)| entries).collect())
}
