//! Every statement about the content of documents.

use clinicos_contract::Timestamp;
use clinicos_gate::ClinicId;
use clinicos_store::{Conn, StoreError, Value};
use futures_util::future::BoxFuture;

use super::content::Sent;
use super::model::Document;
use crate::ids::DocumentId;
use crate::plain;

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

/// Forgets them.
pub async fn remove(conn: &mut dyn Conn, clinic: ClinicId, document: DocumentId) -> Result<()> {
    const SQL: &str = "DELETE FROM document_contents WHERE clinic_id = $1 AND document_id = $2";
    conn.execute(SQL, &[clinic.into(), document.into()]).await.map(drop)
}
