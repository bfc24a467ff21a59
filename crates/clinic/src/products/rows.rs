//! Statements on products.

use std::collections::{BTreeSet, HashMap};

use clinicos_contract::wire::IntoStatic;
use clinicos_contract::{Money, View, Writer};
use clinicos_gate::ClinicId;
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};

use super::model::Product;
use super::model::parts::{ProductKind, RevenueCategory, Schedule};
use crate::ids::ProductId;
use crate::texts::Decimal;
use crate::{batch, decode};

macro_rules! columns {
    () => {
        "p.id, p.clinic_id, p.sku, p.name, p.kind, p.revenue_category, p.gl_code, p.unit, p.price, p.currency, p.cost, \
         p.tax_code, p.controlled_schedule, p.tracked, p.on_hand, p.reorder_point, p.lots, p.active, p.external_ids, \
         p.created_at, p.updated_at, p.version, p.deleted_at"
    };
}

/// A page: `$1` is the clinic, `$2` is `all` to see tombstones.
pub static LIST: ListSql = ListSql {
    columns: columns!(),
    column_count: 23,
    table: "products",
    alias: "p",
    scope: "p.clinic_id = $1 AND ($2 = 'all' OR p.deleted_at IS NULL)",
    id: "p.id",
    expressions: &[],
    indexed: &["sku", "name"],
    worklist: None,
    through: &[],
};

const FIND: &str = concat!("SELECT ", columns!(), " FROM products p WHERE p.clinic_id = $1 AND p.id = $2");
const LOCK: &str = concat!("SELECT ", columns!(), " FROM products p WHERE p.clinic_id = $1 AND p.id = $2 FOR UPDATE");
const SOME: &str = concat!("SELECT ", columns!(), " FROM products p WHERE p.clinic_id = $1 AND p.id IN ");
const UPDATE: &str = "UPDATE products SET sku = $3, name = $4, kind = $5, revenue_category = $6, gl_code = $7, unit = $8, \
    price = $9, currency = $10, cost = $11, tax_code = $12, controlled_schedule = $13, tracked = $14, on_hand = $15, \
    reorder_point = $16, lots = $17, active = $18, external_ids = $19, created_at = $20, updated_at = $21, version = $22, \
    deleted_at = $23 WHERE clinic_id = $1 AND id = $2";
const INSERT: &str = "INSERT INTO products (clinic_id, id, sku, name, kind, revenue_category, gl_code, unit, price, currency, \
    cost, tax_code, controlled_schedule, tracked, on_hand, reorder_point, lots, active, external_ids, created_at, updated_at, \
    version, deleted_at) VALUES ";
const INSERT_WIDTH: usize = 23;

/// Reads [`columns`].
pub fn decode(row: &dyn Row) -> Result<Product<'_>, StoreError> {
    let currency = decode::currency(row, 9)?;
    Ok(Product {
        id: decode::id(row, 0)?,
        clinic_id: decode::id(row, 1)?,
        sku: decode::opt_text(row, 2)?,
        name: decode::text(row, 3)?,
        kind: decode::word(row, 4, ProductKind::parse)?,
        revenue_category: decode::word(row, 5, RevenueCategory::parse)?,
        gl_code: decode::opt_text(row, 6)?,
        unit: decode::text(row, 7)?,
        price: decode::money(row, 8, currency)?,
        cost: row.opt_int(10)?.map(|amount| Money::new(amount, currency)),
        tax_code: decode::opt_text(row, 11)?,
        controlled_schedule: decode::word(row, 12, Schedule::parse)?,
        tracked: decode::boolean(row, 13)?,
        on_hand: decode::opt_text(row, 14)?.map(Decimal),
        reorder_point: decode::opt_text(row, 15)?.map(Decimal),
        lots: decode::doc(row, 16)?,
        active: decode::boolean(row, 17)?,
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

/// One product of the clinic.
pub async fn find(conn: &mut dyn Conn, clinic: ClinicId, id: ProductId) -> Result<Option<Product<'static>>, StoreError> {
    conn.one(FIND, &[clinic.into(), id.into()], |row| Ok(decode(row)?.into_static())).await
}

/// The same, held until the transaction ends.
pub async fn lock(conn: &mut dyn Conn, clinic: ClinicId, id: ProductId) -> Result<Option<Product<'static>>, StoreError> {
    conn.one(LOCK, &[clinic.into(), id.into()], |row| Ok(decode(row)?.into_static())).await
}

