//! Statements on payments and what they pay.

use std::collections::{BTreeMap, HashMap};

use clinicos_contract::wire::IntoStatic;
use clinicos_contract::{View, Writer};
use clinicos_gate::ClinicId;
use clinicos_store::page::{LinkSql, ListSql};
use clinicos_store::{Conn, Row, StoreError, Value};

use super::model::status::PaymentStatus;
use super::model::{Allocation, Method, Payment, PaymentType, Provider};
use crate::ids::{InvoiceId, PaymentId};
use crate::{batch, decode};

// The allocations come as the JSON that `Allocations` serializes to, so that a page needs no
// second statement.
macro_rules! columns {
    () => {
        "p.id, p.clinic_id, p.client_id, p.amount, p.currency, p.method, p.type, p.status, p.provider, p.provider_ref, p.fee, \
         p.tendered_at, p.till_id, COALESCE((SELECT '[' || string_agg('{\"invoice_id\":\"' || a.invoice_id || \
         '\",\"amount\":{\"amount\":' || a.amount || ',\"currency\":\"' || p.currency || '\"}}', ',' ORDER BY a.invoice_id) \
         || ']' FROM payment_allocations a WHERE a.clinic_id = p.clinic_id AND a.payment_id = p.id), '[]'), p.unallocated, \
         p.external_ids, p.created_at, p.updated_at, p.version, p.deleted_at, p.refunded"
    };
}

/// A page: `$1` is the clinic, `$2` is `all` to see tombstones.
pub static LIST: ListSql = ListSql {
    columns: columns!(),
    column_count: 21,
    table: "payments",
    alias: "p",
    scope: "p.clinic_id = $1 AND ($2 = 'all' OR p.deleted_at IS NULL)",
    id: "p.id",
    expressions: &[],
    indexed: &["client_id"],
    worklist: None,
    through: &[(
        "invoice_id",
        "p.id IN (SELECT l.payment_id FROM payment_allocations l WHERE l.clinic_id = $1 AND l.invoice_id = {})",
    )],
};

/// What was paid of invoices.
pub static OF_INVOICES: LinkSql = LinkSql {
    columns: columns!(),
    column_count: 21,
    from: "payment_allocations l JOIN payments p ON p.clinic_id = l.clinic_id AND p.id = l.payment_id",
    clinic: "l.clinic_id",
    record: "l.invoice_id",
    order: "p.id",
};

const FIND: &str = concat!("SELECT ", columns!(), " FROM payments p WHERE p.clinic_id = $1 AND p.id = $2");
const LOCK: &str = concat!("SELECT ", columns!(), " FROM payments p WHERE p.clinic_id = $1 AND p.id = $2 FOR UPDATE");
const UPDATE: &str = "UPDATE payments SET method = $3, status = $4, provider = $5, provider_ref = $6, fee = $7, \
    tendered_at = $8, till_id = $9, unallocated = $10, external_ids = $11, updated_at = $12, version = $13, deleted_at = $14, \
    refunded = $15 WHERE clinic_id = $1 AND id = $2";
const INSERT: &str = "INSERT INTO payments (clinic_id, id, client_id, amount, currency, method, type, status, provider, \
    provider_ref, fee, tendered_at, till_id, unallocated, external_ids, created_at, updated_at, version, deleted_at, refunded) VALUES ";
const INSERT_WIDTH: usize = 20;
const INSERT_ALLOCATIONS: &str = "INSERT INTO payment_allocations (clinic_id, payment_id, invoice_id, amount) VALUES ";
const INSERT_ALLOCATIONS_WIDTH: usize = 4;

/// Reads [`columns`].
pub fn decode(row: &dyn Row) -> Result<Payment<'_>, StoreError> {
    let currency = decode::currency(row, 4)?;
    Ok(Payment {
        id: decode::id(row, 0)?,
        clinic_id: decode::id(row, 1)?,
        client_id: decode::id(row, 2)?,
        amount: decode::money(row, 3, currency)?,
        method: decode::word(row, 5, Method::parse)?,
        r#type: decode::word(row, 6, PaymentType::parse)?,
        status: decode::word(row, 7, PaymentStatus::parse)?,
        provider: decode::word(row, 8, Provider::parse)?,
        provider_ref: decode::opt_text(row, 9)?,
        fee: row.opt_int(10)?.map(|amount| clinicos_contract::Money::new(amount, currency)),
        tendered_at: decode::time(row, 11)?,
        till_id: decode::opt_text(row, 12)?,
        allocations: decode::doc(row, 13)?,
        unallocated: decode::money(row, 14, currency)?,
        external_ids: decode::doc(row, 15)?,
        created_at: decode::time(row, 16)?,
        updated_at: decode::time(row, 17)?,
        version: row.int(18)?,
        deleted_at: decode::opt_time(row, 19)?,
        refunded: decode::money(row, 20, currency)?,
    })
}

/// Writes one row of a page.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError> {
    out.record(&decode(row)?, view);
    Ok(())
}

/// One payment of the clinic.
pub async fn find(conn: &mut dyn Conn, clinic: ClinicId, id: PaymentId) -> Result<Option<Payment<'static>>, StoreError> {
    conn.one(FIND, &[clinic.into(), id.into()], |row| Ok(decode(row)?.into_static())).await
}

