//! Statements on invoices and their lines.

use std::collections::{BTreeMap, HashSet};

use clinicos_contract::time::Date;
use clinicos_contract::wire::{IntoStatic, Nested};
use clinicos_contract::{Currency, Money, View, Writer};
use clinicos_gate::ClinicId;
use clinicos_store::page::{LinkSql, ListSql};
use clinicos_store::{Conn, Row, StoreError, Value};

use super::model::Invoice;
use super::model::lines::{InvoiceLine, LineState};
use super::model::stage::{Stage, Status};
use crate::ids::InvoiceId;
use crate::products::model::parts::RevenueCategory;
use crate::texts::Decimal;
use crate::{batch, decode, invoice_status_sql};

macro_rules! columns {
    () => {
        concat!(
            "i.id, i.clinic_id, i.client_id, i.number, i.stage, ",
            invoice_status_sql!(),
            ", i.issued_on, i.due_on, i.subtotal, i.discount, i.tax, i.total, i.paid, i.balance, i.currency, i.notes, \
             i.voided_at, i.void_reason, i.external_ids, i.created_at, i.updated_at, i.version, i.deleted_at"
        )
    };
}

macro_rules! line_columns {
    () => {
        "l.id, l.description, l.quantity, l.unit_price, l.discount, l.tax, l.total, l.revenue_category, l.performed_on, l.state, \
         l.version, l.patient_id, l.product_id, l.gl_code"
    };
}

/// A page: `$1` is the clinic, `$2` its day, `$3` is `all` to see tombstones. The scope names `$2`, which always holds,
/// because a statement must use each parameter it is given and not every statement of a page has the columns.
pub static LIST: ListSql = ListSql {
    columns: columns!(),
    column_count: 23,
    table: "invoices",
    alias: "i",
    scope: "i.clinic_id = $1 AND $2 <> '' AND ($3 = 'all' OR i.deleted_at IS NULL)",
    id: "i.id",
    expressions: &[("status", invoice_status_sql!())],
    indexed: &["client_id", "number"],
    worklist: None,
    through: &[("patient_id", "i.id IN (SELECT l.invoice_id FROM invoice_lines l WHERE l.clinic_id = $1 AND l.patient_id = {})")],
};

/// What payments pay. Without lines, as in a list.
pub static OF_PAYMENTS: LinkSql = LinkSql {
    columns: columns!(),
    column_count: 23,
    from: "payment_allocations l JOIN invoices i ON i.clinic_id = l.clinic_id AND i.id = l.invoice_id",
    clinic: "l.clinic_id",
    record: "l.payment_id",
    order: "i.id",
};

/// The lines of invoices, with the currency that an invoice knows.
pub static LINES_OF_INVOICES: LinkSql = LinkSql {
    columns: concat!(line_columns!(), ", i.currency"),
    column_count: 15,
    from: "invoices i JOIN invoice_lines l ON l.clinic_id = i.clinic_id AND l.invoice_id = i.id",
    clinic: "i.clinic_id",
    record: "i.id",
    order: "l.position",
};

const FIND: &str = concat!("SELECT ", columns!(), " FROM invoices i WHERE i.clinic_id = $1 AND i.id = $3");
const LOCK: &str = concat!("SELECT ", columns!(), " FROM invoices i WHERE i.clinic_id = $1 AND i.id = $3 FOR UPDATE");
const UPDATE: &str = "UPDATE invoices SET stage = $3, issued_on = $4, due_on = $5, subtotal = $6, discount = $7, tax = $8, \
    total = $9, paid = $10, balance = $11, notes = $12, voided_at = $13, void_reason = $14, external_ids = $15, \
    updated_at = $16, version = $17, deleted_at = $18 WHERE clinic_id = $1 AND id = $2";
/// How many columns [`line_columns`] names.
const LINE_COLUMNS: usize = 14;
const LINES: &str =
    concat!("SELECT ", line_columns!(), " FROM invoice_lines l WHERE l.clinic_id = $1 AND l.invoice_id = $2 ORDER BY l.position");
const LINES_OF_MANY: &str =
    concat!("SELECT ", line_columns!(), ", l.invoice_id FROM invoice_lines l WHERE l.clinic_id = $1 AND l.invoice_id IN ");

