//! Every statement about the content of documents.

use clinicos_contract::Timestamp;
use clinicos_gate::ClinicId;
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};
use futures_util::future::BoxFuture;

use super::content::Sent;
use super::model::Document;
use super::standing::KeptContent;
use crate::ids::DocumentId;
use crate::{batch, decode, plain};

/// The content of documents, in the order of those.
pub static CONTENTS: ListSql = ListSql {
    columns: "c.document_id, c.clinic_id, c.content, c.created_at",
    column_count: 4,
    table: "document_contents",
    alias: "c",
    scope: "c.clinic_id = $1",
    id: "c.document_id",
    expressions: &[],
    indexed: &[],
};

type Result<T> = std::result::Result<T, StoreError>;

/// A document. Boxed, like [`lock`]: the compiler does not see through an operation that its record has no lifetime.
pub fn get(conn: &mut dyn Conn, clinic: ClinicId, id: DocumentId) -> BoxFuture<'_, Result<Option<Document<'static>>>> {
    Box::pin(plain::rows::find(conn, clinic, id))
}

/// The same, held until the transaction ends.
pub fn lock(conn: &mut dyn Conn, clinic: ClinicId, id: DocumentId) -> BoxFuture<'_, Result<Option<Document<'static>>>> {
    Box::pin(plain::rows::lock(conn, clinic, id))
}

/// A document's bytes, once it has some.
pub async fn find(conn: &mut dyn Conn, clinic: ClinicId, document: DocumentId) -> Result<Option<Vec<u8>>> {
    const SQL: &str = "SELECT content FROM document_contents WHERE clinic_id = $1 AND document_id = $2";
    conn.one(SQL, &[clinic.into(), document.into()], |row| Ok(row.bytes(0)?.to_vec())).await
}

/// Keeps a document's bytes.
pub async fn insert(conn: &mut dyn Conn, clinic: ClinicId, document: DocumentId, sent: &Sent, now: Timestamp) -> Result<()> {
    const SQL: &str = "INSERT INTO document_contents (clinic_id, document_id, content, created_at) VALUES ($1, $2, $3, $4)";
    conn.execute(SQL, &[clinic.into(), document.into(), Value::Bytes(&sent.bytes), now.into()]).await.map(drop)
}

/// Reads a row of [`CONTENTS`].
pub fn kept(row: &dyn Row) -> Result<KeptContent<'_>> {
    Ok(KeptContent {
        id: decode::id(row, 0)?,
        clinic_id: decode::id(row, 1)?,
        content: row.bytes(2)?.into(),
        created_at: decode::time(row, 3)?,
        version: 1,
    })
}

/// Keeps the content of several documents.
pub async fn insert_kept(conn: &mut dyn Conn, new: &[KeptContent<'_>]) -> Result<()> {
    const HEAD: &str = "INSERT INTO document_contents (clinic_id, document_id, content, created_at) VALUES ";
    batch::insert(conn, HEAD, 4, new, |kept, params| {
        params.extend([kept.clinic_id.into(), kept.id.into(), Value::Bytes(kept.content.bytes()), kept.created_at.into()]);
    })
    .await
}

/// Forgets them.
pub async fn remove(conn: &mut dyn Conn, clinic: ClinicId, document: DocumentId) -> Result<()> {
    const SQL: &str = "DELETE FROM document_contents WHERE clinic_id = $1 AND document_id = $2";
    conn.execute(SQL, &[clinic.into(), document.into()]).await.map(drop)
}