/// The same, held until the transaction ends.
pub async fn lock(conn: &mut dyn Conn, clinic: ClinicId, id: PaymentId) -> Result<Option<Payment<'static>>, StoreError> {
    conn.one(LOCK, &[clinic.into(), id.into()], |row| Ok(decode(row)?.into_static())).await
}

/// Many payments, tombstones included, held until the transaction ends.
pub async fn lock_many(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    ids: &[PaymentId],
) -> Result<HashMap<PaymentId, Payment<'static>>, StoreError> {
    const HEAD: &str = concat!("SELECT ", columns!(), " FROM payments p WHERE p.clinic_id = $1 AND p.id IN ");
    let values: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
    let mut found = HashMap::with_capacity(ids.len());
    batch::among(conn, HEAD, " ORDER BY p.id FOR UPDATE", &[clinic.into()], &values, &mut |row| {
        let payment = decode(row)?.into_static();
        found.insert(payment.id, payment);
        Ok(())
    })
    .await?;
    Ok(found)
}

/// Adds some, without their allocations.
pub async fn insert(conn: &mut dyn Conn, new: &[Payment<'_>]) -> Result<(), StoreError> {
    batch::insert(conn, INSERT, INSERT_WIDTH, new, values).await
}

fn values<'a>(new: &'a Payment<'_>, params: &mut Vec<Value<'a>>) {
    params.extend([
        new.clinic_id.into(),
        new.id.into(),
        new.client_id.into(),
        new.amount.amount.into(),
        new.amount.currency.code().into(),
        new.method.name().into(),
        new.r#type.name().into(),
        new.status.name().into(),
        new.provider.name().into(),
        new.provider_ref.as_deref().into(),
        new.fee.map(|fee| fee.amount).into(),
        new.tendered_at.into(),
        new.till_id.as_deref().into(),
        new.unallocated.amount.into(),
        new.external_ids.text().into(),
        new.created_at.into(),
        new.updated_at.into(),
        new.version.into(),
        new.deleted_at.into(),
        new.refunded.amount.into(),
    ]);
}

/// Saves all that can change, apart from the allocations.
pub async fn update(conn: &mut dyn Conn, changed: &Payment<'_>) -> Result<(), StoreError> {
    let params: [Value<'_>; 15] = [
        changed.clinic_id.into(),
        changed.id.into(),
        changed.method.name().into(),
        changed.status.name().into(),
        changed.provider.name().into(),
        changed.provider_ref.as_deref().into(),
        changed.fee.map(|fee| fee.amount).into(),
        changed.tendered_at.into(),
        changed.till_id.as_deref().into(),
        changed.unallocated.amount.into(),
        changed.external_ids.text().into(),
        changed.updated_at.into(),
        changed.version.into(),
        changed.deleted_at.into(),
        changed.refunded.amount.into(),
    ];
    conn.execute(UPDATE, &params).await.map(drop)
}

/// How many payments put something towards each of these invoices.
pub async fn count_payers(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    invoices: &[InvoiceId],
) -> Result<BTreeMap<InvoiceId, i64>, StoreError> {
    const HEAD: &str = "SELECT invoice_id, COUNT(*) FROM payment_allocations WHERE clinic_id = $1 AND invoice_id IN ";
    let ids: Vec<Value<'_>> = invoices.iter().map(|id| (*id).into()).collect();
    let mut found = BTreeMap::new();
    batch::among(conn, HEAD, " GROUP BY invoice_id", &[clinic.into()], &ids, &mut |row| {
        found.insert(decode::id(row, 0)?, row.int(1)?);
        Ok(())
    })
    .await?;
    Ok(found)
}

/// How many other payments put something towards an invoice.
pub async fn count_others(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    invoice: InvoiceId,
    payment: PaymentId,
) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM payment_allocations WHERE clinic_id = $1 AND invoice_id = $2 AND payment_id <> $3";
    let count = conn.one(SQL, &[clinic.into(), invoice.into(), payment.into()], |row| row.int(0)).await?;
    Ok(count.unwrap_or(0))
}

/// An allocation and whose it is.
#[derive(Debug)]
pub struct PlacedAllocation {
    /// The clinic.
    pub clinic: ClinicId,
    /// The payment.
    pub payment: PaymentId,
    /// What it pays.
    pub allocation: Allocation,
}

/// Adds what payments pay.
pub async fn insert_allocations(conn: &mut dyn Conn, new: &[PlacedAllocation]) -> Result<(), StoreError> {
    batch::insert(conn, INSERT_ALLOCATIONS, INSERT_ALLOCATIONS_WIDTH, new, |placed, params| {
        params.extend([
            placed.clinic.into(),
            placed.payment.into(),
            placed.allocation.invoice_id.into(),
            placed.allocation.amount.amount.into(),
        ]);
    })
    .await
}

/// Forgets what a payment pays.
pub async fn delete_allocations(conn: &mut dyn Conn, clinic: ClinicId, payment: PaymentId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM payment_allocations WHERE clinic_id = $1 AND payment_id = $2";
    conn.execute(SQL, &[clinic.into(), payment.into()]).await.map(drop)
}