const INSERT: &str = "INSERT INTO invoices (clinic_id, id, client_id, number, stage, issued_on, due_on, currency, subtotal, \
    discount, tax, total, paid, balance, notes, voided_at, void_reason, external_ids, created_at, updated_at, version, \
    deleted_at) VALUES ";
const INSERT_WIDTH: usize = 22;
const INSERT_LINES: &str = "INSERT INTO invoice_lines (clinic_id, invoice_id, id, position, description, quantity, unit_price, \
    discount, tax, total, revenue_category, performed_on, state, version, patient_id, product_id, gl_code) VALUES ";
const INSERT_LINES_WIDTH: usize = 17;

/// Reads [`columns`]; the lines stay out.
pub fn decode(row: &dyn Row) -> Result<Invoice<'_>, StoreError> {
    let currency = decode::currency(row, 14)?;
    let money = |column| decode::money(row, column, currency);
    Ok(Invoice {
        id: decode::id(row, 0)?,
        clinic_id: decode::id(row, 1)?,
        client_id: decode::id(row, 2)?,
        number: decode::text(row, 3)?,
        stage: decode::word(row, 4, Stage::parse)?,
        status: decode::word(row, 5, Status::parse)?,
        issued_on: decode::date(row, 6)?,
        due_on: decode::date(row, 7)?,
        subtotal: money(8)?,
        discount: money(9)?,
        tax: money(10)?,
        total: money(11)?,
        paid: money(12)?,
        balance: money(13)?,
        notes: decode::opt_text(row, 15)?,
        voided_at: decode::opt_time(row, 16)?,
        void_reason: decode::opt_text(row, 17)?,
        lines: None,
        external_ids: decode::doc(row, 18)?,
        created_at: decode::time(row, 19)?,
        updated_at: decode::time(row, 20)?,
        version: row.int(21)?,
        deleted_at: decode::opt_time(row, 22)?,
    })
}

/// Writes one row of a page.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError> {
    out.record(&decode(row)?, view);
    Ok(())
}

/// Writes one row of [`LINES_OF_INVOICES`].
pub fn emit_line(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError> {
    out.record(&decode_line(row, decode::currency(row, 14)?)?, view);
    Ok(())
}

/// One invoice of the clinic with its lines, as of the clinic's day.
pub async fn find(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    today: Date,
    id: InvoiceId,
) -> Result<Option<Invoice<'static>>, StoreError> {
    read_with_lines(conn, FIND, clinic, today, id).await
}

/// The same, held until the transaction ends.
pub async fn lock(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    today: Date,
    id: InvoiceId,
) -> Result<Option<Invoice<'static>>, StoreError> {
    read_with_lines(conn, LOCK, clinic, today, id).await
}

/// The same without its lines, for who changes only what is paid.
pub async fn lock_head(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    today: Date,
    id: InvoiceId,
) -> Result<Option<Invoice<'static>>, StoreError> {
    read(conn, LOCK, clinic, today, id).await
}

/// Many invoices without their lines, tombstones included, held until the transaction ends.
pub async fn lock_heads(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    today: Date,
    ids: &[InvoiceId],
) -> Result<BTreeMap<InvoiceId, Invoice<'static>>, StoreError> {
    const HEAD: &str = concat!("SELECT ", columns!(), " FROM invoices i WHERE i.clinic_id = $1 AND i.id IN ");
    let values: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
    let mut found = BTreeMap::new();
    batch::among(conn, HEAD, " ORDER BY i.id FOR UPDATE", &[clinic.into(), today.into()], &values, &mut |row| {
        let invoice = decode(row)?.into_static();
        found.insert(invoice.id, invoice);
        Ok(())
    })
    .await?;
    Ok(found)
}

/// The same with their lines.
pub async fn lock_many(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    today: Date,
    ids: &[InvoiceId],
) -> Result<BTreeMap<InvoiceId, Invoice<'static>>, StoreError> {
    let mut found = lock_heads(conn, clinic, today, ids).await?;
    let values: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
    batch::among(conn, LINES_OF_MANY, " ORDER BY l.invoice_id, l.position", &[clinic.into()], &values, &mut |row| {
        if let Some(invoice) = found.get_mut(&decode::id(row, LINE_COLUMNS)?) {
            let line = decode_line(row, invoice.total.currency)?.into_static();
            invoice.lines.get_or_insert_with(|| Nested(Vec::new())).0.push(line);
        }
        Ok(())
    })
    .await?;
    Ok(found)
}

