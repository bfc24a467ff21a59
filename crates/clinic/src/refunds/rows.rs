//! Statements on refunds and the lines that they pay back.

use std::collections::BTreeMap;

use clinicos_contract::wire::IntoStatic;
use clinicos_contract::{View, Writer};
use clinicos_gate::ClinicId;
use clinicos_store::page::{LinkSql, ListSql};
use clinicos_store::{Conn, Row, StoreError, Value};

use super::model::status::{RefundReason, RefundStatus};
use super::model::{Refund, RefundLine};
use crate::ids::{InvoiceId, InvoiceLineId, PaymentId, RefundId};
use crate::{batch, decode};

// The lines come as the JSON that `RefundLines` serializes to, so that a page needs no second
// statement.
macro_rules! columns {
    () => {
        "r.id, r.clinic_id, r.payment_id, r.client_id, r.amount, r.currency, \
         COALESCE((SELECT '[' || string_agg('{\"invoice_id\":\"' || l.invoice_id || '\",\"line_id\":\"' || l.line_id || \
         '\",\"amount\":{\"amount\":' || l.amount || ',\"currency\":\"' || r.currency || '\"}}', ',' ORDER BY l.position) \
         || ']' FROM refund_lines l WHERE l.clinic_id = r.clinic_id AND l.refund_id = r.id), '[]'), r.reason, r.note, \
         r.status, r.provider_ref, r.allocations, r.external_ids, r.created_at, r.updated_at, r.version"
    };
}

/// A page: `$1` is the clinic.
pub static LIST: ListSql = ListSql {
    columns: columns!(),
    column_count: 16,
    table: "refunds",
    alias: "r",
    scope: "r.clinic_id = $1",
    id: "r.id",
    expressions: &[],
    indexed: &["payment_id", "client_id"],
    worklist: None,
    through: &[],
};

/// What was paid back of payments.
pub static OF_PAYMENTS: LinkSql = LinkSql {
    columns: columns!(),
    column_count: 16,
    from: "refunds r",
    clinic: "r.clinic_id",
    record: "r.payment_id",
    order: "r.id",
};

const FIND: &str = concat!("SELECT ", columns!(), " FROM refunds r WHERE r.clinic_id = $1 AND r.id = $2");
const LOCK: &str = concat!("SELECT ", columns!(), " FROM refunds r WHERE r.clinic_id = $1 AND r.id = $2 FOR UPDATE");
const UPDATE: &str = "UPDATE refunds SET note = $3, status = $4, provider_ref = $5, external_ids = $6, updated_at = $7, \
    version = $8 WHERE clinic_id = $1 AND id = $2";
const INSERT: &str = "INSERT INTO refunds (clinic_id, id, payment_id, client_id, amount, currency, reason, note, status, \
    provider_ref, allocations, external_ids, created_at, updated_at, version) VALUES ";
const INSERT_WIDTH: usize = 15;
const INSERT_LINES: &str = "INSERT INTO refund_lines (clinic_id, refund_id, position, invoice_id, line_id, amount) VALUES ";
const INSERT_LINES_WIDTH: usize = 6;

/// Reads [`columns`].
pub fn decode(row: &dyn Row) -> Result<Refund<'_>, StoreError> {
    let currency = decode::currency(row, 5)?;
    Ok(Refund {
        id: decode::id(row, 0)?,
        clinic_id: decode::id(row, 1)?,
        payment_id: decode::id(row, 2)?,
        client_id: decode::id(row, 3)?,
        amount: decode::money(row, 4, currency)?,
        lines: decode::doc(row, 6)?,
        reason: decode::word(row, 7, RefundReason::parse)?,
        note: decode::opt_text(row, 8)?,
        status: decode::word(row, 9, RefundStatus::parse)?,
        provider_ref: decode::opt_text(row, 10)?,
        allocations: decode::doc(row, 11)?,
        external_ids: decode::doc(row, 12)?,
        created_at: decode::time(row, 13)?,
        updated_at: decode::time(row, 14)?,
        version: row.int(15)?,
    })
}

/// Writes one row of a page.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError> {
    out.record(&decode(row)?, view);
    Ok(())
}

