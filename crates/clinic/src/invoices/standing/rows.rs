//! Statements on invoices with their lines, many at a time.

use clinicos_contract::wire::{IntoStatic, Nested};
use clinicos_store::{Conn, StoreError, Value};

use crate::decode;
use crate::ids::InvoiceId;
use crate::invoices::model::Invoice;
use crate::invoices::rows::{LINES_OF_INVOICES, LIST, decode as decode_head, decode_line};
use crate::standing::{self, Part};

/// A part of them with their lines, in the order of their ids.
pub async fn some(conn: &mut dyn Conn, scope: &[Value<'static>], part: &Part) -> Result<Vec<Invoice<'static>>, StoreError> {
    let mut found: Vec<Invoice<'static>> = Vec::new();
    standing::rows::some(conn, &LIST, scope, part, &mut |row| {
        found.push(Invoice { lines: Some(Nested(Vec::new())), ..decode_head(row)?.into_static() });
        Ok(())
    })
    .await?;
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return Ok(found) };
    let (columns, from, count) = (LINES_OF_INVOICES.columns, LINES_OF_INVOICES.from, LINES_OF_INVOICES.column_count);
    let sql = format!(
        "SELECT {columns}, i.id FROM {from} WHERE i.clinic_id = $1 AND i.id >= $2 AND i.id <= $3 ORDER BY i.id, l.position"
    );
    let params = [part.place.clinic.into(), first.id.into(), last.id.into()];
    // Both come in the order of invoices.
    let mut invoices = found.iter_mut().peekable();
    conn.query(&sql, &params, &mut |row| {
        let of: InvoiceId = decode::id(row, count)?;
        while invoices.peek().is_some_and(|invoice| invoice.id < of) {
            invoices.next();
        }
        if let Some(invoice) = invoices.peek_mut().filter(|invoice| invoice.id == of) {
            let line = decode_line(row, invoice.total.currency)?.into_static();
            invoice.lines.get_or_insert_with(|| Nested(Vec::new())).0.push(line);
        }
        Ok(())
    })
    .await?;
    Ok(found)
}
