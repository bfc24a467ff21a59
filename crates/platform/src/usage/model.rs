//! How a connection was used: what it called and read, by category of data.

use std::collections::BTreeMap;

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{Category, CategorySet, Field, Shape, Timestamp, record};
use clinicos_gate::ConnectionId;
use clinicos_store::journal::audit::usage::{Usage, Used};
use serde::{Deserialize, Serialize};

/// Microseconds.
pub const US_PER_HOUR: i64 = 3_600_000_000;
/// Most events that a follower is said to be behind.
pub const BEHIND_MAX: i64 = 10_000;
/// The days that usage is summed over.
pub const DAYS: i64 = 30;

/// What was read of one category.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CategoryUse {
    category: Category,
    calls: i64,
    records: i64,
    last_used_at: Timestamp,
}

/// What was read, by category.
#[derive(Debug, Clone, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct CategoryUses(pub Vec<CategoryUse>);

static CATEGORY_USE: Schema = Schema {
    name: "category_use",
    doc: "How often, and how much of, a category of data was read in 30 days.",
    fields: &[
        Field::of(Category::Practice).named("category", "The category.", Shape::Enum(Category::WORDS), false),
        Field::of(Category::Practice).named("calls", "Calls that showed it.", Shape::Int, false),
        Field::of(Category::Practice).named("records", "Records in the answers of those calls.", Shape::Int, false),
        Field::of(Category::Practice).named("last_used_at", "The last of those calls.", Shape::Time, false),
    ],
};

impl Document for CategoryUses {
    const SHAPE: Shape = Shape::List(&Shape::Object(&CATEGORY_USE));
    const EMPTY: &'static str = "[]";
}

record! {
    /// How a connection was used. Hours are whole ones, so "24 hours" are the current one and 23 before it.
    pub struct ConnectionUsage<'a> as "connection_usage" {
        /// The connection.
        id: ConnectionId = Field::of(Category::RecordSystem),
        /// Calls of the last 24 hours, refused ones included.
        calls_24h: i64 = Field::of(Category::Practice),
        /// Calls of the last 24 hours that were refused.
        refused_24h: i64 = Field::of(Category::Practice),
        /// Records that it read in the last 24 hours.
        records_24h: i64 = Field::of(Category::Practice),
        /// Its last call; null if it never called.
        last_used_at: Option<Timestamp> = Field::of(Category::Practice),
        /// What it read in the last 30 days. Only in the answer about one connection.
        categories: Option<Doc<'a, CategoryUses>> = Field::of(Category::Practice).sparse(),
        /// When it last went on with following changes, since the server was started. Only in the answer about one connection.
        followed_at: Option<Timestamp> = Field::of(Category::Practice).sparse(),
        /// How many events of the clinic came after what it held then, counted up to 10,000; not all of them need be of records that it may read. Only beside `followed_at`.
        behind: Option<i64> = Field::of(Category::Practice).sparse(),
        /// Always 1.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

impl ConnectionUsage<'static> {
    /// That of a connection which used so much in the last 24 hours.
    pub fn of(id: ConnectionId, used: Used) -> Self {
        let Usage { calls, refused, records, .. } = used.recent;
        let last_used_at = used.last_at.map(Timestamp::from_micros);
        Self {
            id,
            calls_24h: calls,
            refused_24h: refused,
            records_24h: records,
            last_used_at,
            categories: None,
            followed_at: None,
            behind: None,
            version: 1,
        }
    }
}

/// The first hour of the last so many, at a time.
pub fn since(now: Timestamp, hours: i64) -> i64 {
    (now.as_micros().div_euclid(US_PER_HOUR) - hours + 1) * US_PER_HOUR
}

/// What was read, by category.
pub fn by_category(used: BTreeMap<u8, Usage>) -> CategoryUses {
    let named = used.into_iter().filter_map(|(bit, usage)| {
        let category = CategorySet::from_bits(1 << bit).iter().next()?;
        let last_used_at = Timestamp::from_micros(usage.last_at);
        Some(CategoryUse { category, calls: usage.calls, records: usage.records, last_used_at })
    });
    CategoryUses(named.collect())
}