/// One refund of the clinic.
pub async fn find(conn: &mut dyn Conn, clinic: ClinicId, id: RefundId) -> Result<Option<Refund<'static>>, StoreError> {
    conn.one(FIND, &[clinic.into(), id.into()], |row| Ok(decode(row)?.into_static())).await
}

/// The same, held until the transaction ends.
pub async fn lock(conn: &mut dyn Conn, clinic: ClinicId, id: RefundId) -> Result<Option<Refund<'static>>, StoreError> {
    conn.one(LOCK, &[clinic.into(), id.into()], |row| Ok(decode(row)?.into_static())).await
}

/// How many refunds a payment has, failed ones included.
pub async fn count(conn: &mut dyn Conn, clinic: ClinicId, payment: PaymentId) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM refunds WHERE clinic_id = $1 AND payment_id = $2";
    Ok(conn.one(SQL, &[clinic.into(), payment.into()], |row| row.int(0)).await?.unwrap_or(0))
}

/// What was paid back of each line of an invoice, in minor units; failed refunds do not count.
pub async fn of_lines(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    invoice: InvoiceId,
) -> Result<BTreeMap<InvoiceLineId, i64>, StoreError> {
    const SQL: &str = "SELECT l.line_id, CAST(SUM(l.amount) AS BIGINT) FROM refund_lines l \
        JOIN refunds r ON r.clinic_id = l.clinic_id AND r.id = l.refund_id \
        WHERE l.clinic_id = $1 AND l.invoice_id = $2 AND r.status <> 'failed' GROUP BY l.line_id";
    let sums = conn.all(SQL, &[clinic.into(), invoice.into()], |row| Ok((decode::id(row, 0)?, row.int(1)?))).await?;
    Ok(sums.into_iter().collect())
}

/// Adds some, with their lines.
pub async fn insert(conn: &mut dyn Conn, new: &[Refund<'_>]) -> Result<(), StoreError> {
    batch::insert(conn, INSERT, INSERT_WIDTH, new, values).await?;
    let lines: Vec<PlacedLine> = new.iter().flat_map(placed).collect();
    batch::insert(conn, INSERT_LINES, INSERT_LINES_WIDTH, &lines, line_values).await
}

fn values<'a>(new: &'a Refund<'_>, params: &mut Vec<Value<'a>>) {
    params.extend([
        new.clinic_id.into(),
        new.id.into(),
        new.payment_id.into(),
        new.client_id.into(),
        new.amount.amount.into(),
        new.amount.currency.code().into(),
        new.reason.name().into(),
        new.note.as_deref().into(),
        new.status.name().into(),
        new.provider_ref.as_deref().into(),
        new.allocations.text().into(),
        new.external_ids.text().into(),
        new.created_at.into(),
        new.updated_at.into(),
        new.version.into(),
    ]);
}

/// A line that is paid back, by which refund, and where it stands.
struct PlacedLine {
    clinic: ClinicId,
    refund: RefundId,
    position: i64,
    line: RefundLine,
}

fn placed(refund: &Refund<'_>) -> impl Iterator<Item = PlacedLine> {
    let (clinic, refund, lines) = (refund.clinic_id, refund.id, refund.lines.value().unwrap_or_default());
    lines.0.into_iter().zip(0..).map(move |(line, position)| PlacedLine { clinic, refund, position, line })
}

fn line_values<'a>(new: &'a PlacedLine, params: &mut Vec<Value<'a>>) {
    params.extend([
        new.clinic.into(),
        new.refund.into(),
        new.position.into(),
        new.line.invoice_id.into(),
        new.line.line_id.into(),
        new.line.amount.amount.into(),
    ]);
}

/// Saves all that can change.
pub async fn update(conn: &mut dyn Conn, changed: &Refund<'_>) -> Result<(), StoreError> {
    let params: [Value<'_>; 8] = [
        changed.clinic_id.into(),
        changed.id.into(),
        changed.note.as_deref().into(),
        changed.status.name().into(),
        changed.provider_ref.as_deref().into(),
        changed.external_ids.text().into(),
        changed.updated_at.into(),
        changed.version.into(),
    ];
    conn.execute(UPDATE, &params).await.map(drop)
}
