//! Statements about documents that have files.

use clinicos_store::{Conn, Row, StoreError};

use super::Named;

fn named(row: &dyn Row) -> Result<Named, StoreError> {
    Ok(Named { clinic: row.text(0)?.to_owned(), document: row.text(1)?.to_owned(), sha256: row.text(2)?.to_owned() })
}

/// The youngest of a clinic, whichever it is: ids begin with their time.
pub(super) async fn youngest(conn: &mut dyn Conn, limit: i64) -> Result<Vec<Named>, StoreError> {
    const SQL: &str = "SELECT clinic_id, document_id, sha256 FROM document_contents WHERE content IS NULL \
        ORDER BY clinic_id DESC, document_id DESC LIMIT $1 -- all clinics: a check of the whole store";
    conn.all(SQL, &[limit.into()], named).await
}

/// The next ones behind a document.
pub(super) async fn after(conn: &mut dyn Conn, after: Option<&(String, String)>) -> Result<Vec<Named>, StoreError> {
    const SQL: &str = "SELECT clinic_id, document_id, sha256 FROM document_contents \
        WHERE content IS NULL AND (clinic_id, document_id) > ($1, $2) \
        ORDER BY clinic_id, document_id LIMIT 500 -- all clinics: a check of the whole store";
    let (clinic, document) = after.map_or(("", ""), |(clinic, document)| (clinic, document));
    conn.all(SQL, &[clinic.into(), document.into()], named).await
}
