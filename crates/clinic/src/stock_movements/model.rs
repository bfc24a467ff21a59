//! The stock movement: goods that came or went. How much there is of a product is what it started
//! with, plus its movements.

use std::borrow::Cow;

use clinicos_contract::category::Sensitivity;
use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Field, Money, Problem, Resource, Timestamp};
use clinicos_gate::{Announcement, Cx, OrProblem as _};

use super::sample;
use crate::ids::{InvoiceId, ProductId, StaffId, StockMovementKind};
use crate::plain::{Declared as _, Moment, Plain};
use crate::texts::Decimal;
use crate::{column_words, plain_record, products};

const INVENTORY: Field = Field::of(Category::Inventory);
/// What the clinic itself pays is no price that a partner needs.
const OWN_FIGURE: Field = Field::of(Category::Aggregates).sensitivity(Sensitivity::Internal);

column_words! {
    /// How goods came or went.
    MovementKind {
        /// Came from a supplier; more than zero.
        Received = "received",
        /// Went to a client; less than zero.
        Sold = "sold",
        /// Put right by hand.
        Adjusted = "adjusted",
        /// Spoiled, broken or expired; less than zero.
        Wasted = "wasted",
        /// Went to another place, or came from there.
        Transferred = "transferred",
        /// Came back from a client, or went back to a supplier.
        Returned = "returned",
        /// What a count found more or less than there should be; zero if it was right.
        Counted = "counted",
    }
}

plain_record! {
    /// Goods that came or went.
    pub struct StockMovement<'a>: StockMovementKind, "stock_movement" in "stock_movements";
    words "a stock movement", "stock movements";
    index "product_id" "invoice_id" "moved_at";
    money in currency;
    {
        /// Of what. Only of a tracked product.
        product_id: ProductId = INVENTORY.required().equal(),
        /// How they came or went.
        kind: MovementKind = INVENTORY.required().updatable().equal(),
        /// How much, in the product's unit: what came is more than zero, what went is less.
        quantity: Decimal<'a> = INVENTORY.required().updatable(),
        /// The lot, as it is printed on the goods.
        lot: Option<Cow<'a, str>> = INVENTORY.writable().filled().max(60).equal(),
        /// What one cost the clinic.
        unit_cost: Option<Money> = OWN_FIGURE.writable().at_least(0),
        /// The place that they went to or came from; only if `transferred`.
        location: Option<Cow<'a, str>> = INVENTORY.writable().filled().max(60).equal(),
        /// When they came or went.
        moved_at: Timestamp = INVENTORY.required().updatable().range().sortable(),
        /// Who moved them.
        staff_id: Option<StaffId> = INVENTORY.writable().equal(),
        /// The invoice that they were sold or returned with.
        invoice_id: Option<InvoiceId> = INVENTORY.writable().equal(),
        /// What else there is to say.
        note: Option<Cow<'a, str>> = INVENTORY.writable().max(1_000),
    }
}

impl Plain for StockMovement<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const CREATE_DOC: &'static str = "Changes `on_hand` of the product with it. A product that is not tracked is refused.";
    const UPDATE_DOC: &'static str = "Another quantity changes `on_hand` of the product by the difference.";
    const DELETE_DOC: &'static str =
        "For a movement that did not happen: `on_hand` of the product goes back, if it is still tracked.";
    const VERBS: &'static [&'static EventType] = &[Self::UPDATED, &products::events::UPDATED];
    const CREATE_VERBS: &'static [&'static EventType] = &[Self::CREATED, &products::events::UPDATED];
    const DELETE_VERBS: &'static [&'static EventType] = &[Self::DELETED, &products::events::UPDATED];

    fn settle(&mut self, _before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        let wrong =
            |detail: &str| Err(Problem::rule("/quantity", "range", format!("must be {detail} for `{}`", self.kind.name())));
        match (self.kind, self.moved()) {
            (MovementKind::Counted, _) => {}
            (MovementKind::Received, quantity) if quantity <= 0 => return wrong("more than zero"),
            (MovementKind::Sold | MovementKind::Wasted, quantity) if quantity >= 0 => return wrong("less than zero"),
            (_, 0) => return wrong("more or less than zero"),
            _ => {}
        }
        if self.location.is_some() && self.kind != MovementKind::Transferred {
            return Err(Problem::rule("/location", "not_transferred", "goes together with `transferred`"));
        }
        if self.invoice_id.is_some() && !matches!(self.kind, MovementKind::Sold | MovementKind::Returned) {
            return Err(Problem::rule("/invoice_id", "not_sold", "goes together with `sold` and `returned`"));
        }
        if self.moved_at > moment.now {
            return Err(Problem::rule("/moved_at", "range", "must not be later than now"));
        }
        Ok(())
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("product_id", self.product_id).with("kind", self.kind.name())
    }

    /// Moves what there is of the product by the difference to what this record said before.
    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let by = after.counted() - before.map_or(0, Self::counted);
        if before.is_some() && by == 0 {
            return Ok(());
        }
        let clinic = cx.clinic_id()?;
        let found = products::rows::lock(cx.conn(), clinic, after.product_id).await.or_problem()?;
        let tracked = found.filter(|product| product.tracked && product.deleted_at.is_none());
        let Some(mut product) = tracked else {
            // What is no longer tracked has no stock that could go back.
            return if after.deleted_at.is_some() {
                Ok(())
            } else {
                Err(Problem::rule("/product_id", "not_tracked", "must be a product of which stock is kept"))
            };
        };
        let known = product.on_hand.as_ref().and_then(Decimal::ten_thousandths).unwrap_or(0);
        let on_hand = Decimal::of_ten_thousandths(known + by)
            .ok_or_else(|| Problem::rule("/quantity", "range", "makes more of the product than can be counted"))?;
        if product.on_hand.is_some() && by == 0 {
            return Ok(());
        }
        product.on_hand = Some(on_hand);
        product.touch(cx.now());
        products::rows::update(cx.conn(), &product).await.or_problem()?;
        cx.emit(Announcement::new(&products::events::UPDATED, product.id.any(), product.version).changed(["on_hand"]));
        Ok(())
    }
}

impl StockMovement<'_> {
    /// How much it says, in ten-thousandths.
    fn moved(&self) -> i128 {
        self.quantity.ten_thousandths().unwrap_or(0)
    }

    /// How much of it counts: a deleted one did not happen.
    fn counted(&self) -> i128 {
        if self.deleted_at.is_some() { 0 } else { self.moved() }
    }
}
