//! `products.import`

use std::collections::HashMap;

use clinicos_contract::{AnyId, Body, Problem, Record as _, Route, Schema, Spec, Timestamp, Verb};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrProblem as _};

use super::model::{NewProduct, Product, ProductPatch};
use super::{RESOURCE, events, rows, sample};
use crate::bulk::{self, Batch, Changed, ImportBatch, Importing, NewBatch, Row, Rows};
use crate::ids::{ProductId, ProductKind};

static BODY: Schema = Schema {
    name: "product_import",
    doc: "Products of another system.",
    fields: &[bulk::SYSTEM, bulk::DRY_RUN, bulk::RESULTS, bulk::rows(Product::SCHEMA)],
};

/// Creates products, and changes those that were imported before.
pub struct Import;

impl Rows for Import {
    const SCHEMA: &'static Schema = Product::SCHEMA;
}

impl Operation for Import {
    const SPEC: Spec = Spec {
        id: "products.import",
        route: Route::post("/v1/products/import"),
        summary: "Import products and services",
        resource: &RESOURCE,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        emits: &[&events::CREATED, &events::UPDATED],
        example: sample::IMPORT,
        // They tell of no client.
        compares: false,
        ..bulk::SPEC
    };
    type Body = NewBatch<Import>;
    type Output = One<ImportBatch<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewBatch<Import>>) -> Result<Self::Output, Problem> {
        let mut batch: Batch<ProductKind> = Batch::open(cx, input.body).await?;
        let known = rows::lock_many(cx.conn(), batch.clinic, &batch.found()).await.or_problem()?;
        let skus: Vec<String> = batch.rows().iter().filter_map(|row| row.member("sku")).collect();
        let skus = rows::with_skus(cx.conn(), batch.clinic, &skus).await.or_problem()?;
        let now = batch.now;
        let importing = Products { known, skus, new: Vec::new(), changed: Vec::new(), announcements: Vec::new(), now };
        bulk::import(cx, &mut batch, importing).await?;
        Ok(One(batch.close(cx, RESOURCE.name)))
    }
}

/// Products on their way.
struct Products {
    known: HashMap<ProductId, Product<'static>>,
    /// Who has the SKUs that the batch names.
    skus: HashMap<String, ProductId>,
    new: Vec<Product<'static>>,
    changed: Vec<Product<'static>>,
    announcements: Vec<Announcement>,
    now: Timestamp,
}

impl Products {
    /// Takes a SKU, unless another product has it.
    fn take_sku(&mut self, product: &Product<'_>) -> Result<(), Problem> {
        let Some(sku) = &product.sku else { return Ok(()) };
        if *self.skus.entry(sku.to_string()).or_insert(product.id) == product.id {
            return Ok(());
        }
        Err(Problem::rule("/sku", "already_exists", "another product of the clinic has this SKU"))
    }

    /// Leaves a SKU that a product gave up to the rows behind it.
    fn release_sku(&mut self, product: ProductId, sku: Option<&str>) {
        if let Some(sku) = sku.filter(|sku| self.skus.get(*sku) == Some(&product)) {
            self.skus.remove(sku);
        }
    }
}

impl Importing for Products {
    type Kind = ProductKind;

    fn create(&mut self, cx: &Cx<'_>, row: &mut Row<ProductKind>) -> Result<AnyId, Problem> {
        let product = row.create::<NewProduct>()?.record(cx.mint(), cx.clinic()?, self.now)?;
        self.take_sku(&product)?;
        let id = product.id.any();
        self.announcements.push(Announcement::new(&events::CREATED, id, product.version));
        self.new.push(product);
        Ok(id)
    }

    fn change(&mut self, cx: &Cx<'_>, id: ProductId, row: &mut Row<ProductKind>) -> Result<Option<Changed>, Problem> {
        let mut product = self.known.remove(&id).ok_or_else(|| bulk::lost(id))?;
        let before = product.external_ids.value().unwrap_or_default();
        let old_sku = product.sku.as_deref().map(str::to_owned);
        let changes = product.apply(row.patch::<ProductPatch>()?, cx.clinic()?.currency)?;
        if changes.is_empty() {
            return Ok(None);
        }
        if changes.has("sku") {
            self.take_sku(&product)?;
            self.release_sku(product.id, old_sku.as_deref());
        }
        product.touch(self.now);
        let about = Announcement::new(&events::UPDATED, product.id.any(), product.version);
        self.announcements.push(about.changed(changes.names()));
        let after = product.external_ids.value().unwrap_or_default();
        self.changed.push(product);
        Ok(Some(Changed { before, after }))
    }

    async fn save(self, cx: &mut Cx<'_>) -> Result<(), Problem> {
        // Those that give a SKU up come before those that take it.
        for product in &self.changed {
            rows::update(cx.conn(), product).await.or_problem()?;
        }
        rows::insert(cx.conn(), &self.new).await.or_problem()?;
        self.announcements.into_iter().for_each(|announcement| cx.emit(announcement));
        Ok(())
    }
}
