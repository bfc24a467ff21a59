//! Statements on journal entries beside those of every plain record.

use clinicos_gate::ClinicId;
use clinicos_store::{Conn, StoreError};
use futures_util::future::BoxFuture;

use super::model::JournalEntry;
use crate::ids::JournalEntryId;
use crate::{decode, plain};

/// One entry of the clinic, held until the transaction ends. Boxed, because the compiler cannot see
/// through a generic future that an entry that owns its text can be sent.
pub fn lock(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    id: JournalEntryId,
) -> BoxFuture<'_, Result<Option<JournalEntry<'static>>, StoreError>> {
    Box::pin(plain::rows::lock(conn, clinic, id))
}

/// The entry that reverses this one, other than `by`; a tombstone reverses nothing.
pub async fn reversed_by(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    entry: JournalEntryId,
    by: JournalEntryId,
) -> Result<Option<JournalEntryId>, StoreError> {
    const SQL: &str = "SELECT id FROM journal_entries WHERE clinic_id = $1 AND reverses_id = $2 AND id <> $3 \
        AND deleted_at IS NULL ORDER BY id LIMIT 1";
    conn.one(SQL, &[clinic.into(), entry.into(), by.into()], |row| decode::id(row, 0)).await
}
