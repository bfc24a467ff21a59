//! Writes: each in a serializable transaction of its own, repeated on conflict.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tokio::sync::{RwLockReadGuard, RwLockWriteGuard};

use super::Context;
use super::conn::PgConn;
use super::entries::INSERT_PENDING;
use crate::error::{Result, StoreError};
use crate::journal::audit::{Entry, batch};
use crate::journal::{Places, security, write_beside};
use crate::sql::{Conn, Value};
use crate::work::{Effect, Receipt, WriteWork};

/// How often a write is tried again beside others. Those that are new get in its way as often as they
/// come.
const RETRIES_MAX: usize = 2;
/// How often it is then tried with nothing beside it: writes of other nodes alone can get in its way.
const TRIES_ALONE_MAX: usize = 2;

// The lock comes before the first snapshot: a write waits for the security changes that are
// under way and sees them, and a security change waits for the writes that are under way.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE security_changes IN ROW SHARE MODE; SAVEPOINT attempt";
const BEGIN_SECURITY: &str =
    "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE security_changes IN EXCLUSIVE MODE; SAVEPOINT attempt";

/// What else this node writes while a write is tried.
#[expect(dead_code, reason = "they are held, not looked at")]
enum Beside<'c> {
    Others(RwLockReadGuard<'c, ()>),
    Nothing(RwLockWriteGuard<'c, ()>),
}

/// Runs a write to its end and settles it.
pub(super) async fn run(context: &Context, mut work: Box<dyn WriteWork>) {
    let mut outcome = Err(StoreError::Conflict);
    let mut turn = None;
    for tried in 0..=RETRIES_MAX + TRIES_ALONE_MAX {
        let beside = if tried > RETRIES_MAX {
            Beside::Nothing(context.tries.write().await)
        } else {
            Beside::Others(context.tries.read().await)
        };
        outcome = match context.shared.check_poison() {
            Ok(()) => once(context, &mut work).boxed().await,
            Err(error) => Err(error),
        };
        drop(beside);
        if !matches!(outcome, Err(StoreError::Conflict)) {
            break;
        }
        if turn.is_none() {
            turn = Some(context.turns.lock().await);
        }
    }
    drop(turn);
    context.wake_sealer();
    let outcome = outcome.map(|()| Receipt { _on_disk: () });
    if std::panic::catch_unwind(AssertUnwindSafe(|| work.settle(outcome))).is_err() {
        tracing::error!("a write panicked while it was settled");
    }
}

async fn once(context: &Context, work: &mut Box<dyn WriteWork>) -> Result<()> {
    let is_security = work.is_security();
    let mut conn = PgConn::take(&context.pool).await?;
    conn.begin(if is_security { BEGIN_SECURITY } else { BEGIN_WRITE }).await?;
    let applied_seq = security::latest(&mut conn).await?;
    conn.faults.clone_from(&context.setup.faults);
    let attempted = attempt(&mut conn, work, applied_seq).await;
    conn.faults = None;
    let attempted = if conn.conflict { Err(StoreError::Conflict) } else { attempted };
    let committed = match attempted {
        Ok(_) if let Some(Err(fault)) = context.setup.faults.as_ref().map(|faults| faults.on_commit()) => Err(fault),
        Ok(seq) => conn.end("COMMIT").await.map(|()| seq),
        Err(error) => {
            // If even this fails the connection is dropped, which ends the transaction as well.
            let _ = conn.end("ROLLBACK").await;
            return Err(error);
        }
    };
    match committed {
        Ok(Some(seq)) => context.put_in_force(&mut conn, seq).await.map_err(|why| context.shared.poison(&why)),
        Ok(None) => Ok(()),
        // Whether the change was committed is not known; if it was, it must be in force here.
        Err(why @ StoreError::Unavailable(_)) if is_security => {
            drop(conn);
            context.follow_security().await.map_err(|why| context.shared.poison(&why))?;
            Err(why)
        }
        Err(why) => Err(why),
    }
}

/// Leaves the transaction ready for the commit; tells the number of the last security change
/// if there is a new one.
async fn attempt(conn: &mut PgConn, work: &mut Box<dyn WriteWork>, applied_seq: i64) -> Result<Option<i64>> {
    let is_security = work.is_security();
    let effect = AssertUnwindSafe(work.attempt(conn, applied_seq)).catch_unwind().await;
    match effect {
        // It began without the lock that keeps others from committing after it.
        Ok(Effect::Keep(_)) if work.is_security() && !is_security => Err(StoreError::Conflict),
        Ok(Effect::Keep(journal)) => {
            let places = Places { event_position: None, security_seq: applied_seq };
            let after = write_beside(conn, &journal, is_security, places).await?;
            append(conn, journal.entry).await?;
            for entry in journal.beside {
                append(conn, entry).await?;
            }
            Ok((after.security_seq > applied_seq).then_some(after.security_seq))
        }
        Ok(Effect::Discard(entry)) => {
            conn.batch("ROLLBACK TO SAVEPOINT attempt").await?;
            append(conn, *entry).await?;
            Ok(None)
        }
        Ok(Effect::Failed(error)) => Err(error),
        Err(_) => Err(StoreError::Statement("a write panicked".to_owned())),
    }
}

async fn append(conn: &mut PgConn, entry: Entry) -> Result<()> {
    let packed = batch::pack(std::slice::from_ref(&entry))?;
    conn.execute(INSERT_PENDING, &[Value::Bytes(&packed)]).await.map(drop)
}