/// Those of these numbers that are taken, by a tombstone, too.
pub async fn taken_numbers(conn: &mut dyn Conn, clinic: ClinicId, numbers: &[&str]) -> Result<HashSet<String>, StoreError> {
    const HEAD: &str = "SELECT number FROM invoices WHERE clinic_id = $1 AND number IN ";
    let values: Vec<Value<'_>> = numbers.iter().map(|number| Value::Text(number)).collect();
    let mut found = HashSet::new();
    batch::among(conn, HEAD, "", &[clinic.into()], &values, &mut |row| {
        found.insert(row.text(0)?.to_owned());
        Ok(())
    })
    .await?;
    Ok(found)
}

async fn read(
    conn: &mut dyn Conn,
    sql: &str,
    clinic: ClinicId,
    today: Date,
    id: InvoiceId,
) -> Result<Option<Invoice<'static>>, StoreError> {
    conn.one(sql, &[clinic.into(), today.into(), id.into()], |row| Ok(decode(row)?.into_static())).await
}

async fn read_with_lines(
    conn: &mut dyn Conn,
    sql: &str,
    clinic: ClinicId,
    today: Date,
    id: InvoiceId,
) -> Result<Option<Invoice<'static>>, StoreError> {
    let Some(mut invoice) = read(conn, sql, clinic, today, id).await? else { return Ok(None) };
    invoice.lines = Some(Nested(lines(conn, clinic, id, invoice.total.currency).await?));
    Ok(Some(invoice))
}

/// The lines of one invoice, in order.
pub async fn lines(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    invoice: InvoiceId,
    currency: Currency,
) -> Result<Vec<InvoiceLine<'static>>, StoreError> {
    conn.all(LINES, &[clinic.into(), invoice.into()], |row| Ok(decode_line(row, currency)?.into_static())).await
}

/// Reads [`line_columns`].
pub fn decode_line(row: &dyn Row, currency: Currency) -> Result<InvoiceLine<'_>, StoreError> {
    let money = |column| -> Result<Money, StoreError> { decode::money(row, column, currency) };
    Ok(InvoiceLine {
        id: decode::id(row, 0)?,
        description: decode::text(row, 1)?,
        quantity: Decimal(decode::text(row, 2)?),
        unit_price: money(3)?,
        discount: money(4)?,
        tax: money(5)?,
        total: money(6)?,
        revenue_category: decode::word(row, 7, RevenueCategory::parse)?,
        performed_on: decode::date(row, 8)?,
        state: decode::word(row, 9, LineState::parse)?,
        version: row.int(10)?,
        patient_id: decode::opt_id(row, 11)?,
        product_id: decode::opt_id(row, 12)?,
        gl_code: decode::opt_text(row, 13)?,
    })
}

/// Adds some, with their lines.
pub async fn insert(conn: &mut dyn Conn, new: &[Invoice<'_>]) -> Result<(), StoreError> {
    batch::insert(conn, INSERT, INSERT_WIDTH, new, values).await?;
    let lines: Vec<PlacedLine<'_>> = new.iter().flat_map(placed).collect();
    batch::insert(conn, INSERT_LINES, INSERT_LINES_WIDTH, &lines, line_values).await
}

/// Puts the lines of an invoice in place of those that are stored.
pub async fn replace_lines(conn: &mut dyn Conn, invoice: &Invoice<'_>) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM invoice_lines WHERE clinic_id = $1 AND invoice_id = $2";
    conn.execute(SQL, &[invoice.clinic_id.into(), invoice.id.into()]).await?;
    let lines: Vec<PlacedLine<'_>> = placed(invoice).collect();
    batch::insert(conn, INSERT_LINES, INSERT_LINES_WIDTH, &lines, line_values).await
}

fn values<'a>(new: &'a Invoice<'_>, params: &mut Vec<Value<'a>>) {
    params.extend([
        new.clinic_id.into(),
        new.id.into(),
        new.client_id.into(),
        (&*new.number).into(),
        new.stage.name().into(),
        new.issued_on.into(),
        new.due_on.into(),
        new.total.currency.code().into(),
        new.subtotal.amount.into(),
        new.discount.amount.into(),
        new.tax.amount.into(),
        new.total.amount.into(),
        new.paid.amount.into(),
        new.balance.amount.into(),
        new.notes.as_deref().into(),
        new.voided_at.into(),
        new.void_reason.as_deref().into(),
        new.external_ids.text().into(),
        new.created_at.into(),
        new.updated_at.into(),
        new.version.into(),
        new.deleted_at.into(),
    ]);
}

