//! The product: what the clinic charges for, what it costs, and how much there is.
//!
//! What the clinic itself pays is no price that a partner needs: `cost` is among the clinic's own
//! figures, `aggregates`, and so left out unless the clinic opted in to those.

pub mod parts;

use std::borrow::Cow;

use clinicos_contract::category::Sensitivity;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Currency, Field, Money, Patch, Problem, Timestamp, record};
use clinicos_gate::{ClinicFacts, ClinicId};
use serde::Deserialize;

use self::parts::{Lots, ProductKind, RevenueCategory, Schedule};
use crate::changes::Changes;
use crate::documents::ExternalIds;
use crate::ids::ProductId;
use crate::refusals;
use crate::texts::Decimal;

/// Most lots of a product.
const LOTS_MAX: u32 = 100;
/// What one is unless said otherwise: a thing that is counted (UCUM).
const UNIT: &str = "1";

const SYSTEM: Field = Field::of(Category::RecordSystem);
const INVENTORY: Field = Field::of(Category::Inventory);
const OWN_FIGURE: Field = Field::of(Category::Aggregates).sensitivity(Sensitivity::Internal);

record! {
    /// Something that the clinic charges for: goods or a service.
    pub struct Product<'a> as "product" {
        /// Its identifier.
        id: ProductId = SYSTEM,
        /// The clinic that sells it.
        clinic_id: ClinicId = SYSTEM,
        /// The clinic's own code for it, unique among its products.
        sku: Option<Cow<'a, str>> = INVENTORY.writable().max(60).equal(),
        /// What it is called; stands on invoices.
        name: Cow<'a, str> = INVENTORY.required().updatable().max(200).equal().sortable(),
        /// What is sold.
        kind: ProductKind = INVENTORY.required().updatable().equal(),
        /// Which part of the clinic's income it is; `other` unless given.
        revenue_category: RevenueCategory = INVENTORY.writable().equal(),
        /// The account of the general ledger.
        gl_code: Option<Cow<'a, str>> = INVENTORY.writable().max(40).equal(),
        /// What one is, as a UCUM unit such as `mL` or `{tablet}`; `1` unless given.
        unit: Cow<'a, str> = INVENTORY.writable().max(40),
        /// What one costs a client, before tax.
        price: Money = INVENTORY.required().updatable().at_least(0).range(),
        /// What one costs the clinic.
        cost: Option<Money> = OWN_FIGURE.writable().at_least(0),
        /// How it is taxed, in the clinic's own words.
        tax_code: Option<Cow<'a, str>> = INVENTORY.writable().max(40).equal(),
        /// How it is controlled; `none` unless given.
        controlled_schedule: Schedule = INVENTORY.sensitivity(Sensitivity::Controlled).writable().equal(),
        /// Whether stock is kept of it; no, unless given.
        tracked: bool = INVENTORY.writable().equal(),
        /// How much there is, in its unit; below zero if more was sold than came in. Only if tracked.
        on_hand: Option<Decimal<'a>> = INVENTORY.writable(),
        /// How much is left when more should be ordered. Only if tracked.
        reorder_point: Option<Decimal<'a>> = INVENTORY.writable(),
        /// The lots that there are; at most 100. Only if tracked.
        lots: Doc<'a, Lots> = INVENTORY.writable().max(LOTS_MAX),
        /// Whether it is still sold; yes, unless given.
        active: bool = INVENTORY.writable().equal(),
        /// Identifiers in other systems.
        external_ids: Doc<'a, ExternalIds> = SYSTEM.writable().max(20),
        /// When it was created.
        created_at: Timestamp = SYSTEM.range(),
        /// When it last changed.
        updated_at: Timestamp = SYSTEM.range().sortable(),
        /// Grows with each change.
        version: i64 = SYSTEM,
        /// When it was deleted, on a tombstone.
        deleted_at: Option<Timestamp> = SYSTEM.sparse(),
    }
}