/// Those of these products that the clinic has, without tombstones.
pub async fn some(conn: &mut dyn Conn, clinic: ClinicId, ids: &BTreeSet<ProductId>) -> Result<Vec<Product<'static>>, StoreError> {
    let ids: Vec<Value<'_>> = ids.iter().map(|id| Value::from(*id)).collect();
    let mut found = Vec::with_capacity(ids.len());
    batch::among(conn, SOME, " AND p.deleted_at IS NULL", &[clinic.into()], &ids, &mut |row| {
        found.push(decode(row)?.into_static());
        Ok(())
    })
    .await?;
    Ok(found)
}

/// Many products, tombstones included, held until the transaction ends.
pub async fn lock_many(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    ids: &[ProductId],
) -> Result<HashMap<ProductId, Product<'static>>, StoreError> {
    let ids: Vec<Value<'_>> = ids.iter().map(|id| Value::from(*id)).collect();
    let mut found = HashMap::with_capacity(ids.len());
    batch::among(conn, SOME, " ORDER BY p.id FOR UPDATE", &[clinic.into()], &ids, &mut |row| {
        let product = decode(row)?.into_static();
        found.insert(product.id, product);
        Ok(())
    })
    .await?;
    Ok(found)
}

/// Which products have these SKUs; a tombstone has none.
pub async fn with_skus(conn: &mut dyn Conn, clinic: ClinicId, skus: &[String]) -> Result<HashMap<String, ProductId>, StoreError> {
    const HEAD: &str = "SELECT sku, id FROM products WHERE clinic_id = $1 AND deleted_at IS NULL AND sku IN ";
    let skus: Vec<Value<'_>> = skus.iter().map(|sku| Value::Text(sku)).collect();
    let mut found = HashMap::new();
    batch::among(conn, HEAD, "", &[clinic.into()], &skus, &mut |row| {
        found.insert(row.text(0)?.to_owned(), decode::id(row, 1)?);
        Ok(())
    })
    .await?;
    Ok(found)
}

/// The product that has this SKU; a tombstone has none.
pub async fn with_sku(conn: &mut dyn Conn, clinic: ClinicId, sku: &str) -> Result<Option<ProductId>, StoreError> {
    const SQL: &str = "SELECT id FROM products WHERE clinic_id = $1 AND sku = $2 AND deleted_at IS NULL";
    conn.one(SQL, &[clinic.into(), sku.into()], |row| decode::id(row, 0)).await
}

/// Adds some.
pub async fn insert(conn: &mut dyn Conn, new: &[Product<'_>]) -> Result<(), StoreError> {
    batch::insert(conn, INSERT, INSERT_WIDTH, new, values).await
}

/// Saves everything.
pub async fn update(conn: &mut dyn Conn, changed: &Product<'_>) -> Result<(), StoreError> {
    let mut params = Vec::with_capacity(INSERT_WIDTH);
    values(changed, &mut params);
    conn.execute(UPDATE, &params).await.map(drop)
}

fn values<'a>(new: &'a Product<'_>, params: &mut Vec<Value<'a>>) {
    params.extend([
        new.clinic_id.into(),
        new.id.into(),
        new.sku.as_deref().into(),
        (&*new.name).into(),
        new.kind.name().into(),
        new.revenue_category.name().into(),
        new.gl_code.as_deref().into(),
        (&*new.unit).into(),
        new.price.amount.into(),
        new.price.currency.code().into(),
        new.cost.map(|cost| cost.amount).into(),
        new.tax_code.as_deref().into(),
        new.controlled_schedule.name().into(),
        new.tracked.into(),
        new.on_hand.as_ref().map(|amount| &*amount.0).into(),
        new.reorder_point.as_ref().map(|amount| &*amount.0).into(),
    ]);
    params.extend([
        new.lots.text().into(),
        new.active.into(),
        new.external_ids.text().into(),
        new.created_at.into(),
        new.updated_at.into(),
        new.version.into(),
        new.deleted_at.into(),
    ]);
}
