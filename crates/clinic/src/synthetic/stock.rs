//! The price list as products: the same for a seed, whatever part of a whole is loaded.

use std::borrow::Cow;

use clinicos_contract::time::parse_date;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Id, Money};

use super::generate::{DAY_S, END_S, Place, mint, time};
use super::prices::{PRICES, Price, account};
use super::random::SplitMix64;
use crate::documents::ExternalIds;
use crate::ids::ProductId;
use crate::products::model::Product;
use crate::products::model::parts::{Lot, Lots, ProductKind, RevenueCategory, Schedule};
use crate::texts::Decimal;

/// Numbers of products come from sequences of their own, so that they change nothing else.
const SEQUENCE: u64 = 0x5052_4943;
/// The price list is older than any invoice of 30 years.
const MADE_S: i64 = END_S - 31 * 365 * DAY_S;

/// The ids of the products, in the order of the price list.
pub fn ids(seed: u64) -> Vec<ProductId> {
    (0..PRICES.len() as u64).map(|at| id(&mut numbers(seed, at))).collect()
}

/// The products of a price list.
pub fn products(seed: i64, place: Place) -> Vec<Product<'static>> {
    PRICES.iter().zip(0..).map(|(price, at)| product(seed, place, price, at)).collect()
}

fn numbers(seed: u64, at: u64) -> SplitMix64 {
    SplitMix64::new(seed ^ SEQUENCE, at)
}

fn id(random: &mut SplitMix64) -> Id<crate::ids::ProductKind> {
    mint(random, MADE_S)
}

fn product(seed: i64, place: Place, price: &Price, at: u64) -> Product<'static> {
    let mut random = numbers(seed.unsigned_abs(), at);
    let id = id(&mut random);
    let kind = kind(price.category);
    let tracked = matches!(kind, ProductKind::Drug | ProductKind::Vaccine | ProductKind::Food | ProductKind::Retail);
    let money = |amount| Money::new(amount, place.currency);
    let on_hand = random.between(12, 480);
    let lot = Lot {
        number: format!("L{:06}", random.below(1_000_000)),
        expires_on: parse_date("2028-03-31"),
        quantity: Some(on_hand.to_string()),
    };
    Product {
        id,
        clinic_id: place.clinic,
        sku: Some(Cow::Owned(format!("S{seed}-{:03}", at + 1))),
        name: Cow::Borrowed(price.description),
        kind,
        revenue_category: price.category,
        gl_code: Some(Cow::Borrowed(account(price.category))),
        unit: Cow::Borrowed(unit(price)),
        price: money(price.amount),
        cost: tracked.then(|| money(price.amount * random.between(35, 60) / 100)),
        tax_code: Some(Cow::Borrowed(if price.taxed { "standard" } else { "exempt" })),
        controlled_schedule: Schedule::None,
        tracked,
        on_hand: tracked.then(|| Decimal(Cow::Owned(on_hand.to_string()))),
        reorder_point: tracked.then(|| Decimal(Cow::Owned((on_hand / 4).to_string()))),
        lots: Doc::of(&Lots(if tracked { vec![lot] } else { Vec::new() })),
        active: true,
        external_ids: Doc::of(&ExternalIds::default()),
        created_at: time(MADE_S),
        updated_at: time(MADE_S),
        version: 1,
        deleted_at: None,
    }
}

fn kind(category: RevenueCategory) -> ProductKind {
    match category {
        RevenueCategory::Vaccines => ProductKind::Vaccine,
        RevenueCategory::Pharmacy | RevenueCategory::ParasitePrevention => ProductKind::Drug,
        RevenueCategory::Diet => ProductKind::Food,
        RevenueCategory::Retail => ProductKind::Retail,
        RevenueCategory::LabInHouse | RevenueCategory::LabReference => ProductKind::LabTest,
        RevenueCategory::Imaging => ProductKind::Imaging,
        RevenueCategory::Surgery | RevenueCategory::Anesthesia | RevenueCategory::Dentistry => ProductKind::Procedure,
        RevenueCategory::Boarding => ProductKind::Boarding,
        RevenueCategory::Grooming => ProductKind::Grooming,
        _ => ProductKind::Service,
    }
}

fn unit(price: &Price) -> &'static str {
    let named = [("tablet", "{tablet}"), ("capsule", "{capsule}"), ("per mL", "mL"), ("per night", "d")];
    named.into_iter().find(|(word, _)| price.description.ends_with(word)).map_or("1", |(_, unit)| unit)
}