/// A body of `products.create`.
#[derive(Debug, Deserialize)]
pub struct NewProduct {
    sku: Option<String>,
    name: String,
    kind: ProductKind,
    revenue_category: Option<RevenueCategory>,
    gl_code: Option<String>,
    unit: Option<String>,
    price: Money,
    cost: Option<Money>,
    tax_code: Option<String>,
    controlled_schedule: Option<Schedule>,
    #[serde(default)]
    tracked: bool,
    on_hand: Option<String>,
    reorder_point: Option<String>,
    #[serde(default)]
    lots: Lots,
    active: Option<bool>,
    #[serde(default)]
    external_ids: ExternalIds,
}

/// A body of `products.update`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProductPatch {
    sku: Patch<String>,
    name: Patch<String>,
    kind: Patch<ProductKind>,
    revenue_category: Patch<RevenueCategory>,
    gl_code: Patch<String>,
    unit: Patch<String>,
    price: Patch<Money>,
    cost: Patch<Money>,
    tax_code: Patch<String>,
    controlled_schedule: Patch<Schedule>,
    tracked: Patch<bool>,
    on_hand: Patch<String>,
    reorder_point: Patch<String>,
    lots: Patch<Lots>,
    active: Patch<bool>,
    external_ids: Patch<ExternalIds>,
}

impl NewProduct {
    /// The new record. Whether its SKU is free is not checked here.
    pub fn record(self, id: ProductId, clinic: &ClinicFacts, now: Timestamp) -> Result<Product<'static>, Problem> {
        let product = Product {
            id,
            clinic_id: clinic.id,
            sku: self.sku.map(Cow::Owned),
            name: Cow::Owned(self.name),
            kind: self.kind,
            revenue_category: self.revenue_category.unwrap_or(RevenueCategory::Other),
            gl_code: self.gl_code.map(Cow::Owned),
            unit: self.unit.map_or(Cow::Borrowed(UNIT), Cow::Owned),
            price: self.price,
            cost: self.cost,
            tax_code: self.tax_code.map(Cow::Owned),
            controlled_schedule: self.controlled_schedule.unwrap_or(Schedule::None),
            tracked: self.tracked,
            on_hand: self.on_hand.map(Decimal::from),
            reorder_point: self.reorder_point.map(Decimal::from),
            lots: Doc::of(&self.lots),
            active: self.active.unwrap_or(true),
            external_ids: Doc::of(&self.external_ids),
            created_at: now,
            updated_at: now,
            version: 1,
            deleted_at: None,
        };
        product.check(clinic.currency)?;
        Ok(product)
    }
}

impl Product<'static> {
    /// Applies a patch; tells what is different now. Whether a new SKU is free is not checked here.
    pub fn apply(&mut self, patch: ProductPatch, currency: Currency) -> Result<Changes, Problem> {
        refusals::check_not_deleted(self.deleted_at)?;
        let mut changes = Changes::default();
        changes.optional_text("sku", patch.sku, &mut self.sku);
        changes.text("name", patch.name, &mut self.name);
        changes.value("kind", patch.kind, &mut self.kind);
        changes.value("revenue_category", patch.revenue_category, &mut self.revenue_category);
        changes.optional_text("gl_code", patch.gl_code, &mut self.gl_code);
        changes.text("unit", patch.unit, &mut self.unit);
        changes.value("price", patch.price, &mut self.price);
        changes.optional("cost", patch.cost, &mut self.cost);
        changes.optional_text("tax_code", patch.tax_code, &mut self.tax_code);
        changes.value("controlled_schedule", patch.controlled_schedule, &mut self.controlled_schedule);
        changes.value("tracked", patch.tracked, &mut self.tracked);
        changes.optional("on_hand", patch.on_hand.map(Decimal::from), &mut self.on_hand);
        changes.optional("reorder_point", patch.reorder_point.map(Decimal::from), &mut self.reorder_point);
        changes.document("lots", patch.lots, &mut self.lots);
        changes.value("active", patch.active, &mut self.active);
        changes.document("external_ids", patch.external_ids, &mut self.external_ids);
        self.check(currency)?;
        Ok(changes)
    }

    fn check(&self, currency: Currency) -> Result<(), Problem> {
        refusals::check_not_empty("/name", &self.name)?;
        refusals::check_not_empty("/unit", &self.unit)?;
        if let Some(sku) = &self.sku {
            refusals::check_not_empty("/sku", sku)?;
        }
        refusals::check_currency("/price", self.price, currency)?;
        self.cost.map_or(Ok(()), |cost| refusals::check_currency("/cost", cost, currency))?;
        self.check_stock()
    }

    fn check_stock(&self) -> Result<(), Problem> {
        let lots = self.lots.value().unwrap_or_default().0;
        let kept =
            [("/on_hand", self.on_hand.is_some()), ("/reorder_point", self.reorder_point.is_some()), ("/lots", !lots.is_empty())];
        if !self.tracked
            && let Some((pointer, _)) = kept.into_iter().find(|(_, given)| *given)
        {
            return Err(Problem::rule(pointer, "not_tracked", "is kept only for a `tracked` product"));
        }
        let negative = |text: &str| Decimal::from(text.to_owned()).ten_thousandths().is_none_or(|amount| amount < 0);
        if self.reorder_point.as_ref().is_some_and(|point| negative(&point.0)) {
            return Err(Problem::rule("/reorder_point", "range", "must not be less than zero"));
        }
        for (at, lot) in lots.iter().enumerate() {
            refusals::check_not_empty(&format!("/lots/{at}/number"), &lot.number)?;
            if lot.quantity.as_deref().is_some_and(negative) {
                return Err(Problem::rule(format!("/lots/{at}/quantity"), "range", "must not be less than zero"));
            }
            if lots.iter().take(at).any(|other| other.number == lot.number) {
                return Err(Problem::rule(format!("/lots/{at}/number"), "repeated", "stands here a second time"));
            }
        }
        Ok(())
    }

    /// Counts a change.
    pub fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
        self.version += 1;
    }
}

