//! Every statement about the content of documents.

use std::collections::HashSet;

use clinicos_contract::Timestamp;
use clinicos_gate::ClinicId;
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, StoreError, Value};
use futures_util::future::BoxFuture;

use super::content::Content;
use super::model::Document;
use crate::ids::DocumentId;
use crate::standing::{Part, rows};
use crate::{batch, plain};

/// The content of documents, in the order of those.
pub static CONTENTS: ListSql = ListSql {
    columns: "c.document_id, c.clinic_id, c.sha256, c.content, c.created_at",
    column_count: 5,
    table: "document_contents",
    alias: "c",
    scope: "c.clinic_id = $1",
    id: "c.document_id",
    expressions: &[],
    indexed: &[],
    worklist: None,
    through: &[],
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

/// What is kept of a document's content, once it has some.
pub async fn find(conn: &mut dyn Conn, clinic: ClinicId, document: DocumentId) -> Result<Option<Content>> {
    const SQL: &str = "SELECT document_id, clinic_id, sha256, content, created_at FROM document_contents \
        WHERE clinic_id = $1 AND document_id = $2";
    conn.one(SQL, &[clinic.into(), document.into()], Content::read).await
}

/// What is kept of a part of them.
pub async fn some(conn: &mut dyn Conn, part: &Part) -> Result<Vec<Content>> {
    let mut some = Vec::new();
    rows::some(conn, &CONTENTS, &[part.place.clinic.into()], part, &mut |row| {
        some.push(Content::read(row)?);
        Ok(())
    })
    .await?;
    Ok(some)
}

/// Those of these hashes that documents of the clinic name.
pub fn named<'c>(conn: &'c mut dyn Conn, clinic: ClinicId, sha256: &'c [String]) -> BoxFuture<'c, Result<HashSet<String>>> {
    const HEAD: &str = "SELECT DISTINCT sha256 FROM document_contents WHERE clinic_id = $1 AND sha256 IN ";
    Box::pin(async move {
        let hashes: Vec<Value<'_>> = sha256.iter().map(|hash| Value::Text(hash)).collect();
        let mut named = HashSet::new();
        batch::among(conn, HEAD, "", &[clinic.into()], &hashes, &mut |row| {
            named.insert(row.text(0)?.to_owned());
            Ok(())
        })
        .await?;
        Ok(named)
    })
}

/// Every hash that documents of the clinic name.
pub async fn hashes(conn: &mut dyn Conn, clinic: ClinicId) -> Result<Vec<String>> {
    const SQL: &str = "SELECT DISTINCT sha256 FROM document_contents WHERE clinic_id = $1 AND content IS NULL";
    conn.all(SQL, &[clinic.into()], |row| Ok(row.text(0)?.to_owned())).await
}

/// Says that a document has the content with this hash.
pub async fn insert(conn: &mut dyn Conn, clinic: ClinicId, document: DocumentId, sha256: &str, now: Timestamp) -> Result<()> {
    insert_some(conn, &[(clinic, document, sha256.to_owned(), now)]).await
}

/// The same of several documents.
pub async fn insert_some(conn: &mut dyn Conn, new: &[(ClinicId, DocumentId, String, Timestamp)]) -> Result<()> {
    const HEAD: &str = "INSERT INTO document_contents (clinic_id, document_id, sha256, created_at) VALUES ";
    batch::insert(conn, HEAD, 4, new, |(clinic, document, sha256, now), params| {
        params.extend([(*clinic).into(), (*document).into(), Value::Text(sha256), (*now).into()]);
    })
    .await
}

/// Forgets what a document's content was.
pub async fn remove(conn: &mut dyn Conn, clinic: ClinicId, document: DocumentId) -> Result<()> {
    const SQL: &str = "DELETE FROM document_contents WHERE clinic_id = $1 AND document_id = $2";
    conn.execute(SQL, &[clinic.into(), document.into()]).await.map(drop)
}
