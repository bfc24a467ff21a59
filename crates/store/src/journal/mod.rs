//! The journal: what is committed together with the rows it speaks of.

pub mod audit;
pub mod idempotency;
pub mod outbox;
pub mod security;

use crate::error::{Result, StoreError};
use crate::sql::Conn;
use crate::work::Journal;

/// Where the numbering stands before and after a write's journal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places {
    /// The last event's position; `None` where the sealer gives positions.
    pub(crate) event_position: Option<i64>,
    /// The last security change.
    pub(crate) security_seq: i64,
}

/// Writes what a write leaves behind, except its audit entry.
pub(crate) async fn write_beside(conn: &mut dyn Conn, journal: &Journal, is_security: bool, places: Places) -> Result<Places> {
    let mut places = places;
    places.event_position = outbox::insert(conn, &journal.events, places.event_position).await?;
    if let Some(stored) = &journal.idempotency {
        idempotency::insert(conn, stored).await?;
    }
    // Only a write that said so holds the lock that keeps others from committing after it.
    if !is_security && !journal.security.is_empty() {
        return Err(StoreError::Statement("a write that is no security work changed who may do what".to_owned()));
    }
    for change in &journal.security {
        places.security_seq += 1;
        security::insert(conn, change, places.security_seq).await?;
    }
    Ok(places)
}
