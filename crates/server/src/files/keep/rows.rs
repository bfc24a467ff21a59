//! Statements about documents that have files.

use clinicos_store::{Conn, Row, StoreError};

use super::Named;

fn named(row: &dyn Row) -> Result<Named, StoreError> {
    Ok(Named {
        clinic: row.text(0)?.to_owned(),
        document: row.text(1)?.to_owned(),
        sha256: row.text(2)?.to_owned(),
        title: row.opt_text(3)?.unwrap_or_default().to_owned(),
    })
}

/// The youngest of a clinic, whichever it is: ids begin with their time.
pub(super) async fn youngest(conn: &mut dyn Conn, limit: i64) -> Result<Vec<Named>, StoreError> {
    const SQL: &str = "SELECT c.clinic_id, c.document_id, c.sha256, d.title FROM document_contents c \
        LEFT JOIN documents d ON d.clinic_id = c.clinic_id AND d.id = c.document_id WHERE c.content IS NULL \
        ORDER BY c.clinic_id DESC, c.document_id DESC LIMIT $1 -- all clinics: a check of the whole store";
    conn.all(SQL, &[limit.into()], named).await
}

/// The next ones behind a document.
pub(super) async fn after(conn: &mut dyn Conn, after: Option<&(String, String)>) -> Result<Vec<Named>, StoreError> {
    const SQL: &str = "SELECT c.clinic_id, c.document_id, c.sha256, d.title FROM document_contents c \
        LEFT JOIN documents d ON d.clinic_id = c.clinic_id AND d.id = c.document_id \
        WHERE c.content IS NULL AND (c.clinic_id, c.document_id) > ($1, $2) \
        ORDER BY c.clinic_id, c.document_id LIMIT 500 -- all clinics: a check of the whole store";
    let (clinic, document) = after.map_or(("", ""), |(clinic, document)| (clinic, document));
    conn.all(SQL, &[clinic.into(), document.into()], named).await
}