/// A line, whose it is, and where it stands.
struct PlacedLine<'a> {
    clinic: ClinicId,
    invoice: InvoiceId,
    position: i64,
    line: &'a InvoiceLine<'a>,
}

fn placed<'a>(invoice: &'a Invoice<'_>) -> impl Iterator<Item = PlacedLine<'a>> {
    let lines = invoice.lines.iter().flat_map(|lines| &lines.0);
    lines.zip(0..).map(|(line, position)| PlacedLine { clinic: invoice.clinic_id, invoice: invoice.id, position, line })
}

fn line_values<'a>(new: &'a PlacedLine<'_>, params: &mut Vec<Value<'a>>) {
    let line = new.line;
    params.extend([
        new.clinic.into(),
        new.invoice.into(),
        line.id.into(),
        new.position.into(),
        (&*line.description).into(),
        (&*line.quantity.0).into(),
        line.unit_price.amount.into(),
        line.discount.amount.into(),
        line.tax.amount.into(),
        line.total.amount.into(),
        line.revenue_category.name().into(),
        line.performed_on.into(),
        line.state.name().into(),
        line.version.into(),
        line.patient_id.into(),
        line.product_id.into(),
        line.gl_code.as_deref().into(),
    ]);
}

/// Saves all that can change, apart from the lines.
pub async fn update(conn: &mut dyn Conn, changed: &Invoice<'_>) -> Result<(), StoreError> {
    let params: [Value<'_>; 18] = [
        changed.clinic_id.into(),
        changed.id.into(),
        changed.stage.name().into(),
        changed.issued_on.into(),
        changed.due_on.into(),
        changed.subtotal.amount.into(),
        changed.discount.amount.into(),
        changed.tax.amount.into(),
        changed.total.amount.into(),
        changed.paid.amount.into(),
        changed.balance.amount.into(),
        changed.notes.as_deref().into(),
        changed.voided_at.into(),
        changed.void_reason.as_deref().into(),
        changed.external_ids.text().into(),
        changed.updated_at.into(),
        changed.version.into(),
        changed.deleted_at.into(),
    ];
    conn.execute(UPDATE, &params).await.map(drop)
}

/// Whether a number is taken, by a tombstone, too.
pub async fn has_number(conn: &mut dyn Conn, clinic: ClinicId, number: &str) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM invoices WHERE clinic_id = $1 AND number = $2";
    Ok(conn.one(SQL, &[clinic.into(), number.into()], |_| Ok(())).await?.is_some())
}

/// Counts on and returns the new number.
pub async fn next_number(conn: &mut dyn Conn, clinic: ClinicId) -> Result<i64, StoreError> {
    const SQL: &str = "INSERT INTO invoice_numbers (clinic_id, last_number) VALUES ($1, 1) \
        ON CONFLICT (clinic_id) DO UPDATE SET last_number = invoice_numbers.last_number + 1 RETURNING last_number";
    let number = conn.one(SQL, &[clinic.into()], |row| row.int(0)).await?;
    number.ok_or_else(|| StoreError::Corrupt("counting on returned no number".to_owned()))
}

/// The last number that was counted on to.
pub async fn last_number(conn: &mut dyn Conn, clinic: ClinicId) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT last_number FROM invoice_numbers WHERE clinic_id = $1";
    Ok(conn.one(SQL, &[clinic.into()], |row| row.int(0)).await?.unwrap_or(0))
}

/// Goes on counting from here.
pub async fn count_from(conn: &mut dyn Conn, clinic: ClinicId, last: i64) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO invoice_numbers (clinic_id, last_number) VALUES ($1, $2) \
        ON CONFLICT (clinic_id) DO UPDATE SET last_number = excluded.last_number";
    conn.execute(SQL, &[clinic.into(), last.into()]).await.map(drop)
}