#[cfg(test)]
mod tests {
    use clinicos_contract::time::zone;
    use clinicos_gate::OrganizationId;
    use serde_json::{Value, json};

    use super::*;

    fn made(changes: Value) -> Result<Product<'static>, Problem> {
        let clinic = ClinicFacts {
            id: ClinicId::from_bytes([1; 16]),
            organization: OrganizationId::from_bytes([1; 16]),
            zone: zone("America/Chicago").unwrap(),
            currency: Currency::USD,
            takes_calls: true,
            writes_stopped: false,
            record_comes_in: false,
        };
        let mut body = json!({"name": "Bowl", "kind": "retail", "price": {"amount": 1_599, "currency": "USD"}});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let new: NewProduct = serde_json::from_value(body).unwrap();
        new.record(ProductId::from_bytes([2; 16]), &clinic, Timestamp::from_micros(0))
    }

    #[test]
    fn stock_is_kept_of_what_is_tracked() {
        for (changes, pointer, code) in [
            (json!({"on_hand": "1"}), "/on_hand", "not_tracked"),
            (json!({"reorder_point": "1"}), "/reorder_point", "not_tracked"),
            (json!({"lots": [{"number": "A"}]}), "/lots", "not_tracked"),
            (json!({"tracked": true, "reorder_point": "-1"}), "/reorder_point", "range"),
            (json!({"tracked": true, "lots": [{"number": "A"}, {"number": "A"}]}), "/lots/1/number", "repeated"),
            (json!({"tracked": true, "lots": [{"number": "A", "quantity": "-0.5"}]}), "/lots/0/quantity", "range"),
            (json!({"sku": ""}), "/sku", "empty"),
            (json!({"cost": {"amount": 1, "currency": "CAD"}}), "/cost", "currency_mismatch"),
        ] {
            let error = made(changes.clone()).unwrap_err().errors.remove(0);
            assert_eq!((error.pointer.as_str(), error.code), (pointer, code), "{changes}");
        }
        let mut product = made(json!({"tracked": true, "on_hand": "-2.5"})).unwrap();
        assert!(product.clone().apply(ProductPatch { tracked: Patch::Set(false), ..Default::default() }, Currency::USD).is_err());
        let given_up = ProductPatch { tracked: Patch::Set(false), on_hand: Patch::Clear, ..Default::default() };
        let changes = product.apply(given_up, Currency::USD).unwrap();
        assert_eq!(changes.names().collect::<Vec<_>>(), ["tracked", "on_hand"]);
    }
}
